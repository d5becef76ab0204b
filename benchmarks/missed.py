"""Draw files of a corpus of which the regular persona reports nothing, to be read for what was missed.

    python benchmarks/missed.py CORPUS [--count 100]

Each kind of file has an equal share as far as it has files enough; within a kind the order is that of the SHA-256 of
the path, so that the draw is the same everywhere and does not follow the names. Printed is one path a line, with its
kind. missed.md beside this script says what a reader found in them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys

from precision import reported

from volint.kinds import kind_of_text


def told(corpus: str) -> set[str]:
    """Return the files with a finding of the regular persona, or with a label of one."""
    found = [each for each in reported(corpus) if each["code"] != "VL004"]
    labels = (label for each in found for label in each["labels"])
    return {each["file"] for each in (*found, *labels)}


def by_kind(corpus: str) -> dict[str, list[str]]:
    """Return the files that volint reads, by kind, in the order of the draw."""
    kinds: dict[str, list[str]] = {}
    for folder, folders, names in os.walk(corpus):
        folders.sort()
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), corpus).replace(os.sep, "/")
            if "/" not in path or path.startswith("LICENSES/"):
                continue
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as stream:
                kind = kind_of_text(path, stream.read())
            if kind is not None:
                kinds.setdefault(kind.value, []).append(path)
    for paths in kinds.values():
        paths.sort(key=lambda path: hashlib.sha256(path.encode()).hexdigest())
    return kinds


def draw(kinds: dict[str, list[str]], count: int) -> list[tuple[str, str]]:
    """Take files of the kinds in turn until there are enough."""
    drawn: list[tuple[str, str]] = []
    for turn in range(max(map(len, kinds.values()), default=0)):
        for kind, paths in sorted(kinds.items()):
            if turn < len(paths) and len(drawn) < count:
                drawn.append((kind, paths[turn]))
    return sorted(drawn)


def main() -> int:
    """Print the draw; return the exit status."""
    parser = argparse.ArgumentParser(description="Files without findings, to be read.")
    parser.add_argument("corpus", help="folder of projects")
    parser.add_argument("--count", type=int, default=100, help="how many [default: 100]")
    options = parser.parse_args()
    known = told(options.corpus)
    kinds = {
        kind: [path for path in paths if path not in known]
        for kind, paths in by_kind(options.corpus).items()
    }
    for kind, path in draw(kinds, options.count):
        print(f"{kind}\t{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
