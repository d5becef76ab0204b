"""What to say of an error of volint itself, or of a pack: enough to report it, nothing of the input."""

from __future__ import annotations

__all__ = ["Misuse", "what_failed"]


class Misuse(Exception):
    """A rule that does not keep to its interface; the words say what to write, and nothing of the input."""


def what_failed(error: BaseException) -> str:
    """Return an error's type and the place in the code that raised it.

    Its own words may hold a value of the file, a secret among them, and are left out; those of a failed
    import hold names of modules only.
    """
    words = type(error).__name__
    if isinstance(error, Misuse):
        return str(error)
    if isinstance(error, ImportError):
        return f"{words}: {error}"
    trace = error.__traceback__
    place = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
        if not name.startswith("<"):
            place = f" in {name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return words + place
