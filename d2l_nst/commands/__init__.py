"""The subcommands: each a thin reader of options over the package."""
