"""A page in the browser on which one paints, on this machine alone.

`job` is a picture that is being painted, `studio` paints one after the other,
in a thread of its own. Neither knows the page: that is `page`, on Gradio,
which is an extra.
"""
