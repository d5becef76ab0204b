"""Fixes: which are applied, in what order, what becomes of the files, and what the command says."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from fixproperties import faults
from realcommand import environment, tree, volint

from volint import rewrite as rewriting
from volint.files import Files
from volint.fix import Change, Fixed, View, fix
from volint.fixrun import Repaired
from volint.plugins import load_packs, table
from volint.report import Options
from volint.report.diff import render
from volint.rewrite import rewrite
from volint.rule import Edit, Finding, Fix
from volint.source import Source, Span, apply
from volint.testing import examples, fix_files, read_fixture

HERE = Path(__file__).parent
RULES = HERE / "fixtures" / "rules"
SETS = ("projects", "output", "mutation")

WEB = """\
services:
  web:
    image: nginx:1.27  # as ever
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf
"""
UNDECLARED = """\
services:
  app:
    image: example.org/app:1
    volumes:
      - data:/data
"""


# -- edits


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ([], "0123456789"),
        ([(2, 4, "x")], "01x456789"),
        ([(0, 0, "a"), (10, 10, "z")], "a0123456789z"),
        ([(8, 9, ""), (2, 2, "--"), (4, 6, "é")], "01--23é67" + "9"),
    ],
)
def test_edits_are_applied_in_any_order(edits: list[tuple[int, int, str]], after: str) -> None:
    assert apply("0123456789", edits) == after
    assert apply("0123456789", reversed(edits)) == after


class Words:
    """A check of one text: each capital letter is a finding, and its fix makes it small."""

    def __init__(
        self, text: str, *, edits: Callable[[Source, int], list[Edit]] | None = None
    ) -> None:
        self.source = Source("words", text, file=os.path.realpath("words"))
        self.edits = edits or (lambda source, at: [self.small(source, at)])
        self.texts: list[str] = []

    @staticmethod
    def small(source: Source, at: int) -> Edit:
        return Edit(Span(source, at, at + 1), source.text[at].lower())

    def view(self, text: str) -> View:
        source = Source("words", text, file=self.source.file)
        found = [
            Finding(
                "X1",
                "capital",
                Span(source, at, at + 1),
                f"'{char}'",
                fix=Fix("make it small", tuple(self.edits(source, at)), safe=char != "U"),
                source=char,
            )
            for at, char in enumerate(text)
            if char.isupper()
        ]
        return View(found, {("VL001", "words"): text.count("!")})

    def check(self, texts: Mapping[str, str]) -> View:
        (text,) = texts.values()
        self.texts.append(text)
        return self.view(text)

    def fixed(self, *, unsafe: bool = False) -> Fixed:
        return fix(self.view(self.source.text), self.check, lambda _: self.source, unsafe=unsafe)


def outcome(fixed: Fixed) -> str | None:
    return fixed.changes[0].text if fixed.changes else None


def test_fixes_that_do_not_touch_are_applied_together() -> None:
    words = Words("A.B.C")
    fixed = words.fixed()
    assert (outcome(fixed), len(fixed.fixed), len(words.texts)) == ("a.b.c", 3, 1)


def test_fixes_that_touch_wait_for_the_next_round() -> None:
    words = Words("ABC.D")
    assert outcome(words.fixed()) == "abc.d"
    assert words.texts == ["aBc.d", "abc.d"]


def test_equal_fixes_are_one() -> None:
    def all_of_them(source: Source, _: int) -> list[Edit]:
        return [Words.small(source, at) for at, char in enumerate(source.text) if char.isupper()]

    words = Words("A.B.C", edits=all_of_them)
    assert (outcome(words.fixed()), len(words.texts)) == ("a.b.c", 1)


@pytest.mark.parametrize(
    ("lines", "checks"),
    [(("\n x", "\n y"), 1), (("\r\n x", "\r\n y"), 1), (("\n x", "\n x"), 2), (("x", "y"), 2)],
)
def test_lines_behind_one_line_get_along(lines: tuple[str, str], checks: int) -> None:
    def edits(source: Source, at: int) -> list[Edit]:
        line = lines[source.text[at] == "B"]
        end = len(source.text)
        return [Words.small(source, at), Edit(Span(source, end, end), line)]

    words = Words("A.B.", edits=edits)
    assert outcome(words.fixed()) == "a.b." + "".join(lines)
    assert len(words.texts) == checks


def test_unsafe_fixes_are_asked_for() -> None:
    assert outcome(Words("A.U").fixed()) == "a.U"
    assert outcome(Words("A.U").fixed(unsafe=True)) == "a.u"


def test_a_fix_that_breaks_the_text_is_left_out_alone() -> None:
    def edits(source: Source, at: int) -> list[Edit]:
        char = source.text[at]
        return [Edit(Span(source, at, at + 1), "!" if char == "B" else char.lower())]

    fixed = Words("A.B.C.D", edits=edits).fixed()
    assert outcome(fixed) == "a.B.c.d"
    assert fixed.left_out == (
        "words:1:3: the fix of X1 is left out: 'words' could not be read any more with it",
    )


def test_a_fix_that_does_not_help_is_left_out() -> None:
    def edits(source: Source, at: int) -> list[Edit]:
        small = source.text[at].lower()
        return [Edit(Span(source, at, at + 1), "Bb" if small == "b" else small)]

    fixed = Words("A.B.C", edits=edits).fixed()
    assert outcome(fixed) == "a.B.c"
    assert fixed.left_out == (
        "words:1:3: the fix of X1 is left out: it does not make the finding go away",
    )


def test_a_fix_that_costs_a_container_is_left_out() -> None:
    words = Words("A.B.C")

    def check(texts: Mapping[str, str]) -> View:
        view = words.check(texts)
        return view._replace(described={"words": 1 if "b" in words.texts[-1] else 2})

    view = words.view("A.B.C")._replace(described={"words": 2})
    fixed = fix(view, check, lambda _: words.source)
    assert outcome(fixed) == "a.B.c"
    assert fixed.left_out == (
        "words:1:3: the fix of X1 is left out: 'words' would not be understood as before",
    )


def test_what_was_left_out_is_tried_again_once_something_else_is_fixed() -> None:
    def edits(source: Source, at: int) -> list[Edit]:
        waits = source.text[at] == "B" and "c" not in source.text
        return [Edit(Span(source, at, at + 1), "!" if waits else source.text[at].lower())]

    fixed = Words("BC", edits=edits).fixed()
    assert (outcome(fixed), fixed.left_out) == ("bc", ())


def test_rounds_end() -> None:
    def edits(source: Source, at: int) -> list[Edit]:
        other = {"A": "B", "B": "A"}[source.text[at]]
        return [Edit(Span(source, at, at + 1), other)]

    words = Words("A", edits=edits)
    words.fixed()
    assert len(words.texts) == 100


def test_a_fix_with_edits_that_touch_one_another_is_not_applied() -> None:
    def edits(source: Source, at: int) -> list[Edit]:
        return [Words.small(source, at), Edit(Span(source, at + 1, at + 1), "x")]

    assert outcome(Words("A.", edits=edits).fixed()) is None


# -- outcomes of rules

OUTCOMES = {
    "read-only, with comment, quotes and windows line breaks": (
        "compose.yaml",
        WEB.replace(
            "- ./nginx.conf:/etc/nginx/nginx.conf",
            "- './nginx.conf:/etc/nginx/nginx.conf'  # ours",
        ).replace("\n", "\r\n"),
        ("nginx.conf'", "nginx.conf:ro'"),
    ),
    "read-only, long form": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      -   type: bind\n          source: ./a.conf\n"
        "          target: /etc/nginx/nginx.conf # ours\n          bind: {}\n",
        ("# ours\n", "# ours\n          read_only: true\n"),
    ),
    "read-only, flow form": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n"
        "      - { type: bind, source: ./a.conf, target: /etc/nginx/nginx.conf, }\n",
        (", }", ", read_only: true }"),
    ),
    "read-only, long form that says it is not": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - type: bind\n        source: ./a.conf\n"
        "        target: /etc/nginx/nginx.conf\n        read_only: false # yet\n",
        ("false", "true"),
    ),
    "read-only, flow form of two lines": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - {type: bind, source: ./a.conf,\n"
        "         target: /etc/nginx/nginx.conf\n        }\n",
        ("nginx.conf\n", "nginx.conf, read_only: true\n"),
    ),
    "read-only, continued run line": (
        "run.sh",
        "docker run \\\n  --mount type=bind,src=/srv/nginx.conf,dst=/etc/nginx/nginx.conf,ro=false \\\n"
        "  -v /srv/a.conf:/etc/nginx/a.conf \\\n  nginx:1.27\n",
        ("ro=false", "ro=true", "nginx/a.conf", "nginx/a.conf:ro"),
    ),
    "read-only, in a document": (
        "README.md",
        "# Web\n\n```yaml\nservices:\n  web:\n    image: nginx:1.27\n    volumes:\n"
        "      - ./a.conf:/etc/nginx/nginx.conf\n```\n\nAs said.\n",
        ("nginx.conf\n", "nginx.conf:ro\n"),
    ),
    "read-only, run line": (
        "run.sh",
        'docker run -v "$PWD/nginx.conf:/etc/nginx/nginx.conf:Z" nginx:1.27\n',
        (":Z", ":Z,ro"),
    ),
    "read-only, behind a variable that is known": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n"
        "      - ${CONF:-./a.conf}:/etc/nginx/nginx.conf\n",
        ("/nginx.conf\n", "/nginx.conf:ro\n"),
    ),
    "read-only, merged form": (
        "compose.yaml",
        "x-bind: &bind {type: bind}\nservices:\n  web:\n    image: nginx:1.27\n    volumes:\n"
        "      - <<: *bind\n        source: ./a&b.conf\n        target: /etc/nginx/nginx.conf\n",
        ("/nginx.conf\n", "/nginx.conf\n        read_only: true\n"),
    ),
    "anonymous, quadlet": (
        "app.container",
        "[Container]\nImage=example.org/app:1\nVolume=/data\nMount=type=volume,destination=/more\n",
        ("=/data", "=systemd-app-data:/data", "=/more", "=/more,source=systemd-app-more"),
    ),
    "anonymous, dev container": (
        ".devcontainer/devcontainer.json",
        '{"name": "app", "image": "example.org/app:1", "mounts": ["type=volume,target=/data"]}\n',
        ("=/data", "=/data,source=app-data"),
    ),
    "tmpfs, long form": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - type: tmpfs\n        target: /scratch\n",
        ("/scratch\n", "/scratch\n        tmpfs:\n          size: 64m\n"),
    ),
    "tmpfs, long form with options": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - type: tmpfs\n        tmpfs:\n"
        "            mode: 0700\n        target: /scratch\n",
        ("tmpfs:\n", "tmpfs:\n            size: 64m\n"),
    ),
    "tmpfs, flow form": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - {type: tmpfs, target: /scratch}\n"
        "      - {type: tmpfs, target: /x, tmpfs: {mode: 0700}}\n",
        ("/scratch}", "/scratch, tmpfs: {size: 64m}}", "{mode", "{size: 64m, mode"),
    ),
    "tmpfs, long form with nothing in it": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - type: tmpfs\n        target: /x\n        tmpfs: {}\n",
        ("{}", "{size: 64m}"),
    ),
    "secrets in memory, long form": (
        "compose.yaml",
        "services:\n  app:\n    image: example.org/app:1\n    volumes:\n      - {type: tmpfs, target: /run/secrets, tmpfs: {size: 1m}}\n"
        "  two:\n    image: example.org/app:1\n    volumes:\n      - type: tmpfs\n        target: /run/secrets\n"
        "        tmpfs: {size: 1m, mode: 0755}\n",
        ("{size: 1m}", "{mode: 0700, size: 1m}", "0755", "0700"),
    ),
    "secrets, quadlet": (
        "app.container",
        "[Container]\nImage=example.org/app:1\nTmpfs=/run/secrets/app:size=1m\nSecret=key,mode=0444\n",
        (":size=1m", ":size=1m,mode=0700", "0444", "0400"),
    ),
    "tmpfs, dev container": (
        ".devcontainer/devcontainer.json",
        '{"image": "alpine", "mounts": ["type=tmpfs,target=/scratch"]}\n',
        ("/scratch", "/scratch,tmpfs-size=64m"),
    ),
    "anonymous and undeclared": (
        "compose.yaml",
        "services:\n  app: &app\n    image: example.org/app:1\n    volumes:\n      - /var/lib/app # state\n"
        "      - more:/more\n      - other:/other\n  two:\n    <<: *app\n\nvolumes:\n  other: # kept\nnetworks: {}\n",
        (
            *("- /var/lib/app", "- app-data:/var/lib/app"),
            *("other: # kept\n", "other: # kept\n  more:\n  app-data:\n"),
        ),
    ),
    "anonymous and undeclared, with tabs and without an end of the last line": (
        "compose.yaml",
        "services:\n  app:\n    image: example.org/app:1 #\ttabs\n    volumes:\n      - /data\t# here\n      - more:/more",
        ("- /data", "- app-data:/data", ":/more", ":/more\nvolumes:\n  more:\n  app-data:\n"),
    ),
    "anonymous, flow form of two lines": (
        "compose.yaml",
        "services:\n  app:\n    image: example.org/app:1\n    volumes:\n      - {type: volume,\n         target: /data}\n"
        "volumes: {}\n",
        ("target:", "source: app-data, target:", "{}", "{app-data: {}}"),
    ),
    "tilde in a recipe": (
        "Makefile",
        'run:\n\tdocker run -v "~/x:/x" alpine\n\tdocker run -v=~/x:/x alpine\n',
        ('"~/x', '"$$HOME/x', "=~/x", '="$$HOME"/x'),
    ),
    "unused volumes, in braces": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes: [kept:/var/cache/nginx]\n"
        'volumes: {one: {driver: local}, kept: {}, "two": , three: {}} # three\n',
        ("one: {driver: local}, ", "", ', "two": , three: {}', ""),
    ),
    "short syntax, in brackets": (
        "compose.yaml",
        'services:\n  web:\n    image: example.org/app:1\n    volumes: [data:/data, "./a b:/a:ro",\n'
        "      '$PWD/x:/x']\nvolumes: {data: {}}\n",
        (
            *("data:/data", "{type: volume, source: data, target: /data}"),
            '"./a b:/a:ro"',
            '{type: bind, source: "./a b", target: /a, read_only: true, bind: {create_host_path: true}}',
            "'$PWD/x:/x'",
            '{type: bind, source: "$PWD/x", target: /x, bind: {create_host_path: true}}',
        ),
    ),
    "no-op option, in braces": (
        "compose.yaml",
        "services:\n  web:\n    image: example.org/app:1\n    volumes:\n"
        "      - {type: bind, source: /srv/src, target: /src, consistency: cached}\n",
        (", consistency: cached", ""),
    ),
    "read-only, quoted key that says it is not": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - \"read_only\": 'no'\n        type: bind\n"
        "        source: ./a.conf\n        target: /etc/nginx/nginx.conf\n",
        ("'no'", "'true'"),
    ),
    "read-only, flow form with comments": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes: [\n      {type: bind, # }\n"
        "       source: ./a.conf, target: /etc/nginx/nginx.conf, },\n    ]\n",
        ("{type", "{read_only: true, type"),
    ),
    "read-only, as JSON": (
        "compose.yaml",
        '{"services": {"web": {"image": "nginx:1.27", "volumes": [{"type": "bind", "source": "./a.conf",\n'
        '  "target": "/etc/nginx/nginx.conf"}]}}}',
        ('nginx.conf"}', 'nginx.conf", "read_only": true}'),
    ),
    "read-only, behind what is escaped": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - ./$$a.conf:/etc/nginx/a.conf:rw,z\n"
        "      - './it''s.conf:/etc/nginx/b.conf:z'\n",
        (":rw,z", ":ro,z", ":z'", ":z,ro'"),
    ),
    "read-only, but for the default of a variable": (
        "compose.yaml",
        "services:\n  web:\n    image: nginx:1.27\n    volumes: ['./a.conf:/etc/nginx/a.conf:${MODE:-rw}']\n",
        (),
    ),
    "read-only, dev container": (
        ".devcontainer/devcontainer.json",
        '{"image": "nginx:1.27", "mounts": [\n  // ours\n  "source=/srv/a.conf,target=/etc/nginx/a.conf,type=bind",\n'
        '  {"source": "/srv/b.conf", "target": "/etc/nginx/b.conf", "type": "bind", "readonly": true,},\n]}\n',
        (
            *("a.conf,type=bind", "a.conf,type=bind,readonly"),
            '{"source": "/srv/b.conf", "target": "/etc/nginx/b.conf", "type": "bind", "readonly": true,}',
            '"source=/srv/b.conf,target=/etc/nginx/b.conf,type=bind,readonly"',
        ),
    ),
    "anonymous, dev container's object": (
        ".devcontainer/devcontainer.json",
        '{"name": "app", "image": "example.org/app:1", "mounts": [{"type": "volume", // ours\n  "target": "/data"}]}\n',
        ('"target"', '"source": "app-data", "target"'),
    ),
    "tmpfs, dev container's object": (
        ".devcontainer/devcontainer.json",
        '{"image": "alpine", "mounts": [{ "type": "tmpfs", "target": "/scratch" }]}\n',
        (
            '{ "type": "tmpfs", "target": "/scratch" }',
            '"type=tmpfs,target=/scratch,tmpfs-size=64m"',
        ),
    ),
    "anonymous, quoted keys": (
        "compose.yaml",
        'services:\n  app:\n    image: example.org/app:1\n    volumes:\n      - "type": volume\n'
        '        "target": /data\n      - {"type": volume, "target": "/more"}\n"volumes": # none\n',
        (
            *('"target": /data', 'source: app-data\n        "target": /data'),
            *(', "target"', ', "source": "app-more", "target"'),
            *("# none\n", "# none\n  app-data:\n  app-more:\n"),
        ),
    ),
    "anonymous and undeclared, in a list and a quote of a document": (
        "README.md",
        "* First\n\n  ```yaml\n  services:\n    app:\n      image: example.org/app:1\n      volumes: [/data]\n  ```\n\n"
        "> ```yaml\n> services:\n>   app:\n>     image: example.org/app:1\n>     volumes: [more:/more]\n> ```\n",
        (
            *("[/data]\n", "[app-data:/data]\n  volumes:\n    app-data:\n"),
            *("[more:/more]\n", "[more:/more]\n> volumes:\n>   more:\n"),
        ),
    ),
    "unused volumes of which one takes over the other": (
        "compose.yaml",
        "services:\n  web:\n    image: example.org/app:1\n    volumes: [kept:/kept]\nvolumes:\n  one: &one\n    driver: local\n"
        "  two: *one\n  kept:\n",
        ("  one: &one\n    driver: local\n  two: *one\n", ""),
    ),
    "no-op options wherever they stand": (
        "compose.yaml",
        "services:\n  web:\n    image: example.org/app:1\n    volumes:\n"
        "      - consistency: 'cached'\n        type: bind\n        source: ./a\n        target: /a\n"
        '      - type: bind\n        source: ./b\n        "consistency": cached # why\n        target: /b\n'
        "      - {consistency: cached, type: bind, source: ./c, target: /c}\n"
        "      - {type: bind, 'consistency': \"cached\", source: ./d, target: /d}\n",
        (
            *("consistency: 'cached'\n        ", ""),
            *('"consistency": cached # why', "# why"),
            *("consistency: cached, type", "type"),
            *(", 'consistency': \"cached\"", ""),
        ),
    ),
    "no-op options, run line": (
        "run.sh",
        "docker run -v /a:/a:cached --mount consistency=cached,type=bind,src=/b,dst=/b example.org/app:1\n",
        (":cached", "", "consistency=cached,", ""),
    ),
    "quoting what is quoted in part": (
        "run.sh",
        "docker run -v $(cd .. && pwd):/x -v $PWD/'a b':/y example.org/app:1\n",
        ("$(cd .. && pwd)", '"$(cd .. && pwd)"', "$PWD", '"$PWD"'),
    ),
    "quoting, in another string": (
        "run.sh",
        "ssh host \"docker run -v $(pwd):/x example.org/app:1\"\nbash -c 'docker run -v $(pwd):/x example.org/app:1'\n",
        ("bash -c 'docker run -v $(pwd):/x", 'bash -c \'docker run -v "$(pwd):/x"'),
    ),
    "quoting, package.json": (
        "package.json",
        '{"scripts": {"start": "docker run -v $PWD:/x example.org/app:1"}}\n',
        ("$PWD:/x", '\\"$PWD:/x\\"'),
    ),
    "quoting, in CI": (
        ".gitlab-ci.yml",
        "test:\n  script:\n    - docker run -v $PWD/a:/x example.org/app:1\n    - |\n      docker run -v $PWD/b:/x example.org/app:1\n"
        '    - "docker run -v $PWD/c:/x example.org/app:1"\n',
        ("$PWD/a:/x", '"$PWD/a:/x"', "$PWD/b:/x", '"$PWD/b:/x"'),
    ),
    "tmpfs, quoted keys": (
        "compose.yaml",
        'services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - "type": tmpfs\n        "tmpfs": # here\n'
        "          # first\n          mode: 0700\n        target: /x\n",
        ("# here\n", "# here\n          size: 64m\n"),
    ),
    "a folder with a socket, of which the auditor is still told": (
        "compose.yaml",
        "services:\n  watch:\n    image: gcr.io/cadvisor/cadvisor:v0.49.1\n    volumes:\n      - /var/run:/var/run:rw\n",
        (":rw", ":ro"),
    ),
    "a path in a mapping": (
        "compose.yaml",
        "services:\n  one:\n    image: example.org/app:1\n    volumes:\n      - source: data/x\n        target: /x\n"
        "        type: 'volume' # state\n  two:\n    image: example.org/app:1\n    volumes: ['data/x:/x']\n",
        (
            *("source: data/x", "source: ./data/x"),
            *("type: 'volume'", "type: 'bind'"),
            *("['data/x", "['./data/x"),
        ),
    ),
    "the host's files in a quadlet": (
        "app.container",
        "[Container]\nImage=example.org/app:1\nVolume=/etc:/host:ro,Z\n",
        (":ro,Z", ":ro"),
    ),
    "tilde in single quotes": (
        "run.sh",
        "docker run -v '~/x:/x' -v='~/y a:/y' -v '~/$z:/z' alpine\n",
        ("'~/x:/x'", '"$HOME/x:/x"', "'~/y a:/y'", '"$HOME/y a:/y"'),
    ),
    "unused ignore": (
        "compose.yaml",
        "services:\n  web:\n    # volint: ignore[VL102] for no reason\n    image: nginx:1.27 # volint: ignore[VL103]\n",
        ("    # volint: ignore[VL102] for no reason\n", "", " # volint: ignore[VL103]", ""),
    ),
}


@pytest.mark.parametrize("case", OUTCOMES)
def test_outcome(case: str, tmp_path: Path) -> None:
    name, before, replacements = OUTCOMES[case]
    after = before
    for old, new in zip(replacements[::2], replacements[1::2], strict=True):
        assert after.count(old) == 1
        after = after.replace(old, new)
    mark = b"\xef\xbb\xbf"
    tree(tmp_path, {name: mark + before.encode()})
    chosen = ("--select" if case.startswith("short syntax") else "--ignore", "VL608")
    volint(tmp_path, "--fix", "--unsafe-fixes", "--persona", "auditor", *chosen)
    assert (tmp_path / name).read_bytes() == mark + after.encode()


def test_a_service_taken_from_another_file_has_its_volumes_declared_at_home(tmp_path: Path) -> None:
    base = "services:\n  base:\n    image: example.org/app:1\n    volumes: [data:/data]\n"
    own = "services:\n  app:\n    extends: {file: base.yaml, service: base}\n"
    tree(tmp_path, {"compose.yaml": own, "base.yaml": base})
    volint(tmp_path, "--fix")
    assert (tmp_path / "compose.yaml").read_text() == own + "volumes:\n  data:\n"
    assert (tmp_path / "base.yaml").read_text() == base


BUILT = {"Dockerfile": "FROM alpine:3.20\nVOLUME /data\n"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "services:\n  app:\n    build: .",
            "services:\n  app:\n    build: .\n    volumes:\n      - app-data:/data\nvolumes:\n  app-data:\n",
        ),
        (
            "services:\r\n  app:\r\n    build: . # ours\r\n  web: {image: nginx}\r\n",
            "services:\r\n  app:\r\n    build: . # ours\r\n    volumes:\r\n      - app-data:/data\r\n"
            "  web: {image: nginx}\r\nvolumes:\r\n  app-data:\r\n",
        ),
        (
            "services:\n  'app':\n    \"volumes\": # here\n    # first\n\n    - ./x:/x\n    'build': .\nvolumes: {}\n",
            "services:\n  'app':\n    \"volumes\": # here\n    - app-data:/data\n    # first\n\n    - ./x:/x\n"
            "    'build': .\nvolumes: {app-data: {}}\n",
        ),
        (
            "services:\n  app: {volumes: ['./x:/x'], build: .}\nvolumes:\n",
            "services:\n  app: {volumes: [\"app-data:/data\", './x:/x'], build: .}\nvolumes:\n  app-data:\n",
        ),
        (
            '{"services": {"app": {"build": "."}}}',
            '{"volumes": {"app-data": {}}, "services": {"app": {"volumes": ["app-data:/data"], "build": "."}}}',
        ),
        # Others could get it, too, or what is there now would be gone.
        ("x-app: &app\n  build: .\nservices:\n  app:\n    <<: *app\n", None),
        ("services:\n  app: &app\n    build: .\n  two: *app\n", None),
        ("x: &x [./x:/x]\nservices:\n  app:\n    build: .\n    volumes: *x\n", None),
        ("services:\n  app:\n    build: .\n    command: |+\n      run\n\n", None),
    ],
)
def test_a_volume_of_an_image_is_mounted_by_name(
    before: str, after: str | None, tmp_path: Path
) -> None:
    tree(tmp_path, {**BUILT, "compose.yaml": before.encode()})
    volint(tmp_path, "--fix", "--unsafe-fixes", "--select", "VL102")
    assert (tmp_path / "compose.yaml").read_bytes().decode() == (after or before)


def test_volumes_of_an_image_are_mounted_by_name(tmp_path: Path) -> None:
    recipe = "FROM alpine:3.20\nVOLUME /a/data /b/data\n"
    tree(tmp_path, {"Dockerfile": recipe, "compose.yaml": "services:\n  app:\n    build: .\n"})
    volint(tmp_path, "--fix", "--unsafe-fixes", "--select", "VL102")
    assert (tmp_path / "compose.yaml").read_text() == (
        "services:\n  app:\n    build: .\n    volumes:\n      - app-data:/a/data\n      - app-data-2:/b/data\n"
        "volumes:\n  app-data:\n  app-data-2:\n"
    )


# -- properties


def everywhere() -> list[object]:
    folders = [*sorted(RULES.iterdir()), *(HERE / "fixtures" / name for name in SETS)]
    cases: list[object] = [
        pytest.param(lambda case=case: read_fixture(str(case))[0], id=f"{code.name}-{case.name}")
        for code in folders
        for case in sorted(code.iterdir())
    ]
    for entry, _ in table(load_packs()).values():
        for number, example in enumerate(examples(entry.load())):
            files = example.files
            cases.append(pytest.param(lambda files=files: files, id=f"{entry.code}-{number}"))
    return cases


@pytest.mark.parametrize("files", everywhere())
def test_fixes_leave_nothing_worse(files: Callable[[], dict[str, str]], tmp_path: Path) -> None:
    for name, text in files().items():
        if name.endswith("/"):
            (tmp_path / name).mkdir(parents=True, exist_ok=True)
        else:
            tree(tmp_path, {name: text})
    assert faults(str(tmp_path)) == []


CORPUS = os.environ.get("VOLINT_CORPUS", "")
REPOSITORIES = (
    sorted(entry.name for entry in os.scandir(CORPUS) if entry.is_dir()) if CORPUS else []
)


@pytest.mark.skipif(not CORPUS, reason="VOLINT_CORPUS names no directory of repositories")
@pytest.mark.parametrize("repository", REPOSITORIES)
def test_fixes_leave_no_real_project_worse(repository: str) -> None:
    assert faults(os.path.join(CORPUS, repository)) == []


# -- files


def change(path: Path, text: str = "new\n", *, created: bool = False, mark: bool = False) -> Change:
    """Return the change of a file that was read as 'old'."""
    source = Source(path.name, "" if created else "old\n", file=str(path), byte_order_mark=mark)
    return Change(source, text, created)


def files(root: Path) -> Files:
    return Files((str(root),), str(root))


def test_a_file_is_replaced_with_mode_and_mark(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbfold\n")
    path.chmod(0o640)
    before = path.stat()
    assert rewrite(change(path, mark=True), files(tmp_path)) is None
    assert path.read_bytes() == b"\xef\xbb\xbfnew\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (path.stat().st_uid, path.stat().st_gid) == (before.st_uid, before.st_gid)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old\n")
    os.chown(path, 1234, 5678)
    path.chmod(0o4755)
    assert rewrite(change(path), files(tmp_path)) is None
    after = path.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (1234, 5678, 0o4755)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old\n")
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        pytest.skip("the file system has none")
    assert rewrite(change(path), files(tmp_path)) is None
    assert os.getxattr(path, "user.note") == b"kept"


@pytest.mark.parametrize("content", [b"old", b"old\n\n", b"", b"\xef\xbb\xbfold\n"])
def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert rewrite(change(path), files(tmp_path)) == "it has changed meanwhile; run volint again"
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_that_changes_while_it_is_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old\n")

    def interfere(old: str, status: os.stat_result, new: str) -> None:
        path.write_bytes(b"theirs\n")

    monkeypatch.setattr(rewriting, "_inherit", interfere)
    assert rewrite(change(path), files(tmp_path)) == "it has changed meanwhile; run volint again"
    assert path.read_bytes() == b"theirs\n"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    assert "No such file" in (rewrite(change(tmp_path / "file"), files(tmp_path)) or "")
    assert os.listdir(tmp_path) == []


def test_a_failing_write_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    why = rewrite(change(path), files(tmp_path))
    assert why == "the system says 'No space left on device'; mend that and run volint again"
    assert path.read_bytes() == b"old\n"
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    target = tmp_path / "below" / "target"
    tree(tmp_path, {"below/target": "old\n"})
    link = tmp_path / "link"
    link.symlink_to("below/target")
    assert rewrite(change(link), files(tmp_path)) is None
    assert link.is_symlink()
    assert target.read_bytes() == b"new\n"


def test_what_a_link_leads_to_outside_is_left_alone(tmp_path: Path) -> None:
    tree(tmp_path, {"outside": "old\n", "inside/other": ""})
    link = tmp_path / "inside" / "link"
    link.symlink_to("../outside")
    why = rewrite(change(link), files(tmp_path / "inside"))
    assert why is not None
    assert why.startswith("it lies outside of the directories that volint was asked to look at; ")
    assert (tmp_path / "outside").read_bytes() == b"old\n"


def test_a_file_is_created_over_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert rewrite(change(path, created=True), files(tmp_path)) is None
    assert path.read_bytes() == b"new\n"
    why = rewrite(change(path, "more\n", created=True), files(tmp_path))
    assert why == "something of that name has come up meanwhile; run volint again"
    assert path.read_bytes() == b"new\n"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anything")
def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old\n")
    path.chmod(0o444)
    why = rewrite(change(path), files(tmp_path))
    assert why == "it is not writable; make it so, or leave it out with --exclude"
    assert path.read_bytes() == b"old\n"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anything")
def test_a_file_in_a_read_only_folder_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old\n")
    tmp_path.chmod(0o555)
    why = rewrite(change(path), files(tmp_path))
    tmp_path.chmod(0o755)
    assert why is not None
    assert why.endswith("make its folder writable")
    assert path.read_bytes() == b"old\n"


@pytest.mark.skipif(not hasattr(os, "link"), reason="there are no hard links")
def test_other_hard_links_keep_what_was_there(tmp_path: Path) -> None:
    path, snapshot = tmp_path / "file", tmp_path / "snapshot"
    path.write_bytes(b"old\n")
    os.link(path, snapshot)
    assert rewrite(change(path), files(tmp_path)) is None
    assert (path.read_bytes(), snapshot.read_bytes()) == (b"new\n", b"old\n")


# -- the command


def test_fix_writes_and_reports_what_is_left(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": UNDECLARED + "      - /state\n"})
    run = volint(tmp_path, "--fix", "--format", "json")
    assert (
        tmp_path / "compose.yaml"
    ).read_text() == UNDECLARED + "      - /state\nvolumes:\n  data:\n"
    assert run.codes() == ["VL102"]
    assert run.status == 1
    assert "1 finding fixed in 1 file\n" in run.err
    run = volint(tmp_path, "--fix", "--unsafe-fixes")
    assert (run.status, run.out) == (0, "")
    assert volint(tmp_path, "--fix", "--unsafe-fixes").err.startswith("0 findings fixed\n")


def test_diff_changes_nothing_and_can_be_applied(tmp_path: Path) -> None:
    text = UNDECLARED.replace("example.org/app:1", "ex.org/é:1").rstrip("\n")
    for name in ("one", "two"):
        tree(tmp_path, {f"{name}/with blank/compose.yaml": text})
    run = volint(tmp_path / "one", "--diff")
    assert (tmp_path / "one/with blank/compose.yaml").read_text() == text
    assert run.status == 1
    assert "1 finding would be fixed in 1 file\n" in run.err
    assert run.out.startswith(
        "--- a/with blank/compose.yaml\t\n+++ b/with blank/compose.yaml\t\n@@ -2,4 +2,6 @@\n"
    )
    assert "\\ No newline at end of file\n" in run.out
    subprocess.run(
        ["git", "apply", "-"],
        cwd=tmp_path / "one",
        env=environment(),
        input=run.out.encode(),
        check=True,
    )
    volint(tmp_path / "two", "--fix")
    one, two = (tmp_path / f"{name}/with blank/compose.yaml" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes() != text.encode()


def test_diff_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "Dockerfile": "FROM node:22\nCOPY . .\nRUN npm ci\n",
            "package.json": "{}",
            ".git/HEAD": "",
        },
    )
    run = volint(tmp_path, "--diff", "--unsafe-fixes", "--select", "VL403")
    assert run.out.startswith("--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1,")
    assert not (tmp_path / ".dockerignore").exists()
    run = volint(tmp_path, "--fix", "--unsafe-fixes", "--select", "VL403")
    assert "node_modules\n" in (tmp_path / ".dockerignore").read_text()
    assert run.status == 0


def test_a_file_is_created_only_below_what_was_asked_for(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "Dockerfile": "FROM node:22\nCOPY . .\nRUN npm ci\n",
            "package.json": "{}",
            ".git/HEAD": "",
        },
    )
    run = volint(tmp_path, "Dockerfile", "--fix", "--unsafe-fixes", "--select", "VL403")
    assert not (tmp_path / ".dockerignore").exists()
    assert run.status == 1
    assert "left out: '.dockerignore' is not what volint was asked to look at" in run.err


def test_only_files_that_were_asked_for_are_edited(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  app:\n    extends: {file: base.yaml, service: app}\n",
            "base.yaml": WEB.replace("web", "app"),
        },
    )
    volint(tmp_path, "compose.yaml", "--fix", "--unsafe-fixes", "--persona", "auditor")
    assert (tmp_path / "base.yaml").read_text() == WEB.replace("web", "app")
    volint(tmp_path, "-f", "compose.yaml", "--fix", "--unsafe-fixes", "--persona", "auditor")
    assert (tmp_path / "base.yaml").read_text() == WEB.replace("web", "app")


def test_a_project_given_by_hand_is_fixed(tmp_path: Path) -> None:
    tree(tmp_path, {"a.yaml": UNDECLARED})
    assert volint(tmp_path, "-f", "a.yaml", "--fix").status == 0
    assert (tmp_path / "a.yaml").read_text().endswith("volumes:\n  data:\n")


def test_what_is_hidden_or_ignored_is_not_fixed(tmp_path: Path) -> None:
    text = WEB.replace("      - .", "      # volint: ignore[VL204] on purpose\n      - .")
    tree(tmp_path, {"compose.yaml": text})
    options = ("--fix", "--unsafe-fixes", "--select")
    volint(tmp_path, *options, "VL204", "--persona", "auditor")
    assert (tmp_path / "compose.yaml").read_text() == text
    volint(tmp_path, *options, "VL204", "--no-ignores", "--min-level", "error")
    assert (tmp_path / "compose.yaml").read_text() == text


def test_standard_input(tmp_path: Path) -> None:
    name = ("-", "--stdin-filename", "compose.yaml")
    run = volint(tmp_path, *name, "--diff", stdin=UNDECLARED)
    assert "+volumes:\n+  data:\n" in run.out
    run = volint(tmp_path, *name, "--fix", stdin=UNDECLARED)
    assert (run.status, run.out) == (2, "")
    assert "--fix cannot write to standard input" in run.err
    run = volint(tmp_path, "-f", "-", "--diff", stdin=UNDECLARED)
    assert "+volumes:\n+  data:\n" in run.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--unsafe-fixes",), "--unsafe-fixes goes with --fix or --diff"),
        (("--diff", "--format", "json"), "--diff prints to stdout"),
    ],
)
def test_usage(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    tree(tmp_path, {"compose.yaml": WEB})
    run = volint(tmp_path, *options)
    assert (run.status, run.out) == (2, "")
    assert words in run.err


def test_diff_and_findings_go_where_they_are_sent(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": UNDECLARED})
    run = volint(tmp_path, "--diff", "--format", "concise=found.txt")
    assert run.out.startswith("--- a/compose.yaml\n")
    assert "VL105" in (tmp_path / "found.txt").read_text()
    run = volint(tmp_path, "--diff", "-o", "fixes.diff")
    assert run.out == ""
    assert (tmp_path / "fixes.diff").read_text().startswith("--- a/compose.yaml\n")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anything")
def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": UNDECLARED})
    (tmp_path / "compose.yaml").chmod(0o444)
    run = volint(tmp_path, "--fix", "--format", "json")
    assert (run.status, run.codes()) == (2, ["VL105"])
    assert "error: 'compose.yaml' is left as it is: it is not writable\n" in run.err
    assert "0 findings fixed\n" in run.err


# -- secrets in diffs

SECRET = """\
services:
  app:
    image: example.org/app:1
    environment:
      DB_PASSWORD: hunter2hunter2
    volumes:
      - data:/data
