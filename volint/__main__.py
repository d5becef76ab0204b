"""`python -m volint`."""

from __future__ import annotations

import os
import sys

if not getattr(sys.flags, "safe_path", False) and sys.path[:1] == [os.getcwd()]:
    # `-m` puts the working directory there, and nothing of what is looked at may be imported.
    del sys.path[0]

from volint.cli import main

if __name__ == "__main__":
    main()
