"""`python -m volint`."""

from __future__ import annotations

import os
import sys


def _forget_working_directory() -> None:
    """Take the working directory, which `-m` puts first, out of where modules are looked for.

    Nothing of what is looked at may be imported.
    """
    try:
        here = os.getcwd()
    except FileNotFoundError:
        return
    if not getattr(sys.flags, "safe_path", False) and sys.path[:1] == [here]:
        del sys.path[0]


_forget_working_directory()

from volint.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