"""


@pytest.mark.skipif(os.name != "posix", reason="names of files hold no such signs")
@pytest.mark.parametrize("name", ["a b", 'a "b"\\', "a\tb", 'tab\t"\n\\ü'])
def test_a_diff_names_any_file(name: str, tmp_path: Path) -> None:
    tree(tmp_path, {f"{name}/compose.yaml": UNDECLARED})
    made = volint(tmp_path, "--diff")
    subprocess.run(
        ["git", "apply"], input=made.out.encode(), check=True, cwd=tmp_path, env=environment()
    )
    assert (tmp_path / name / "compose.yaml").read_text() == UNDECLARED + "volumes:\n  data:\n"


def test_a_diff_leaves_secrets_out_where_it_can(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": SECRET})
    run = volint(tmp_path, "--diff", "--select", "VL105")
    assert run.out.splitlines()[2] == "@@ -6,2 +6,4 @@"
    assert "hunter2" not in run.out
    assert "masks" not in run.err


def test_a_diff_masks_secrets_it_cannot_leave_out() -> None:
    before = "a\nPASSWORD=hunter2hunter2 b\nkey: |\nlast\n"
    source = Source("file", before, file="/file")
    at = before.index("last")
    text, masked = render(
        [Change(source, before.replace(" b", " c").replace("last", "LAST last"))],
        Options(),
        [Span(source, at, at + 4)],
    )
    assert text == (
        "--- a/file\n+++ b/file\n@@ -1,4 +1,4 @@\n a\n-PASSWORD=*** b\n+PASSWORD=*** c\n key: |\n"
        "-***\n+LAST ***\n"
    )
    assert masked


def test_a_masked_diff_is_said() -> None:
    source = Source("file", "PASSWORD=hunter2hunter2 b\n", file="/file")
    fixed = Fixed((Change(source, "PASSWORD=hunter2hunter2 c\n"),), (), ())
    from volint.result import Result

    _, notes = Repaired(fixed, Result(), ()).diff(Options())
    assert notes == ["note: the diff masks secrets, so --fix can apply it and patch cannot"]


def test_a_diff_on_a_terminal_controls_nothing() -> None:
    source = Source("file", "a\x1b[2J\n", file="/file")
    text, _ = render([Change(source, "b\x1b[2J\n")], Options(width=80))
    assert "\x1b" not in text
    text, _ = render([Change(source, "b\x1b[2J\n")], Options())
    assert "-a\x1b[2J\n+b\x1b[2J\n" in text


# -- errors first


def test_errors_are_mended_first(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  a:\n    image: nginx:1.27\n    volumes:\n      - type: tmpfs\n"
            "        target: /scratch\n        tmpfs:\n          sise: 1m\n"
        },
    )
    run = volint(tmp_path, "--fix", "--unsafe-fixes")
    assert "sise" not in (tmp_path / "compose.yaml").read_text()
    assert "64m" not in (tmp_path / "compose.yaml").read_text()
    assert run.status == 0


def test_a_line_that_two_services_share_is_fixed_once() -> None:
    text = """\
x-agent: &agent
  image: gcr.io/cadvisor/cadvisor:v0.49.1
  volumes:
    - /var/run:/var/run:rw
services:
  one: *agent
  two: *agent
"""
    fixed = fix_files({"compose.yaml": text}, select=["VL202"])
    assert fixed["compose.yaml"] == text.replace(":rw", ":ro")
