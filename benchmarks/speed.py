"""Measure CPU seconds of whole volint processes and print a table.

    python benchmarks/speed.py [--runs 5] [--corpus DIR]

Figures are user + system time of the process and its children on one core (`taskset` is not needed: nothing
runs in parallel), the median of the runs after one warm-up. `bare` is `python -c pass`.
DIR is a folder of Compose files whose mix is repeated to make 1,000 folders; without it that row is left out.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

SMALL = """\
services:
  web:
    image: nginx:1.27
    restart: unless-stopped
    ports:
      - "8080:80"
    volumes:
      - ./html:/usr/share/nginx/html:ro
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
    depends_on:
      - app
  app:
    image: registry.example.com/shop/app:1.4.2
    environment:
      DATABASE_URL: ${DATABASE_URL:?set it}
      LOG_LEVEL: info
    tmpfs:
      - /tmp:size=64m
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/pw
    secrets: [pw]
    volumes:
      - db-data:/var/lib/postgresql/data
volumes:
  db-data:
secrets:
  pw:
    environment: DB_PASSWORD
"""


def cpu(command: list[str], cwd: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def measure(command: list[str], cwd: str, runs: int) -> float:
    cpu(command, cwd)
    return statistics.median(cpu(command, cwd) for _ in range(runs))


STEPS = """
import sys, time
import volint.session as session
session.perf_counter = time.process_time
run = session.Session({"paths": (".",), "no_config": True})
found = run.discovery()
with run.knowledge():
    run.result(run.workspace(found), found)
before = run.laps[0][1]
for what, now in run.laps[1:]:
    print(f"{what}\\t{now - before}")
    before = now
"""
"""Prints the CPU seconds of each step of one whole run."""


def steps(folder: str, runs: int = 3) -> dict[str, float]:
    """Return what reading and the rules cost in one process, the lower of some runs."""
    found: dict[str, float] = {}
    for _ in range(runs):
        text = subprocess.run(
            [sys.executable, "-c", STEPS], cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        for row in text.splitlines():
            what, seconds = row.split("\t")
            if what in ("reading", "rules"):
                found[what] = min(float(seconds), found.get(what, float("inf")))
    return found


def tree(root: str, texts: list[dict[str, str]], count: int) -> float:
    """Write `count` folders with the texts in turn; return the mean size of a folder in bytes."""
    total = 0
    for number in range(count):
        folder = os.path.join(root, f"p{number:05d}")
        os.makedirs(folder)
        for name, text in texts[number % len(texts)].items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
                stream.write(text)
            total += len(text.encode())
    return total / count


def compose_texts(corpus: str) -> list[dict[str, str]]:
    found = []
    for folder, _, names in sorted(os.walk(corpus)):
        for name in sorted(names):
            if name.endswith((".yml", ".yaml")) and "compose" in name:
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as stream:
                    found.append({"compose.yaml": stream.read()})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--corpus", default=os.environ.get("VOLINT_CORPUS"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rules", action="store_true", help="also the share of the rules")
    parser.add_argument("--large", action="store_true", help="also 10,000 projects of three files")
    given = parser.parse_args()
    volint = [os.path.join(os.path.dirname(sys.executable), "volint")]
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as root:
        bare = measure([sys.executable, "-c", "pass"], root, given.runs)
        rows.append(("bare python -c pass", bare, ""))
        version = measure([*volint, "--version"], root, given.runs)
        rows.append(("volint --version", version, f"{(version - bare) * 1000:.0f} ms above bare"))
        one = os.path.join(root, "one")
        os.makedirs(one)
        with open(os.path.join(one, "compose.yaml"), "w", encoding="utf-8") as stream:
            stream.write(SMALL)
        small = measure([*volint, "compose.yaml"], one, given.runs)
        rows.append(("one small Compose file", small, f"{len(SMALL)} bytes"))
        many = os.path.join(root, "many")
        size = tree(many, [{"compose.yaml": SMALL}], given.count)
        spent = measure([*volint, "."], many, max(3, given.runs // 2))
        each = (spent - small) / given.count * 1000
        rows.append((f"{given.count} folders, {size:.0f} bytes", spent, f"{each:.2f} ms per file"))
        if given.corpus:
            mix = os.path.join(root, "mix")
            size = tree(mix, compose_texts(given.corpus), given.count)
            spent = measure([*volint, "."], mix, max(3, given.runs // 2))
            each = (spent - small) / given.count * 1000
            rows.append(
                (
                    f"{given.count} folders, corpus mix, {size:.0f} bytes",
                    spent,
                    f"{each:.2f} ms per file",
                )
            )
        dev = "services:\n  web:\n    volumes:\n      - ./src:/app\n"
        prod = (
            "services:\n  web:\n    restart: always\n    environment:\n      NODE_ENV: production\n"
        )
        three = {"compose.yaml": SMALL, "compose.override.yaml": dev, "compose.prod.yaml": prod}
        for count in (given.count, given.count * 10) if given.large else (given.count,):
            folder = os.path.join(root, f"three{count}")
            tree(folder, [three], count)
            spent = measure([*volint, "."], folder, 3)
            each = (spent - small) / count * 1000
            rows.append((f"{count} projects of three files", spent, f"{each:.2f} ms per project"))
        if given.rules:
            folder = os.path.join(root, f"three{given.count}")
            for step, seconds in steps(folder).items():
                each = seconds / given.count * 1000
                rows.append((f"  of these {step}", seconds, f"{each:.2f} ms per project"))
    width = max(len(row[0]) for row in rows)
    print(f"{'what'.ljust(width)}  CPU s  ")
    for what, seconds, note in rows:
        print(f"{what.ljust(width)}  {seconds:5.3f}  {note}")


if __name__ == "__main__":
    main()
