"""The language server, `volint lsp`: what volint finds, where it is written, while it is written.

Needs the packages of the extra `volint[lsp]`; nothing else in volint imports this one. An editor speaks the Language
Server Protocol with `server`; each folder it has open is a `bench`, which checks it by `run`s in a thread of their
own; `diagnostics`, `actions` and `hover` turn what was found into what an editor shows.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["MissingExtraError", "serve"]


class MissingExtraError(Exception):
    """The packages that the language server is made of are not installed; the text says what to do."""


def serve(parse: Callable[[Sequence[str]], dict[str, Any]]) -> None:
    """Serve one editor over standard input and output until it says goodbye.

    `parse` makes settings of a run of options of the command line and raises ValueError for what is none.
    Raises MissingExtraError without the extra.
    """
    try:
        import pygls.lsp.server  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "the language server needs packages of its own; install them with: pip install 'volint[lsp]'"
        ) from None
    from volint.lsp.handlers import listen
    from volint.lsp.server import VolintServer

    # The command line leaves the garbage of its one short run alone.
    gc.enable()
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    # A rule that prints must not speak to the editor.
    sys.stdout = sys.stderr
    # The thread that reads cannot be woken, and nothing is left to be done.
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))
    server = VolintServer(parse)
    listen(server)
    try:
        server.start_io(stdin, stdout)
    finally:
        server.rest()
