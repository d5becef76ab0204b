"""Seed defects into clean projects and count which rules find them.

    python benchmarks/mutation.py CORPUS [--choose [--write]] [--rule CODE...] [--list]

CORPUS is a folder of projects, each a folder of files. What is seeded stands in mutations.yaml beside this script:
for each rule the ways to spoil a project, each a mapping of

    in           kind of file that is spoilt: compose, dockerfile, shell, markdown, make, workflow, devcontainer,
                 quadlet or dockerignore
    if, unless   regular expressions that the file must, and must not, hold
    outside      regular expression that its path must not match
    image        regular expression for the image of the Compose service that is spoilt [default: the first service]
    sub          [regular expression, replacement], in the first place where it matches, or a list of them
    drop         keys taken out of the service
    service      what is added to the service: items to its lists, entries to its mappings
    top          what is added to the top level of the Compose file
    append       text behind the end of the file
    files        files beside it, by relative path ('/x' from the project's root) to their text
    remove       files taken away
    with         files that the project has before and after
    environment  what --environment says, before and after

'{service}', '{folder}' and '{name}' in what is added stand for the service, the seed's folder and its file name.

Which mutation goes into which file of the corpus stands in mutation.tsv, with the columns rule, mutation (its number
in the list, from 1) and file. Files that stand for no project of their own are named under `unfit`, with the reason. Before the mutation the project must be clean: no finding of the rule, in its own persona
or a quieter one, in the folder of the file. After it there must be one more in the project, in documents for the
pedantic persona, as everything there. `--choose` takes files in
an order that depends on rule and name alone, each of another project as long as there are any, looking at what is clean
and never at what is found; `--write` keeps the choice as the table. It is what happens for a corpus without a table.

Printed are, for each rule, how many mutations were found and how many missed, with the misses. The exit status is 1 if one is
missed, a project is not clean any more, or a rule has fewer than five; 2 if something cannot be read.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import warnings
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.error import ReusedAnchorWarning

from volint.plugins import load_packs, table
from volint.rule import Persona
from volint.testing import check_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ("rule", "mutation", "file")
WANTED = 5
"""Mutations of each rule."""
UNSEEDED = {"VL000": "is about a rule or reader that fails, which no project should bring about"}
FORMS = {
    "compose": re.compile(r"[^/]*\.ya?ml$"),
    "dockerfile": re.compile(r"(?i)(?:Dockerfile|Containerfile)[^/]*$|[^/]*\.dockerfile$"),
    "shell": re.compile(r"[^/]*\.(?:sh|bash)$"),
    "markdown": re.compile(r"(?i)[^/]*\.md$"),
    "make": re.compile(r"Makefile$"),
    "workflow": re.compile(r".*\.github/workflows/[^/]*\.ya?ml$"),
    "devcontainer": re.compile(r"devcontainer\.json$"),
    "quadlet": re.compile(r"[^/]*\.container$"),
    "dockerignore": re.compile(r"\.dockerignore$"),
}
PERSONAS = list(Persona)

Files = dict[str, str]
"""Texts of a project by relative path."""


class Seed(NamedTuple):
    """A file of the corpus that is spoilt in one of the ways of a rule."""

    rule: str
    mutation: int
    file: str


class Corpus:
    """The projects of a folder, with what is found in them as they are."""

    def __init__(self, root: str, unfit: Iterable[str]) -> None:
        self.root = root
        names = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        self.unfit = re.compile("|".join(f"(?:{each})" for each in unfit))
        self._projects: dict[str, Files] = {name: self._read(name) for name in names}
        self._clean: dict[object, list[tuple[str, str, int]]] = {}

    def _read(self, name: str) -> Files:
        files: Files = {}
        top = os.path.join(self.root, name)
        for folder, _, names in os.walk(top):
            for each in sorted(names):
                path = os.path.join(folder, each)
                try:
                    with open(path, encoding="utf-8", newline="") as stream:
                        files[os.path.relpath(path, top).replace(os.sep, "/")] = stream.read()
                except UnicodeDecodeError:
                    continue
        return files

    def files(self, file: str) -> tuple[str, Files]:
        """Return the path of a corpus file within its project, and the project's files; raise KeyError without it."""
        project, _, path = file.partition("/")
        if path not in self._projects[project]:
            raise KeyError(file)
        return path, dict(self._projects[project])

    def candidates(self, mutation: Mapping[str, Any]) -> Iterator[str]:
        """Yield the files that a mutation may be about."""
        form, outside = mutation["in"], re.compile(mutation.get("outside", "$^"))
        for project, files in self._projects.items():
            for path, text in files.items():
                file = f"{project}/{path}"
                if self.unfit.search(file) or outside.search(file):
                    continue
                if FORMS[form].match(path if form == "workflow" else path.rpartition("/")[2]) and (
                    form != "compose" or re.search(r"^services:", text, re.MULTILINE)
                ):
                    yield file

    def before(self, file: str, mutation: Mapping[str, Any]) -> list[tuple[str, str, int]]:
        """Return code, path and persona of what is found in a file's project before it is spoilt."""
        path, files = self.files(file)
        added = beside(path, mutation.get("with", {}))
        files.update(added)
        key = (file.partition("/")[0], mutation.get("environment"), tuple(sorted(added.items())))
        if key not in self._clean:
            self._clean[key] = found(files, mutation)
        return self._clean[key]


