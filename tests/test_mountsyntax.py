"""Short syntax rewritten as long syntax mounts the same things."""

from __future__ import annotations

import pytest

from volint.session import Session
from volint.testing import check_files

COMPOSE = (
    "services:\n  app:\n    image: registry.example.com/app:1\n    volumes:\n{}volumes:\n  data:\n"
)


def apply(text: str, finding) -> str:  # type: ignore[no-untyped-def]
    assert finding.fix is not None
    for edit in sorted(finding.fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def mounted(name: str, text: str, folder) -> list[object]:  # type: ignore[no-untyped-def]
    (folder / name).write_text(text, encoding="utf-8", newline="")
    session = Session({"paths": (name,)}, cwd=str(folder))
    project = session.workspace(session.discovery()).projects[0]
    assert not project.problems
    return sorted(
        (
            mount.kind.value,
            mount.source.value if mount.source else "",
            mount.target.value,
            mount.read_only,
            sorted((key, option.value) for key, option in mount.options.items()),
        )
        for _, mount in project.mounts()
    )


@pytest.mark.parametrize(
    "entry",
    [
        "./a:/a",
        "./a:/a:ro",
        "data:/data:nocopy",
        '"./b c:/b"',
        "'/srv:/srv:ro,rslave,z'",
        "/cache",
        "~/d:/d",
        "./a:/a/",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_compose(entry: str, newline: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = COMPOSE.format(f"      - {entry}  # why\n      - data:/other\n").replace("\n", newline)
    (finding,) = check_files({"compose.yaml": text}, select=["VL608"])
    fixed = apply(text, finding)
    assert mounted("compose.yaml", fixed, tmp_path) == mounted("compose.yaml", text, tmp_path)
    assert check_files({"compose.yaml": fixed}, select=["VL608"]) == []
    assert fixed.count("# why") == 1


@pytest.mark.parametrize(
    "flags",
    [
        "-v data:/data",
        "-v data:/data:ro --volume /srv:/srv",
        "--volume=/srv:/srv:rslave",
        '-v "$PWD/a:/a:ro"',
        "-v $PWD/a:/a",
        "-v /cache",
        "-v data:/data:nocopy",
    ],
)
def test_run(flags: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = f"docker run -d {flags} alpine\n"
    (finding,) = check_files({"run.sh": text}, select=["VL608"])
    fixed = apply(text, finding)
    assert mounted("run.sh", fixed, tmp_path) == mounted("run.sh", text, tmp_path)
    assert check_files({"run.sh": fixed}, select=["VL608"]) == []


@pytest.mark.parametrize("flags", ["-dv data:/data", "-v ~/a:/a", "-v '/a b:/a'", "-v /srv:/a,b"])
def test_what_is_not_plain_is_left(flags: str) -> None:
    (finding,) = check_files({"run.sh": f"docker run {flags} alpine\n"}, select=["VL608"])
    assert finding.fix is None


@pytest.mark.parametrize("entry", ["${E:-./e}:/e", "${E}:/e", "./a:/a:cached"])
def test_what_a_variable_decides_is_left(entry: str) -> None:
    text = COMPOSE.format(f"      - {entry}\n")
    (finding,) = check_files({"compose.yaml": text}, select=["VL608"])
    assert finding.fix is None


@pytest.mark.parametrize(
    ("flag", "written"),
    [
        ('"${DATA}:/x/$MAJOR"', "type=volume,source=${DATA},target=/x/$MAJOR"),
        ('"$DATA":/x', "type=volume,source=$DATA,target=/x"),
        (
            "//./pipe/docker_engine://./pipe/docker_engine",
            "type=npipe,source=//./pipe/docker_engine,target=//./pipe/docker_engine",
        ),
    ],
)
def test_the_help_says_what_stands_in_the_file(flag: str, written: str) -> None:
    text = f'DATA=shop-data\nMAJOR="$(cat VERSION)"\ndocker run -v {flag} alpine\n'
    (finding,) = check_files({"run.sh": text}, select=["VL608"])
    assert finding.help == f"write '--mount {written}'"
