"""Join the findings of the regular persona over a corpus with the verdicts of people who read them.

    python benchmarks/precision.py CORPUS [--elsewhere CLONES] [--table FILE] [--list]

CORPUS is a folder of projects, laid out as the table names its files; CLONES another, which precision-elsewhere.tsv
is about. The table (precision.tsv beside this script unless another is given) has a head and the columns

    file        path below CORPUS
    line        line of the finding, from 1
    rule        its code
    verdict     right: an owner of the project would thank for it, or the fact is theirs to know
                arguable: true, but the owner has a reason to keep it so
                wrong: the statement or the advice is false there
    reason      why, in a few words; no content of the file, and never a value of a secret

Printed are, for each rule and in all: findings judged right, arguable and wrong, their shares in per cent of
those judged, findings that nobody has judged yet, and rows whose finding is gone (mended rules). Several findings of one
rule on one line share their row. The last line leaves VL004 aside, which is about files that an extract lacks; the
limits hold for it, too. The exit status is 1 if a share is over its limit (see LIMITS), 2 if the table or the
output of volint cannot be read.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any, NamedTuple

VERDICTS = ("right", "arguable", "wrong")
COLUMNS = ("file", "line", "rule", "verdict", "reason")
LIMITS = {"wrong": 3.0, "arguable": 10.0}
"""Per cent of all judged findings."""
RULE_LIMIT = 10.0
"""Per cent of one rule's findings that may be wrong."""


class Key(NamedTuple):
    """What a row and its findings have in common."""

    file: str
    line: int
    rule: str


def reported(corpus: str) -> list[dict[str, Any]]:
    """Run volint over a folder; return the findings of the regular persona as `--format json` has them."""
    command = [
        sys.executable,
        "-m",
        "volint",
        "check",
        "--no-config",
        "-q",
        "--format",
        "json",
        ".",
    ]
    done = subprocess.run(command, cwd=corpus, stdout=subprocess.PIPE, check=False)
    return [each for each in json.loads(done.stdout)["findings"] if each["persona"] == "regular"]


def findings(corpus: str) -> list[tuple[Key, str]]:
    """Return the key and the message of each finding over a folder, those of parsers included."""
    return [
        (Key(found["file"], found["line"], found["code"]), found["message"])
        for found in reported(corpus)
    ]


def table(path: str) -> dict[Key, str]:
    """Return the verdict of each row; raise ValueError for a row that is not well-formed or stands twice."""
    rows: dict[Key, str] = {}
    with open(path, encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(next(reader, ())) != COLUMNS:
            raise ValueError(f"{path}: the head is not {' '.join(COLUMNS)}")
        for row in reader:
            if len(row) != len(COLUMNS) or not row[1].isdigit() or row[3] not in VERDICTS:
                raise ValueError(f"{path}:{reader.line_num}: this is no row")
            key = Key(row[0], int(row[1]), row[2])
            if key in rows:
                raise ValueError(f"{path}:{reader.line_num}: this finding has a row already")
            rows[key] = row[3]
    return rows


def share(count: Counter[str], verdict: str) -> float:
    """Return how many of those judged have a verdict, in per cent."""
    judged = sum(count[each] for each in VERDICTS)
    return 100 * count[verdict] / judged if judged else 0.0


def line(name: str, count: Counter[str]) -> str:
    """Return a row of the printed table."""
    figures = "".join(f"{count[each]:>7} {share(count, each):>5.1f} %" for each in VERDICTS)
    return f"{name:<7}{figures}{count['unjudged']:>10}{count['gone']:>7}"


def excesses(rules: dict[str, Counter[str]], totals: dict[str, Counter[str]]) -> list[str]:
    """Return which limits are not kept."""
    found = [
        f"{verdict}: {share(total, verdict):.1f} % of {name}, at most {limit:g} % are wanted"
        for name, total in totals.items()
        for verdict, limit in LIMITS.items()
        if share(total, verdict) > limit
    ]
    found += [
        f"{rule}: {share(count, 'wrong'):.1f} % wrong, at most {RULE_LIMIT:g} % are wanted"
        for rule, count in sorted(rules.items())
        if share(count, "wrong") > RULE_LIMIT
    ]
    return found


def main() -> int:
    """Print the figures; return the exit status."""
    parser = argparse.ArgumentParser(description="How many findings over a corpus are right.")
    parser.add_argument("corpus", help="folder of projects")
    parser.add_argument("--table", default=_beside("precision.tsv"), help="verdicts on it")
    parser.add_argument("--elsewhere", help="another folder, judged in precision-elsewhere.tsv")
    parser.add_argument("--list", action="store_true", help="list what is unjudged or gone as well")
    options = parser.parse_args()
    folders = [(options.corpus, options.table)]
    if options.elsewhere:
        folders.append((options.elsewhere, _beside("precision-elsewhere.tsv")))
    rules: dict[str, Counter[str]] = {}
    try:
        for folder, verdicts in folders:
            count(rules, table(verdicts), findings(folder), listing=options.list)
    except (OSError, ValueError) as error:
        print(f"precision: {error}", file=sys.stderr)
        return 2

    print(f"{'rule':<7}{'right':>9}{'arguable':>15}{'wrong':>15}{'unjudged':>15}{'gone':>7}")
    for rule, each in sorted(rules.items()):
        print(line(rule, each))
    totals = {
        "all": sum(rules.values(), Counter()),
        "others": sum((each for rule, each in rules.items() if rule != "VL004"), Counter()),
    }
    for name, total in totals.items():
        print(line(name, total))
    over = excesses(rules, totals)
    print("\n".join(over) if over else "all limits are kept")
    return 1 if over else 0


def _beside(name: str) -> str:
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def count(
    rules: dict[str, Counter[str]],
    verdicts: dict[Key, str],
    found: list[tuple[Key, str]],
    *,
    listing: bool,
) -> None:
    """Add the findings of a folder to the counts of their rules."""
    for key, message in found:
        verdict = verdicts.get(key, "unjudged")
        rules.setdefault(key.rule, Counter())[verdict] += 1
        if listing and verdict == "unjudged":
            print(f"unjudged  {key.file}:{key.line} {key.rule} {message}")
    for key in sorted(verdicts.keys() - {key for key, _ in found}):
        rules.setdefault(key.rule, Counter())["gone"] += 1
        if listing:
            print(f"gone      {key.file}:{key.line} {key.rule}")


if __name__ == "__main__":
    sys.exit(main())
