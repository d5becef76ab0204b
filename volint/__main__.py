"""`python -m volint`, and what the command `volint` calls."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


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


def main() -> None:
    """Run the command line and exit, quietly also where it is interrupted before it has been imported."""
    try:
        _forget_working_directory()
        from volint.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
