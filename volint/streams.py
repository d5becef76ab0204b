"""Standard output and standard error: what they can show, and what is written to them."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.app import Outcome

__all__ = [
    "discard_output",
    "emit",
    "is_dumb",
    "open_streams",
    "said",
    "say",
    "shown",
    "shows_progress",
    "write",
]

_LEADS = ("error", "warning", "note", "help")


def _color(given: Mapping[str, Any], stream: IO[str] | None = None) -> bool:
    """Decide whether a stream, stdout by default, gets colours.

    --color decides, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal.
    """
    chosen = given.get("color", "auto")
    if chosen != "auto":
        return bool(chosen == "always")
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return (stream or sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


def _width(stream: IO[str] | None = None) -> int | None:
    """Return the columns of the terminal that a stream, stdout by default, is; None where it is none."""
    stream = stream or sys.stdout
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


def _links(given: Mapping[str, Any]) -> bool:
    """Decide whether stdout shows hyperlinks: FORCE_HYPERLINK decides, then what is known of the terminal."""
    forced = os.environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in ("", "0")
    if given["color"] == "never" or not sys.stdout.isatty():
        return False
    from volint.report.terminal import shows_links

    return shows_links(os.environ)


def shown(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stdout shows: whether colours, how many columns, whether hyperlinks."""
    return {"color": _color(given), "width": _width(), "links": _links(given)}


def said(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stderr shows, as `shown` does, under names of its own."""
    return {
        "color_messages": _color(given, sys.stderr),
        "width_messages": _width(sys.stderr),
    }


def is_dumb() -> bool:
    """Return whether the terminal, if there is one, cannot clear a line; Windows says nothing of it."""
    return os.environ.get("TERM", "" if os.name == "nt" else "dumb") == "dumb"


def shows_progress(given: Mapping[str, Any]) -> bool:
    """Decide whether stderr shows how far a long run is: a terminal does that can, and that is somebody's."""
    return not (given.get("quiet") or not sys.stderr.isatty() or is_dumb() or "CI" in os.environ)


def write(stream: IO[str], text: str) -> None:
    """Write a text, with escapes for what the stream's encoding lacks."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = getattr(stream, "encoding", None) or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def say(message: str, given: Mapping[str, Any] = {}) -> None:
    """Write a message to stderr: what it begins with in its colour, broken at blanks where a terminal ends."""
    columns = _width(sys.stderr)
    if columns is not None and len(message) > columns and message[0] != " " and "\n" not in message:
        from volint.report.terminal import wrap

        message = "\n  ".join(wrap(message, max(columns - 2, 30), -2))
    level = next((level for level in _LEADS if message.startswith(f"{level}: ")), "")
    if level:
        from volint.report.terminal import Style

        style = Style(_color(given, sys.stderr))
        message = style("bold" if level == "help" else level, level) + message[len(level) :]
    write(sys.stderr, message + "\n")


def emit(outcome: Outcome, given: Mapping[str, Any] = {}) -> int:
    """Write what was rendered, and the words about the run to stderr; return the exit status."""
    for path, text in outcome.outputs:
        if path is None:
            write(sys.stdout, text)
            continue
        try:
            # A file name need not be UTF-8.
            with open(
                path, "w", encoding="utf-8", errors="backslashreplace", newline="\n"
            ) as stream:
                stream.write(text)
        except OSError as error:
            outcome.messages.append(
                f"error: cannot write '{path}': {error.strerror}; name a file that can be written"
            )
            outcome = outcome._replace(status=2)
    sys.stdout.flush()
    for message in outcome.messages:
        say(message, given)
    return outcome.status


def open_streams() -> None:
    """Let lines end in '\\n' everywhere; open what was closed before volint was started."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(newline="\n")


def discard_output() -> None:
    """Throw away what standard output still holds: Python would fail again on it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