def found(files: Files, mutation: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Return code, path and persona of each finding."""
    return [
        (each.code, each.span.source.path, PERSONAS.index(each.persona))
        for each in check_files(files, environment=mutation.get("environment"))
    ]


def beside(path: str, files: Mapping[str, str]) -> Files:
    """Return files named relative to another one under their paths in the project."""
    folder = path.rpartition("/")[0]
    return {
        os.path.normpath(name[1:] if name.startswith("/") else os.path.join(folder, name)): text
        for name, text in files.items()
    }


def mutated(path: str, files: Files, mutation: Mapping[str, Any]) -> Files | None:
    """Return a project's files with one of them spoilt, None where the mutation does not apply."""
    text = files[path]
    if not re.search(mutation.get("if", ""), text, re.MULTILINE) or (
        "unless" in mutation and re.search(mutation["unless"], text, re.MULTILINE)
    ):
        return None
    folder, _, name = path.rpartition("/")
    names = {"folder": folder.rpartition("/")[2] or "project", "name": name}
    if not {"image", "drop", "service", "top"}.isdisjoint(mutation):
        made = in_compose(text, mutation, names)
        if made is None:
            return None
        text = made
    subs = mutation.get("sub", ())
    for pattern, replacement in [subs] if subs and isinstance(subs[0], str) else subs:
        text, number = re.subn(
            filled(pattern, names), filled(replacement, names), text, count=1, flags=re.MULTILINE
        )
        if not number:
            return None
    if "append" in mutation:
        text = text.rstrip("\n") + "\n" + filled(mutation["append"], names)
    after = {**files, **beside(path, mutation.get("with", {})), path: text}
    after.update(beside(path, filled(mutation.get("files", {}), names)))
    for gone in beside(path, dict.fromkeys(mutation.get("remove", ()), "")):
        if after.pop(gone, None) is None:
            return None
    return after if after != {**files, **beside(path, mutation.get("with", {}))} else None


def in_compose(text: str, mutation: Mapping[str, Any], names: dict[str, str]) -> str | None:
    """Return a Compose file with a service, or its top level, spoilt."""
    warnings.simplefilter("ignore", ReusedAnchorWarning)
    yaml = YAML(typ="rt")
    yaml.preserve_quotes, yaml.width = True, 1 << 20
    yaml.indent(sequence=4, offset=2)
    try:
        document = yaml.load(text)
        services = document["services"]
        service = next(
            service
            for key, service in services.items()
            if "extends" not in service
            and ("image" in service or "build" in service)
            and re.search(mutation.get("image", ""), str(service.get("image", "")))
            and all(key in service for key in mutation.get("drop", ()))
            and names.update(service=key) is None
        )
    except (YAMLError, KeyError, TypeError, AttributeError, StopIteration):
        return None
    for key in mutation.get("drop", ()):
        del service[key]
    merge(service, filled(mutation.get("service", {}), names))
    merge(document, filled(mutation.get("top", {}), names))
    stream = io.StringIO()
    yaml.dump(document, stream)
    made = stream.getvalue()
    return made.replace("\n", "\r\n") if "\r\n" in text else made


def merge(into: Any, added: Mapping[str, Any]) -> None:
    """Add to a mapping: items to lists, entries to mappings; everything else is replaced."""
    for key, value in added.items():
        old = into.get(key)
        if isinstance(old, list):
            into[key] = [
                *old,
                *(value if isinstance(value, list) else [f"{k}={v}" for k, v in value.items()]),
            ]
        elif isinstance(old, dict) and isinstance(value, dict):
            merge(old, value)
        else:
            into[key] = value


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """Return text, or texts in lists and mappings, with the placeholders filled in."""
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, dict):
        return {filled(key, names): filled(each, names) for key, each in value.items()}
    return [filled(each, names) for each in value] if isinstance(value, list) else value


