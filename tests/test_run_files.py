"""What command lines read of files: variables, labels, keys, and the paths a pattern matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from runlines import line

from volint.assemble.run import Interpreted, interpret
from volint.files import Files
from volint.model import Container

if TYPE_CHECKING:
    from pathlib import Path


class Here:
    """Command lines that run in one directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, data: str | bytes = b"") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    def run(self, text: str, env: dict[str, str] | None = None) -> Interpreted:
        at = str(self.folder)
        return interpret(line(text), cwd=at, env=env, reader=Files([at], at))

    def refusal(self, text: str) -> tuple[str, str, str]:
        """Return code, place and message of the one problem of a refused line."""
        found = self.run(text)
        assert found.refused
        (problem,) = found.problems
        return problem.code, problem.span.text(), problem.message

    def made(self, text: str, env: dict[str, str] | None = None) -> Container:
        found = self.run(text, env)
        assert not found.problems
        assert isinstance(found.thing, Container)
        return found.thing

    def variables(self, text: str, env: dict[str, str] | None = None) -> list[str]:
        return [variable.name.value for variable in self.made(text, env).env]


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


def test_env_files_come_before_variables(here: Here) -> None:
    here.write("a.env", "# c\nA=1\nB = x\n")
    code, place, message = here.refusal("docker run --env-file a.env app")
    assert (code, place) == ("VL615", "a.env")
    assert "refuses line 3" in message
    here.write("a.env", "# c\r\nA=1\r\n  C=' x # y\nD\n")
    one = here.made("docker run -e A=2 --env-file a.env app")
    values = {v.name.value: (v.origin, v.value and v.value.value) for v in one.env}
    assert values == {"A": ("-e", "2"), "C": ("--env-file", "' x # y"), "D": ("--env-file", None)}
    assert [v.name.span.text() for v in one.env] == ["A", "C", "D"]
    (file,) = one.env_files
    assert (file.path.value, file.exists) == ("a.env", True)
    assert file.resolved == str(here.folder / "a.env")
    assert here.refusal("docker run --env-file b.env app")[:2] == ("VL004", "b.env")
    assert not interpret(line("docker run --env-file b.env app")).problems


def test_podman_takes_any_line_with_a_name(here: Here) -> None:
    here.write("a.env", "A B=1\n\u00a0C=2\nexport D=3\n")
    assert here.variables("podman run --env-file a.env app") == ["A B", "\u00a0C", "export D"]
    assert here.run("docker run --env-file a.env app").refused
    here.write("b.env", "A=1\n=2\n")
    assert here.refusal("podman run --env-file b.env app")[:2] == ("VL615", "b.env")
    here.write("c.env", "A=" + "x" * 70_000)
    for program in ("docker", "podman"):
        assert here.refusal(f"{program} run --env-file c.env app")[1] == "c.env"


def test_names_alone_come_from_the_environment(here: Here) -> None:
    here.write("a.env", "SET\nUNSET\nMY_*\n")
    env = {"SET": "1", "MY_A": "2", "MY_B": "3"}
    assert here.variables("podman run --env-file a.env app", env) == ["SET", "MY_A", "MY_B"]
    assert here.variables("docker run --env-file a.env app", env) == ["SET"]
    assert here.variables("docker run --env-file a.env app") == ["SET", "UNSET", "MY_*"]


def test_a_byte_order_mark_is_part_of_a_name_for_podman(here: Here) -> None:
    here.write("a.env", b"\xef\xbb\xbfA=1\nB=2\n")
    assert here.variables("docker run --env-file a.env app") == ["A", "B"]
    one = here.made("podman run --env-file a.env app")
    assert [(v.name.value, v.name.span.text()) for v in one.env] == [("\ufeffA", "A"), ("B", "B")]
    assert [v.value and v.value.span.text() for v in one.env] == ["1", "2"]


def test_bytes_that_are_no_text(here: Here) -> None:
    here.write("a.env", b"A=\xff\xfe\nB=2\n")
    assert here.refusal("docker run --env-file a.env app")[:2] == ("VL004", "a.env")
    assert here.variables("podman run --env-file a.env app") == ["A", "B"]
    here.write("folder/x")
    for program in ("docker", "podman"):
        assert here.refusal(f"{program} run --env-file folder app")[1] == "folder"


def test_label_files(here: Here) -> None:
    here.write("labels", "a=1\n# c\nb=x y\n")
    one = here.made("docker run --label-file labels -l a=2 app")
    assert one.labels == {"a": "2", "b": "x y"}
    assert here.refusal("docker run --label-file none app")[:2] == ("VL004", "none")
    here.write("labels", "a b=1\n")
    assert here.refusal("docker run --label-file labels app")[:2] == ("VL615", "labels")


def test_what_podman_reads_must_be_there(here: Here) -> None:
    here.write("auth.json", "{}")
    here.write("auth.txt", "user:x")
    assert not here.run("podman run --authfile auth.json app").refused
    assert here.refusal("podman run --authfile auth.txt app")[:2] == ("VL615", "auth.txt")
    assert here.refusal("podman run --authfile none app")[:2] == ("VL004", "none")
    assert here.refusal("podman run --decryption-key none:pass app")[0] == "VL004"
    assert not here.run("podman run --decryption-key auth.txt:pass app").refused


def test_a_glob_mounts_each_path(here: Here) -> None:
    for name in ("data/b.txt", "data/a.txt", "data/.c.txt", "more/x/d.txt", "file"):
        here.write(name)

    def mounts(options: str) -> list[tuple[str, str, bool]]:
        made = here.made(f"podman run --mount type=glob,{options} app")
        return [
            (str(m.source and m.source.value), m.target.value, m.read_only) for m in made.mounts
        ]

    assert mounts("src=data/*.txt,dst=/x,ro") == [
        ("data/.c.txt", "/x/.c.txt", True),
        ("data/a.txt", "/x/a.txt", True),
        ("data/b.txt", "/x/b.txt", True),
    ]
    assert mounts("src=data,dst=/x") == [("data", "/x/data", False)]
    at = str(here.folder)
    assert mounts(f"src={at}/f*") == [(f"{at}/file", f"{at}/file", False)]
    assert mounts("src=*/[^a-w]/d*,dst=/x") == [("more/x/d.txt", "/x/d.txt", False)]


@pytest.mark.parametrize("pattern", ["none*", "data", "a/*/b", "[a"])
def test_a_glob_must_match(here: Here, pattern: str) -> None:
    text = f"podman run --mount type=glob,src={pattern},dst=/x app"
    assert here.refusal(text)[:2] == ("VL601", pattern)
    assert interpret(line(text)).refused is (pattern == "[a")


def test_a_glob_elsewhere_is_not_known(here: Here) -> None:
    (one,) = here.made("podman run --mount type=glob,src=/etc/*.d,dst=/x app").mounts
    assert (one.source and one.source.value, one.target.value) == ("/etc/*.d", "/x")
