"""`python -m volint`."""

from __future__ import annotations

from volint.cli import main

if __name__ == "__main__":
    main()
