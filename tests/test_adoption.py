"""What makes volint bearable on an old code base: baseline, changed lines, ignore comments, statistics, init."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from realcommand import Run, tree, volint

from volint.changed import changed_lines

COMPOSE = """\
services:
  web:
    image: nginx:1.27
    volumes:
      - /data
      - ./nginx.conf:/etc/nginx/nginx.conf
"""
SCRIPT = "#!/bin/sh\nset -e\ndocker run --rm \\\n  -v /srv/x:ro \\\n  alpine:3.20 true\n"
CODES = ["VL102", "VL204", "VL601"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tree(tmp_path, {"compose.yaml": COMPOSE, "nginx.conf": "events {}\n", "run.sh": SCRIPT})


def run(here: Path, *arguments: str) -> Run:
    return volint(here, "--select", ",".join([*CODES, "VL002"]), *arguments)


def lines(done: Run) -> list[str]:
    return [line.rsplit(":", 1)[0] for line in done.out.splitlines()]


def found(here: Path, *arguments: str) -> list[str]:
    """Return `file:line CODE` of what is found."""
    done = run(here, "--format", "json", *arguments)
    return [
        f"{item['file']}:{item['line']} {item['code']}" for item in json.loads(done.out)["findings"]
    ]


ALL = ["compose.yaml:5 VL102", "compose.yaml:6 VL204", "run.sh:4 VL601"]


def git(here: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=here, check=True, capture_output=True)


def commit(here: Path) -> None:
    git(here, "init", "-q", "-b", "main")
    git(here, "add", "-A")
    git(here, "commit", "-qm", "all")


# Baseline


def test_a_baseline_hides_what_it_knows_and_nothing_else(here: Path) -> None:
    assert found(here) == ALL
    done = run(here, "--write-baseline", "known.json")
    assert (done.status, done.out) == (0, "")
    assert done.err == (
        "3 findings written to 'known.json'; --baseline known.json leaves them out from now on\n"
    )
    done = run(here, "--baseline", "known.json")
    assert (done.status, done.out) == (0, "")
    assert "not shown: 3 in the baseline" in done.err
    (here / "compose.yaml").write_text(f"# moved\n\n{COMPOSE}      - /more\n")
    assert found(here, "--baseline", "known.json") == ["compose.yaml:9 VL102"]


def test_a_baseline_is_small_to_review_and_the_same_each_time(here: Path) -> None:
    run(here, "--write-baseline", "known.json")
    first = (here / "known.json").read_bytes()
    run(here, "--write-baseline", "known.json")
    assert (here / "known.json").read_bytes() == first
    entries = json.loads(first)["findings"]
    assert [(entry["file"], entry["code"]) for entry in entries] == [
        ("compose.yaml", "VL102"),
        ("compose.yaml", "VL204"),
        ("run.sh", "VL601"),
    ]


def test_entries_that_are_gone_are_named(here: Path) -> None:
    run(here, "--write-baseline", "known.json")
    (here / "compose.yaml").write_text(COMPOSE.replace("nginx.conf\n", "nginx.conf:ro\n"))
    (here / "run.sh").unlink()
    done = run(here, "--baseline", "known.json")
    assert done.status == 0
    assert done.err.splitlines()[:3] == [
        "note: 2 entries of 'known.json' are found no more; --write-baseline known.json takes them out",
        "  compose.yaml: VL204: './nginx.conf' is configuration and mounted writable into 'web'",
        "  run.sh: VL601: '/srv/x:ro' has a mode where its target should be",
    ]


def test_what_was_not_looked_at_is_not_gone(here: Path) -> None:
    run(here, "--write-baseline", "known.json")
    assert "no more" not in run(here, "--baseline", "known.json", "run.sh").err
    assert "no more" not in volint(here, "--select", "VL204", "--baseline", "known.json").err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the baseline 'known.json' cannot be read: No such file or directory; make one"),
        ("{", "known.json:1:2: this baseline is no JSON; write it anew"),
        ("[]", "known.json:1:1: this is no baseline of volint; write it anew"),
        ('{"version": 7, "findings": []}', "has version 7, and this volint reads 1; write it anew"),
        ('{"version": 1, "findings": [{"code": "VL1"}]}', "an entry lacks its fingerprint"),
        ("\udcff", "it is no UTF-8 text; make one"),
        ("[" * 100_000, "known.json:1:1: this is no baseline of volint; write it anew"),
    ],
)
def test_a_broken_baseline_says_what_to_do(here: Path, text: str | None, message: str) -> None:
    if text is not None:
        (here / "known.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run(here, "--baseline", "known.json")
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert "--write-baseline known.json" in done.err


def test_a_baseline_is_written_to_standard_output(here: Path) -> None:
    done = run(here, "--write-baseline", "-")
    assert done.status == 0
    assert len(json.loads(done.out)["findings"]) == len(ALL)
    assert done.err == "3 findings written as a baseline\n"
    assert not (here / "-").exists()


def test_a_baseline_holds_no_secret(tmp_path: Path) -> None:
    compose = "services: {db: {image: postgres:17, environment: {POSTGRES_PASSWORD: hunter22x}}}\n"
    here = tree(tmp_path, {"compose.prod.yaml": compose})
    volint(here, "--write-baseline", "known.json", "--persona", "auditor")
    assert "VL302" in (here / "known.json").read_text()
    assert "hunter22x" not in (here / "known.json").read_text()


# Changed lines


def test_only_findings_on_changed_lines(here: Path) -> None:
    commit(here)
    assert found(here, "--diff-base", "HEAD") == []
    (here / "compose.yaml").write_text(f"# moved\n{COMPOSE}      - /more\n")
    (here / "new.sh").write_text(SCRIPT)
    assert found(here, "--diff-base", "HEAD") == ["compose.yaml:8 VL102", "new.sh:4 VL601"]
    assert "3 on unchanged lines (--diff-base)" in run(here, "--diff-base", "HEAD").err


def test_what_the_other_branch_did_meanwhile_does_not_count(here: Path) -> None:
    commit(here)
    git(here, "checkout", "-qb", "feature")
    (here / "new.sh").write_text(SCRIPT)
    git(here, "add", "-A")
    git(here, "commit", "-qm", "new")
    git(here, "checkout", "-q", "main")
    (here / "compose.yaml").write_text("services: {}\n")
    git(here, "commit", "-qam", "less")
    git(here, "checkout", "-q", "feature")
    assert found(here, "--diff-base", "main") == ["new.sh:4 VL601"]


def test_a_finding_is_shown_if_what_it_points_at_has_changed(tmp_path: Path) -> None:
    here = tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  web:\n    image: nginx:1.27\n    volumes: ['./www:/www']\n",
            "www/index.html": "",
        },
    )
    commit(here)
    (here / "compose.prod.yaml").write_text("services:\n  web:\n    restart: always\n")
    done = volint(here, "--select", "VL201", "--diff-base", "HEAD", "--format", "concise")
    assert done.out.startswith("compose.yaml:4:")


def test_line_endings_are_no_change(here: Path) -> None:
    commit(here)
    (here / "compose.yaml").write_bytes(COMPOSE.replace("\n", "\r\n").encode())
    assert found(here, "--diff-base", "HEAD") == []


def test_a_file_with_a_new_name_is_no_new_file(here: Path) -> None:
    commit(here)
    git(here, "mv", "compose.yaml", "compose.prod.yaml")
    (here / "run.sh").rename(here / "start.sh")
    (here / "compose.prod.yaml").write_text(COMPOSE + "      - /new\n")
    assert found(here, "--diff-base", "HEAD") == ["compose.prod.yaml:7 VL102"]
    (here / "compose.prod.yaml").write_text("name: x\n" * 20 + COMPOSE)
    assert "compose.prod.yaml:25 VL102" in found(here, "--diff-base", "HEAD")


def test_a_submodule_is_compared_with_the_commit_it_had(here: Path, tmp_path: Path) -> None:
    commit(here)
    outer = tmp_path / "outer"
    outer.mkdir()
    tree(outer, {"a.sh": SCRIPT})
    commit(outer)
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(here), "sub")
    git(outer, "commit", "-qm", "sub")
    git(outer, "tag", "only-here")
    (outer / "sub" / "compose.yaml").write_text(COMPOSE + "      - /new\n")
    git(outer / "sub", "commit", "-qam", "new")
    assert found(outer, "--diff-base", "only-here", "sub") == ["sub/compose.yaml:7 VL102"]
    assert found(outer / "sub", "--diff-base", "HEAD") == []
    assert found(outer / "sub", "--diff-base", "HEAD~1") == ["compose.yaml:7 VL102"]


def test_the_repository_is_found_from_outside(here: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    tree(project, {"compose.yaml": COMPOSE, "nginx.conf": ""})
    commit(project)
    away = tmp_path / "away"
    away.mkdir()
    assert run(project, "--write-baseline", "base.json").status == 0
    done = run(away, "--baseline", "../project/base.json", "../project")
    assert (done.status, done.out) == (0, ""), done.err
    assert "stale" not in done.err
    assert found(away, "--diff-base", "HEAD", "../project") == []


def test_a_fingerprint_does_not_tell_where_volint_was_started(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "app/Dockerfile": "FROM php:8.3\nCOPY . /app\n",
            "app/composer.json": "{}",
            "run/compose.yaml": "services:\n  web:\n    build: ../app\n    env_file: app.env\n",
            "run/app.env": "API_KEY=Zq8vX2mT4nW7pL9sK3dF6gH1\n",
            "old/Dockerfile": "FROM php:8.3\nCOPY . /app\nRUN composer install --no-dev\n",
            "old/composer.json": "{}",
            "old/.dockerignore": "dist\n!dist\n",
        },
    )
    commit(tmp_path)
    codes = ("--select", "VL305,VL403,VL404,VL406", "--persona", "auditor")
    assert volint(tmp_path, *codes, "--write-baseline", "base.json").status == 0
    known = {item["code"] for item in json.loads((tmp_path / "base.json").read_text())["findings"]}
    assert known == {"VL305", "VL403", "VL404", "VL406"}
    for folder, path in (("app", ".."), ("old", "../../" + tmp_path.name)):
        done = volint(tmp_path / folder, *codes, "--baseline", "../base.json", path)
        assert (done.status, done.out) == (0, ""), done.err


def test_no_such_revision(here: Path) -> None:
    done = run(here, "--diff-base", "main")
    assert (done.status, done.out) == (2, "")
    assert "is in no git repository; leave out --diff-base" in done.err
    commit(here)
    for revision in ("nope", "--output=x", "HEAD:compose.yaml"):
        done = run(here, "--diff-base", revision)
        assert (done.status, done.out) == (2, "")
        assert f"git knows no revision '{revision}' in '.'; fetch it first" in done.err
    assert not (here / "x").exists()


@given(lists(sampled_from("abc"), max_size=12), lists(sampled_from("abc"), max_size=12))
def test_lines_that_have_not_changed_are_in_the_old_text(old: list[str], new: list[str]) -> None:
    changed = changed_lines("\n".join(old), "\n".join(new))
    kept = [line for at, line in enumerate(new, 1) if at not in changed] if new else []
    rest = iter(old)
    assert all(line in rest for line in kept)
    assert changed_lines("\n".join(new), "\n".join(new)) == frozenset()


# Ignore comments


AWKWARD = {
    "compose.yaml": COMPOSE,
    "nginx.conf": "events {}\n",
    "run.sh": SCRIPT,
    "Makefile": "run:\n\t@echo hi\n\tdocker run -v /srv/x:ro \\\n\t  alpine\n",
    "README.md": "# x\n\nRun it:\n\n```sh\ncd /tmp\ndocker run -v /data:ro alpine\n```\n",
    ".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - run: >\n          docker run\n          -v /data:ro alpine\n"
    "      - run: |\n          echo\n          docker run -v /data:ro alpine\n",
    "a.container": "[Container]\nImage=alpine\nVolume=/data\n",
    "Taskfile.yml": "version: '3'\ntasks:\n  x:\n    cmds:\n      - docker run -v /a:ro alpine\n",
}
WRITTEN = {
    "Makefile": ["# volint: ignore[VL601] old"],
    "README.md": ["<!-- volint: ignore[VL601] old -->"],
    "compose.yaml": ["      # volint: ignore[VL102] old", "      # volint: ignore[VL204] old"],
    "run.sh": ["# volint: ignore[VL601] old"],
    ".github/workflows/a.yml": [
        "      # volint: ignore[VL601] old",
        "          # volint: ignore[VL601] old",
    ],
    "a.container": ["# volint: ignore[VL102] old"],
    "Taskfile.yml": ["      # volint: ignore[VL601] old"],
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_ignore_comments_are_written_where_they_work(tmp_path: Path, ending: str) -> None:
    given = {name: text.replace("\n", ending) for name, text in AWKWARD.items()}
    if ending == "\r\n":
        # A shell and make take the carriage return for a part of the words.
        del given["run.sh"], given["Makefile"]
    here = tree(tmp_path, {})
    for name, text in given.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(text.encode())
    before = len(found(here))
    done = run(here, "--add-ignore=old", ".")
    assert (done.status, done.out) == (0, ""), done.err
    assert f"written for {before} findings" in done.err
    for name, text in given.items():
        after = (here / name).read_bytes().decode().split(ending)
        added = [line for line in after if "volint:" in line]
        assert added == WRITTEN.get(name, []), name
        assert [line for line in after if "volint:" not in line] == text.split(ending)
    done = run(here)
    assert (done.status, done.out) == (0, "")
    assert f"not shown: {before} ignored" in done.err


def test_what_follows_a_bare_option_is_a_path(here: Path) -> None:
    done = run(here, "--add-ignore", "run.sh")
    assert done.err == "1 ignore comment written for 1 finding in 1 file\n"
    assert "# volint: ignore[VL601]\n" in (here / "run.sh").read_text()
    assert (here / "compose.yaml").read_text() == COMPOSE


def test_findings_of_one_line_share_a_comment(tmp_path: Path) -> None:
    text = "services:\n  web:\n    image: nginx:1.27\n    volumes: ['/a', './n.conf:/etc/nginx/nginx.conf']\n"
    here = tree(tmp_path, {"compose.yaml": text, "n.conf": ""})
    run(here, "--add-ignore=old")
    assert "    # volint: ignore[VL102, VL204] old\n" in (here / "compose.yaml").read_text()
    assert found(here) == []


SHARED = {
    "common/app.conf": "",
    **{
        f"{name}/compose.yaml": "services:\n  web:\n    image: nginx:1.27\n    volumes:\n"
        "      - ../common/app.conf:/etc/nginx/nginx.conf\n"
        for name in "abc"
    },
}


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ("", "a"),
        ("a", "b"),
        ("b", "a"),
        ("ab", "c"),
        ("abc", None),
    ],
)
def test_a_finding_of_several_places_stands_at_those_that_are_not_ignored(
    tmp_path: Path, ignored: str, left: str | None
) -> None:
    comment = "    # volint: ignore[VL204] why\n    volumes:"
    here = tree(
        tmp_path,
        {
            path: text.replace("    volumes:", comment) if path[0] in ignored else text
            for path, text in SHARED.items()
        },
    )
    commit(here)
    places = found(here)
    assert [place.partition("/")[0] for place in places] == ([left] if left else [])


def test_comments_are_written_for_all_places_of_a_finding(tmp_path: Path) -> None:
    here = tree(tmp_path, SHARED)
    commit(here)
    done = run(here, "--add-ignore=old")
    assert (done.status, done.err) == (0, "3 ignore comments written for 3 findings in 3 files\n")
    assert found(here) == []


def test_comments_are_written_for_a_whole_file_and_for_examples_in_documents(
    tmp_path: Path,
) -> None:
    overlay = "# test hosts\n---\nservices:\n  web:\n    volumes:\n      - /data\n"
    fenced = f"# Set up\n\n```yaml\n{COMPOSE}```\n"
    here = tree(tmp_path, {"compose.override.yaml": overlay, "a.md": fenced, "nginx.conf": ""})
    options = ("--select", "VL002,VL004,VL102,VL608", "--persona", "auditor")
    assert volint(here, *options).out.count("VL") > 3
    done = volint(here, *options, "--add-ignore=old")
    assert (done.status, done.out) == (0, ""), done.err
    assert "no comment can hide" not in done.err
    assert (here / "compose.override.yaml").read_text() == (
        "# test hosts\n---\n# volint: file-ignore[VL004] old\nservices:\n  web:\n    volumes:\n"
        "      # volint: ignore[VL102, VL608] old\n      - /data\n"
    )
    comment = "<!-- volint: ignore[VL102, VL608] old -->\n```yaml"
    assert (here / "a.md").read_text() == fenced.replace("```yaml", comment)
    assert volint(here, *options).out == ""


def test_what_no_comment_can_hide_is_said(tmp_path: Path) -> None:
    here = tree(
        tmp_path,
        {
            "package.json": '{"scripts": {"db": "docker run -v /data:ro alpine"}}\n',
            "run.sh": SCRIPT,
        },
    )
    done = run(here, "--add-ignore=old")
    assert done.status == 1
    assert "note: package.json:1:" in done.err
    assert "no comment can hide VL601 here; mend it, or use 'per-file-ignores'" in done.err
    assert done.err.endswith("1 ignore comment written for 1 finding in 1 file\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--add-ignore=a", "--fix"), "--add-ignore goes alone"),
        (("--add-ignore=a\nb",), "write one line"),
        (("--add-ignore=a -->",), "write one line without '--'"),
        (("--add-ignore", "-"), "cannot write to standard input"),
        (("--baseline", "a", "--write-baseline", "b"), "leave out --baseline"),
    ],
)
def test_options_that_do_not_go_together(
    here: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run(here, *arguments)
    assert (done.status, done.out) == (2, "")
    assert message in done.err


def test_a_reason_is_asked_for_where_one_is_needed(here: Path) -> None:
    (here / "volint.yaml").write_text("require-ignore-reason: true\n")
    done = run(here, "--add-ignore")
    assert done.status == 2
    assert "say why" in done.err
    assert run(here, "--add-ignore=old").status == 0
    assert found(here) == []


# Blocks


def test_a_block_is_ignored_from_its_start_to_its_end(tmp_path: Path) -> None:
    one = "docker run -v /srv/x:ro alpine\n"
    text = f"{one}# volint: ignore-start[VL601] test hosts\n{one}\n{one}# volint: ignore-end\n{one}"
    here = tree(tmp_path, {"run.sh": text})
    assert found(here) == ["run.sh:1 VL601", "run.sh:7 VL601"]


def test_an_idle_block_is_removed_with_both_its_comments(tmp_path: Path) -> None:
    text = "a\n# volint: ignore-start[VL601]\nb\n# volint: ignore-end\nc\n"
    here = tree(tmp_path, {"run.sh": text})
    assert found(here) == ["run.sh:2 VL002"]
    run(here, "--fix")
    assert (here / "run.sh").read_text() == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("ignore-end", "This ignore comment hides nothing: no 'ignore-start' begins its block"),
        (
            "ignore-start[VL601]",
            "This ignore comment hides nothing: no 'ignore-end' ends its block",
        ),
    ],
)
def test_half_a_block(tmp_path: Path, comment: str, message: str) -> None:
    here = tree(tmp_path, {"run.sh": f"# volint: {comment}\n{SCRIPT}"})
    done = run(here, "--format", "concise")
    assert f"run.sh:1:1: VL002 [warning] {message}" in done.out
    assert "VL601" in done.out


# Statistics, init


def test_statistics_stand_where_the_findings_would(here: Path) -> None:
    (here / "more.sh").write_text(SCRIPT)
    done = run(here, "--statistics")
    assert done.status == 1
    assert done.out == (
        "2  error    VL601  invalid-mount      in 2 files\n"
        "1  warning  VL102  anonymous-volume   in 1 file, 1 unsafely fixable\n"
        "1  note     VL204  missing-read-only  in 1 file, 1 fixable\n"
    )
    rows = json.loads(run(here, "--statistics", "--format", "json").out)
    assert [(row["code"], row["findings"], row["fixable"]) for row in rows] == [
        ("VL601", 2, 0),
        ("VL102", 1, 0),
        ("VL204", 1, 1),
    ]
    done = run(here, "--statistics", "--format", "sarif=out.sarif")
    assert done.out.startswith("2  error")
    assert len(json.loads((here / "out.sarif").read_text())["runs"][0]["results"]) == 4


def test_init_writes_what_holds_already(here: Path) -> None:
    (here / "compose.prod.yaml").write_text("services: {web: {restart: always}}\n")
    before = volint(here)
    done = volint(here, "init")
    assert (done.status, done.out) == (0, "")
    assert done.err == "'volint.yaml' written; every line says what it is for\n"
    after = volint(here)
    assert (after.out, after.err, after.status) == (before.out, before.err, before.status)
    text = (here / "volint.yaml").read_text()
    assert "'compose.prod.yaml': production" in text
    assert "#   VL601: off  # invalid-mount: 1 finding in 1 file\n" in text


def test_what_init_suggests_can_be_taken(here: Path) -> None:
    (here / "compose.prod.yaml").write_text("services: {web: {restart: always}}\n")
    (here / "vendor").mkdir()
    (here / "vendor" / "run.sh").write_text(SCRIPT)
    text = volint(here, "init", "-o", "-").out
    taken = [
        line.removeprefix("# ") if line.startswith(("# exclude:", "# environments:", "# rules:")) else
        line.removeprefix("#") if line.startswith("#   ") else line
        for line in text.splitlines()
    ]  # fmt: skip
    (here / "volint.yaml").write_text("\n".join(taken))
    done = volint(here)
    assert (done.status, done.out) == (0, ""), done.err


def test_init_does_not_write_over_a_file(here: Path) -> None:
    (here / "volint.yaml").write_text("persona: auditor\n")
    done = volint(here, "init")
    assert done.status == 2
    assert done.err == (
        "error: 'volint.yaml' is there already; write over it with --force, or another with -o FILE\n"
    )
    assert (here / "volint.yaml").read_text() == "persona: auditor\n"
    assert volint(here, "init", "--force").status == 0


def test_paths_in_subdirectories_are_known_from_everywhere(here: Path) -> None:
    commit(here)
    run(here, "--write-baseline", "known.json")
    (here / "sub").mkdir()
    done = volint(here / "sub", "--select", ",".join(CODES), "--baseline", "../known.json", "..")
    assert (done.status, done.out) == (0, "")
    assert os.listdir(here / "sub") == []


# Containers

BY_ANCHOR = """\
services:
  web: &web
    image: nginx:1.27
    tmpfs: [/scratch]
    volumes:
      - /data
      - ./nginx.conf:/etc/nginx/nginx.conf
  admin:
    <<: *web
  other:
    image: nginx:1.27
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf
"""


@pytest.mark.parametrize(
    ("excluded", "left"),
    [
        ((), {"VL102", "VL204", "VL501"}),
        (("web",), {"VL102", "VL204", "VL501"}),
        (("admin",), {"VL102", "VL204", "VL501"}),
        (("web", "admin"), {"VL204"}),
        (("web", "admin", "o*"), set()),
    ],
)
def test_a_finding_is_hidden_where_all_of_its_containers_are_excluded(
    tmp_path: Path, excluded: tuple[str, ...], left: set[str]
) -> None:
    entries = [
        {"container": name, "rules": ["VL102", "VL204", "VL501"], "reason": "as agreed"}
        for name in excluded
    ]
    settings = json.dumps({"exclude-containers": entries})
    here = tree(
        tmp_path, {"compose.yaml": BY_ANCHOR, "nginx.conf": "", "volint.yaml": f"{settings}\n"}
    )
    commit(here)
    done = volint(here, "--select", "VL102,VL204,VL501", "--format", "json")
    assert {item["code"] for item in json.loads(done.out)["findings"]} == left
