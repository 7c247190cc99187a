"""Serves the page, on this machine alone unless told otherwise."""

import contextlib
import logging
import os
import signal
import socket
import webbrowser
from typing import TYPE_CHECKING, Any, Callable, Optional

from ..errors import NSTError
from .studio import Studio

if TYPE_CHECKING:
    import uvicorn

PORT = 7860          # unless it is taken
LOCAL = '127.0.0.1', 'localhost', '::1'
# A browser that keeps to this asks nobody else for anything
POLICY = ("default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
          "frame-ancestors 'self'; form-action 'self'; base-uri 'self'")
LARGEST = '200mb'    # of a file that is taken


def serve(folder: Optional[str] = None, host: str = '127.0.0.1',
          port: Optional[int] = None, ctx: Any = None,
          browser: bool = False) -> None:
    """Serve the page until the keyboard interrupts. `folder`: where the
    pictures stay; `port`: as in `listen`; `browser`: whether it is opened in
    one. Whatever else ends it, such as its terminal that is closed, ends it
    in the same way. Raises `NSTError`."""
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        # Of which the server knows nothing
        signal.signal(signal.SIGHUP, lambda *how: signal.raise_signal(
            signal.SIGTERM))
    opened = listen(host, port)
    # Wherever it is interrupted: the studio removes what it was given
    with contextlib.suppress(KeyboardInterrupt), opened, \
            Studio(folder, ctx) as studio:
        shown = 'localhost' if host in ('0.0.0.0', '::') else host
        shown = f'[{shown}]' if ':' in shown else shown
        address = f'http://{shown}:{opened.getsockname()[1]}'

        def tell():
            print(f'The page is at {address}. Ctrl-C ends it. '
                  f'{studio.promise}', flush=True)
            if browser and any(map(os.environ.get,
                                   ('DISPLAY', 'WAYLAND_DISPLAY'))):
                webbrowser.open(address)

        make_server(studio, host, tell).run(sockets=[opened])


def listen(host: str, port: Optional[int] = None) -> socket.socket:
    """A socket that is bound to a port, by default to `PORT` or to one that
    is free. Raises `NSTError`."""
    if port is None:
        with contextlib.suppress(NSTError):
            return listen(host, PORT)
        port = 0
    try:
        family = socket.getaddrinfo(host, port)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as e:
        raise NSTError(f'there can be no page at {host}, port {port} ('
                       f'{getattr(e, "strerror", None) or e}): choose '
                       'another --port or --host') from None


def make_server(studio: Studio, host: str,
                tell: Callable[[], None]) -> 'uvicorn.Server':
    """The server of the page of a `Studio`. It will `tell` as soon as it
    serves: from then on it ends quietly, whenever a signal comes."""
    # Read by Gradio when it is imported
    os.environ.update(GRADIO_ANALYTICS_ENABLED='False', HF_HUB_OFFLINE='1',
                      GRADIO_TEMP_DIR=os.path.join(studio.own, 'uploads'))
    import fastapi
    import gradio as gr
    import uvicorn
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from .page import THEME, Page, read
    app = fastapi.FastAPI(openapi_url=None)
    if host in LOCAL:    # no other site may pass for this one
        app.add_middleware(TrustedHostMiddleware,
                           allowed_hosts=['127.0.0.1', 'localhost', '[::1]'])

    @app.middleware('http')
    async def keep_to_yourself(request, answer):
        response = await answer(request)
        response.headers['Content-Security-Policy'] = POLICY
        response.headers['Referrer-Policy'] = 'no-referrer'
        return response

    gr.mount_gradio_app(
        app, Page(studio).blocks, '/', server_name=host, footer_links=[],
        run_history=False, allowed_paths=[studio.folder],
        max_file_size=LARGEST, ssr_mode=False, enable_monitoring=False,
        theme=THEME, css=read('page.css'))

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            tell()

    server = Server(uvicorn.Config(
        app, log_level='warning', timeout_graceful_shutdown=1))
    # A page that is open at the end still waits for news: no fault of anyone
    for name in 'uvicorn.error', 'asyncio':
        logging.getLogger(name).addFilter(
            lambda record: not server.should_exit)
    return server