class Run:
    """The mutations of all rules over a corpus."""

    def __init__(self, corpus: str) -> None:
        with open(os.path.join(HERE, "mutations.yaml"), encoding="utf-8") as stream:
            self.mutations: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load(
                stream
            )
        self.personas = {
            code: PERSONAS.index(entry.load().persona)
            for code, (entry, _) in table(load_packs()).items()
        }
        unfit = self.mutations.pop("unfit")
        unknown = self.personas.keys() ^ self.mutations.keys() ^ UNSEEDED.keys()
        if unknown:
            raise ValueError(f"mutations.yaml and the rules differ in {' '.join(sorted(unknown))}")
        self.corpus = Corpus(corpus, unfit)

    def is_clean(self, seed: Seed) -> bool:
        """Return whether nothing of a seed's rule is found in the folder of its file."""
        path, _ = self.corpus.files(seed.file)
        mutation = self.mutations[seed.rule][seed.mutation - 1]
        return not any(
            code == seed.rule
            and persona <= self.persona(seed)
            and os.path.dirname(where) == os.path.dirname(path)
            for code, where, persona in self.corpus.before(seed.file, mutation)
        )

    def persona(self, seed: Seed) -> int:
        """Return the persona that must be shown the finding."""
        form = self.mutations[seed.rule][seed.mutation - 1]["in"]
        return max(
            self.personas[seed.rule], PERSONAS.index(Persona.PEDANTIC) * (form == "markdown")
        )

    def number(self, seed: Seed, findings: Sequence[tuple[str, str, int]]) -> int:
        """Return how many findings of a seed's rule there are."""
        shown = self.persona(seed)
        return sum(code == seed.rule and persona <= shown for code, _, persona in findings)

    def is_found(self, seed: Seed) -> bool:
        """Return whether a seeded defect is found; raise ValueError where it cannot be seeded any more."""
        mutation = self.mutations[seed.rule][seed.mutation - 1]
        files = mutated(*self.corpus.files(seed.file), mutation)
        if files is None:
            raise ValueError(f"mutation {seed.mutation} of {seed.rule} does not fit {seed.file}")
        before = self.corpus.before(seed.file, mutation)
        return self.number(seed, found(files, mutation)) > self.number(seed, before)

    def choose(self, rule: str, wanted: int = WANTED) -> list[Seed]:
        """Return files for the mutations of a rule: one after the other, of different projects while there are any."""
        mutations = self.mutations[rule]
        chosen: list[Seed] = []
        projects: set[str] = set()
        for is_strict in (True, False):
            queues = {
                number: iter(sorted(self.corpus.candidates(each), key=order(rule)))
                for number, each in enumerate(mutations, 1)
            }
            while queues and len(chosen) < wanted:
                for number in list(queues):
                    for file in queues[number]:
                        project = file.partition("/")[0]
                        if project in projects if is_strict else file in {s.file for s in chosen}:
                            continue
                        seed = Seed(rule, number, file)
                        if mutated(
                            *self.corpus.files(file), mutations[number - 1]
                        ) and self.is_clean(seed):
                            chosen.append(seed)
                            projects.add(project)
                            break
                    else:
                        del queues[number]
                    if len(chosen) == wanted:
                        break
        return chosen


def order(rule: str) -> Any:
    """Return a key that sorts files in an order of a rule's own."""
    return lambda file: zlib.crc32(f"{rule} {file}".encode())


def read_table(path: str) -> dict[str, list[Seed]]:
    """Return the seeds of each rule; raise ValueError for a row that is not well-formed."""
    seeds: dict[str, list[Seed]] = {}
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            row = line.rstrip("\n").split("\t")
            if tuple(row) == COLUMNS and number == 1:
                continue
            if len(row) != len(COLUMNS) or not row[1].isdigit():
                raise ValueError(f"{path}:{number}: this is no row")
            seeds.setdefault(row[0], []).append(Seed(row[0], int(row[1]), row[2]))
    return seeds


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return the exit status."""
    parser = argparse.ArgumentParser(description="Which seeded defects are found.")
    parser.add_argument("corpus", help="folder of projects")
    parser.add_argument("--choose", action="store_true", help="choose files anew")
    parser.add_argument("--write", action="store_true", help="keep the choice in mutation.tsv")
    parser.add_argument("--rule", action="append", help="look at this rule only; repeatable")
    parser.add_argument("--list", action="store_true", help="list what is found as well")
    options = parser.parse_args(arguments)
    kept = os.path.join(HERE, "mutation.tsv")
    try:
        run = Run(options.corpus)
        rules = options.rule or sorted(run.mutations)
        chosen = {rule: run.choose(rule) for rule in rules} if options.choose else read_table(kept)
        bad = [line for rule in rules for line in report(run, rule, chosen.get(rule, []), options)]
    except (OSError, ValueError, KeyError) as error:
        print(f"mutation: {error}", file=sys.stderr)
        return 2
    for rule, why in UNSEEDED.items():
        print(f"{rule}  none: it {why}")
    if options.write:
        with open(kept, "w", encoding="utf-8") as stream:
            rows = [COLUMNS, *(seed for rule in rules for seed in chosen[rule])]
            stream.writelines("\t".join(map(str, row)) + "\n" for row in rows)
    print(f"{len(bad)} faults" if bad else "all are found, and the projects are clean before")
    return 1 if bad else 0


def report(run: Run, rule: str, seeds: list[Seed], options: argparse.Namespace) -> list[str]:
    """Print a rule's row; return what is wrong."""
    bad = []
    missed = 0
    if len(seeds) < WANTED:
        bad.append(f"{rule}: {len(seeds)} mutations, {WANTED} are wanted")
    for seed in seeds:
        name = f"{rule} {seed.mutation} {seed.file}"
        if not run.is_clean(seed):
            bad.append(f"not clean  {name}")
        if not run.is_found(seed):
            missed += 1
            bad.append(f"missed     {name}")
        elif options.list:
            print(f"found      {name}")
    print(f"{rule}  {len(seeds) - missed} found, {missed} missed", *bad, sep="\n  ", flush=True)
    return bad


if __name__ == "__main__":
    sys.exit(main())
