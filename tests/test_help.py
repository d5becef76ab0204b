"""`--help` fits a screen of its command, and has every option under a heading."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from realcommand import volint

from volint.cli import cli
from volint.report import CHECK_FORMATS, MOUNT_FORMATS

HEADINGS = [
    "What to look at",
    "One Compose project instead of PATHS",
    "Which rules and findings",
    "Changing files",
    "Beginning with an old code base",
    "Output",
]
SCREENS = {"check": 49, "mounts": 40, "report": 40}


def help_of(tmp_path: Path, *words: str, columns: int = 80) -> list[str]:
    done = volint(tmp_path, *words, "--help", env={"COLUMNS": str(columns)})
    assert done.status == 0
    return done.out.splitlines()


def test_the_first_help_fits_the_smallest_terminal(tmp_path: Path) -> None:
    lines = help_of(tmp_path)
    assert len(lines) <= 24
    assert not any(line.endswith("...") for line in lines[1:]), "a command's summary is cut"


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_help_fits_a_screen(verb: str, tmp_path: Path) -> None:
    lines = help_of(tmp_path, verb)
    assert len(lines) <= SCREENS.get(verb, 24)
    assert max(map(len, lines)) <= 80


def test_check_groups_its_options(tmp_path: Path) -> None:
    lines = help_of(tmp_path, "check")
    assert [line[:-1] for line in lines if line.endswith(":") and line[0] != " "] == HEADINGS


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_every_option_is_under_a_heading(verb: str) -> None:
    for param in cli.commands[verb].params:
        if isinstance(param, click.Option):
            # Use clioptions.option() within clioptions.group().
            assert getattr(param, "heading", ""), f"{verb} {param.opts[0]} has no heading"
            assert param.help
            assert param.help.endswith(".")


@pytest.mark.parametrize(("verb", "formats"), [("check", CHECK_FORMATS), ("mounts", MOUNT_FORMATS)])
def test_all_formats_are_named(verb: str, formats: dict[str, str]) -> None:
    [param] = [param for param in cli.commands[verb].params if param.name == "formats"]
    assert isinstance(param, click.Option)
    assert param.help
    assert param.help.partition(";")[0].split(", ") == list(formats)


def test_explanations_stand_in_one_column(tmp_path: Path) -> None:
    columns = {
        match.end()
        for line in help_of(tmp_path, "check", columns=120)
        if (match := re.match(r"  -.*?\S  +(?=\S)", line))
    }
    assert len(columns) == 1


def test_a_pipe_gets_no_bold_headings(tmp_path: Path) -> None:
    done = volint(tmp_path, "check", "--help", env={"TERM": "xterm"})
    assert "\x1b" not in done.out
    assert "\nOutput:\n" in done.out
