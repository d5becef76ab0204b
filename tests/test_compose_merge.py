"""Cases of our own for merge, tags, `extends`, `include`, profiles and variables, held to compose-go's source."""

from __future__ import annotations

import pytest
from compose_answers import HOME, PROJECT, Memory

from volint.assemble.compose import Request, load_project, to_project

_TOP = "\nsecrets: {s: {file: ./s}}\nconfigs: {c: {file: ./c}}\nvolumes: {dd: {}, e: {}}"


def _a(keys: str) -> str:
    return f"services: {{a: {{image: x, {keys}}}}}"


def _mounts(files: dict[str, str]) -> dict[str, list[str]] | None:
    """Return `SOURCE:TARGET[:ro]` of each service's mounts; None for what Compose refuses."""
    names = tuple(name for name in files if name[0].isdigit())
    loaded = load_project(
        Request(PROJECT, names, env={"HOME": HOME, "PWD": PROJECT}, home=HOME), Memory(files)
    )
    if loaded.refused:
        return None
    return {
        container.name.value: [
            f"{mount.resolved_source or mount.source or ''}:{mount.target}".replace(PROJECT, "$P")
            + (
                ":ro"
                if mount.read_only and mount.syntax.value in ("short", "long", "volumes_from")
                else ""
            )
            for mount in container.mounts
        ]
        for container in to_project(loaded).containers
    }


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("volumes: ['dd:/x', '/a:/y']", "volumes: ['/b:/x:ro']", ["/b:/x:ro", "/a:/y"]),
        ("volumes: ['dd:/x', '/a:/y']", "volumes: []", ["dd:/x", "/a:/y"]),
        ("volumes: ['dd:/x', '/a:/y']", "volumes: !reset []", []),
        ("volumes: ['dd:/x', '/a:/y']", "volumes: !override ['/z:/z']", ["/z:/z"]),
        ("volumes: ['dd:/x']", "volumes: [{type: volume, source: e, target: /x}]", ["e:/x"]),
        ("tmpfs: ['/t:size=1m']", "tmpfs: '/t:size=2m'", [":/t"]),
        ("tmpfs: ['/t:size=1m']", "tmpfs: /t", None),
        ("tmpfs: /t", "tmpfs: [/u]", [":/t", ":/u"]),
        (
            "secrets: [s]",
            "secrets: [{source: s, target: s}]",
            ["s:/run/secrets/s", "s:/run/secrets/s"],
        ),
        (
            "secrets: [s]",
            "secrets: [{source: s, target: z}]",
            ["s:/run/secrets/s", "s:/run/secrets/z"],
        ),
        ("configs: [c]", "configs: [{source: c, target: /c, mode: 0440}]", ["c:/c"]),
        ("volumes: ['/a:/b']", "volumes: [{type: bind, source: /c, target: /b/}]", None),
        ("volumes: ['~x/y:/y']", "volumes: ['~:/z']", [f"{HOME}/x/y:/y", f"{HOME}:/z"]),
        ("user: u", "volumes: !override null", None),
    ],
)
def test_two_files(first: str, second: str, expected: list[str] | None) -> None:
    found = _mounts({"0.yaml": _a(first) + _TOP, "1.yaml": f"services: {{a: {{{second}}}}}"})
    assert (found and found["a"]) == expected or (found is None and expected is None)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "0.yaml": "services: {a: {extends: {service: b, file: sub/x.yaml}, volumes: ['./own:/o']}}",
                "sub/x.yaml": "services: {b: {image: y, volumes: ['./l:/l'],"
                " extends: {service: c, file: ../up/y.yaml}}}",
                "up/y.yaml": "services: {c: {image: q, volumes: ['./u:/u', './l0:/l']}}",
            },
            {"a": ["$P/up/u:/u", "$P/sub/l:/l", "$P/own:/o"]},
        ),
        (
            {"0.yaml": "services: {a: {extends: b, volumes: !reset []}, b: {image: y, volumes: ['/t:/t']}}"},
            {"a": [], "b": ["/t:/t"]},
        ),
        (
            {"0.yaml": "services: {a: {extends: {service: b, file: o.yaml}}}",
             "o.yaml": "services: {b: {image: y, volumes: ['vv:/t']}}\nvolumes: {vv: {}}"},
            None,
        ),
        ({"0.yaml": "services: {a: {extends: b}, b: {extends: c}, c: {extends: a}}"}, None),
        (
            {"0.yaml": "include: [i.yaml]\nservices: {a: {image: y, volumes: ['/o:/x']}}",
             "i.yaml": "services: {a: {image: x, volumes: ['/i:/x', '/k:/k']}}"},
            {"a": ["/o:/x", "/k:/k"]},
        ),
        (
            {"0.yaml": "include: [i.yaml]\nservices: {b: {volumes: !reset []}}",
             "i.yaml": "services: {b: {image: x, volumes: ['/q:/q']}}"},
            {"b": []},
        ),
        (
            {"0.yaml": "include: [{path: [inc/a.yaml, inc/b.yaml], env_file: inc/x.env}]",
             "inc/a.yaml": "services: {i: {image: x, volumes: ['./$V:/m']}}",
             "inc/b.yaml": "services: {i: {volumes: ['./$V$V:/m:ro']}}", "inc/x.env": "V=7\n"},
            {"i": ["$P/inc/77:/m:ro"]},
        ),
        (
            {"0.yaml": "include: [sub/i.yaml]", "sub/i.yaml": "include: [j.yaml]", ".env": "V=1\n",
             "sub/j.yaml": "services: {c: {image: x, volumes: ['./$V:/x']}}", "sub/.env": "V=9\n"},
            {"c": ["$P/sub/1:/x"]},
        ),
        ({"0.yaml": "include: [b.yaml]", "b.yaml": "include: [0.yaml]"}, None),
        ({"0.yaml": "include: i.yaml", "i.yaml": "services: {b: {image: x}}"}, None),
        (
            {"0.yaml": "x-b: &b {volumes: ['/a:/a']}\nservices: {a: {<<: *b, image: x, volumes: !reset []}}"},
            {"a": ["/a:/a"]},
        ),
        (
            {"0.yaml": _a("volumes: ['/a:/a']"), "1.yaml": _a("volumes: !reset []"),
             "2.yaml": _a("volumes: ['/b:/b']")},
            {"a": ["/b:/b"]},
        ),
        (
            {"0.yaml": "services: {a: {image: x, volumes_from: [b:ro], volumes: ['/own:/k']},"
             " b: {image: y, volumes: ['/t:/t', '/u:/k']}}"},
            {"a": ["/own:/k", "/t:/t:ro"], "b": ["/t:/t", "/u:/k"]},
        ),
        ({"0.yaml": _a("depends_on: [b]") + "\n---\nservices: {b: {image: y, profiles: [p]}}"}, None),
        ({"0.yaml": _a("volumes: ['/a:/a']") + "\n---\nservices: {a: {volumes: ['/q:/q']}}"},
         {"a": ["/a:/a", "/q:/q"]}),
        ({"0.yaml": _a("volumes: ['${E:-./d}:/b:${M:-ro}']")}, {"a": ["$P/d:/b:ro"]}),
        ({"0.yaml": _a("volumes: ['${E}:/b']")}, None),
        ({"0.yaml": _a("volumes: [{type: bind, source: '', target: /d}]")}, {"a": ["$P:/d"]}),
    ],
)  # fmt: skip
def test_projects(files: dict[str, str], expected: dict[str, list[str]] | None) -> None:
    assert _mounts(files) == expected
