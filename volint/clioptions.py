"""The options of the command line, in groups under headings: how they are called, completed and explained.

An explanation is one line of a terminal with 80 columns where it can be, so that a command's help fits a screen.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

__all__ = [
    "Command",
    "adopting",
    "changing",
    "choosing",
    "chosen",
    "files",
    "group",
    "listed",
    "looking",
    "news",
    "option",
    "output",
    "paths",
    "paths_like",
    "project",
    "rules",
    "rules_like",
    "shown",
    "verbosity",
]

_LEVELS = click.Choice(["note", "warning", "error"])
_CONFIDENCES = click.Choice(["low", "medium", "high"])
_PERSONAS = click.Choice(["regular", "pedantic", "auditor"])
_ENVIRONMENTS = click.Choice(["production", "staging", "development", "test", "example", "unknown"])


class _Option(click.Option):
    """An option that stands under a heading."""

    heading: str


class Command(click.Command):
    """A command whose help has its options under their headings."""

    dense = False
    """Whether its help does without blank lines, to fit a screen."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help`, which whoever reads the help knows."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.hidden = True
        return found

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        if not self.dense:
            super().format_help_text(ctx, formatter)
        else:
            with formatter.indentation():
                formatter.write_text((self.help or "").strip())

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one group right below the other."""
        groups: dict[str, list[tuple[str, str]]] = {}
        heading = "Options"
        for param in self.get_params(ctx):
            if not isinstance(param, click.Option):
                continue
            # What has no heading, as click's own --help, goes with the last one.
            heading = getattr(param, "heading", heading)
            record = param.get_help_record(ctx)
            if record is not None:
                groups.setdefault(heading, []).append(record)
        widest = max(len(name) for records in groups.values() for name, _ in records)
        if not self.dense:
            formatter.write_paragraph()
        for title, records in groups.items():
            formatter.write_heading(_bold(title))
            with formatter.indentation():
                # All groups have their explanations in one column.
                aligned = [(name.ljust(widest), text) for name, text in records]
                formatter.write_dl(aligned, col_max=widest)


def _bold(text: str) -> str:
    """Return a heading in bold; click takes that out again where nobody sees it."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return text
    return click.style(text, bold=True)


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """Return click's decorator for an option that `group` can put under a heading."""
    return click.option(*names, cls=_Option, **settings)


def _together(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(function: Any) -> Any:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


def group(heading: str, *decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a decorator that gives a command some options, under one heading of its help."""

    def apply(function: Any) -> Any:
        before = len(getattr(function, "__click_params__", ()))
        function = _together(*decorators)(function)
        for param in function.__click_params__[before:]:
            if isinstance(param, _Option):
                param.heading = heading
        return function

    return apply


def paths_like(
    ctx: click.Context, param: click.Parameter | None, incomplete: str
) -> list[CompletionItem]:
    """Let the shell complete a path."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def rules_like(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the last of several rules with commas between them."""
    from click.shell_completion import CompletionItem

    from volint.catalogue import rule_names

    before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(before + comma + name)
        for name in rule_names()
        if name.lower().startswith(last.lower())
    ]


def _file(*names: str, metavar: str = "FILE", **settings: Any) -> Callable[[Any], Any]:
    return option(*names, metavar=metavar, shell_complete=paths_like, **settings)


def _codes(*names: str, **settings: Any) -> Callable[[Any], Any]:
    return option(*names, multiple=True, metavar="RULES", shell_complete=rules_like, **settings)


paths = click.argument("paths", nargs=-1, metavar="[PATHS]...", shell_complete=paths_like)

files = _together(
    option("--exclude", multiple=True, metavar="GLOB", help="Leave out files that match."),
    option("--force-exclude", is_flag=True, help="Leave them out even where PATHS name them."),
    option("--stdin-filename", metavar="NAME", help="What '-' is called, and where it stands."),
    _file("--config", help="Read this configuration file."),
    option("--no-config", is_flag=True, help="Read no configuration file."),
    _file("--cwd", metavar="DIR", help="Where the run lines of scripts are started."),
    option(
        "--environment",
        type=_ENVIRONMENTS,
        metavar="ENV",
        help="production, staging, development, test or example.",
    ),
    option(
        "--resolve-env",
        is_flag=True,
        help="Interpolate with this process's variables, too.",
    ),
)
looking = group(
    "What to look at",
    files,
    option("--show-files", is_flag=True, help="List the files that would be read, and stop."),
    option("--show-settings", is_flag=True, help="List all settings and their origins, and stop."),
)
project = group(
    "One Compose project instead of PATHS",
    _file("-f", "--file", "compose_files", multiple=True, help="As docker compose -f; repeat it."),
    option("--profile", "profiles", multiple=True, metavar="NAME", help="Activate a profile."),
    _file("--env-file", "env_files", multiple=True, help="Interpolate from FILE, not from .env."),
    _file("--project-directory", metavar="DIR", help="What relative paths are relative to."),
    option("--project-name", metavar="NAME", help="What the project is called."),
)
rules = _file(
    "--rules", multiple=True, metavar="FILE|DIR", help="Load Python rules from there as well."
)
chosen = _together(
    _codes("--select", help="Run only these rules."),
    _codes("--extend-select", help="Run these as well."),
    _codes("--ignore", help="Do not run these."),
    rules,
    option(
        "--persona",
        type=_PERSONAS,
        metavar="PERSONA",
        help="regular (default), pedantic or auditor.",
    ),
    option(
        "--min-level",
        type=_LEVELS,
        metavar="LEVEL",
        help="Hide findings below note, warning or error.",
    ),
    option(
        "--min-confidence",
        type=_CONFIDENCES,
        metavar="LEVEL",
        help="Hide findings below low, medium or high.",
    ),
    option("--no-ignores", is_flag=True, help="Show what ignore comments hide."),
)
choosing = group(
    "Which rules and findings",
    chosen,
    option(
        "--fail-on",
        type=_LEVELS,
        metavar="LEVEL",
        help="Exit 1 from note, warning (default) or error on.",
    ),
)
changing = group(
    "Changing files",
    option("--fix", is_flag=True, help="Apply the safe fixes."),
    option("--unsafe-fixes", is_flag=True, help="And those that change what containers do."),
    option("--diff", is_flag=True, help="Print what --fix would change instead."),
    option(
        "--add-ignore",
        is_flag=False,
        flag_value="",
        metavar="[=REASON]",
        help="Write an ignore comment for each finding.",
    ),
)
_baseline = _file("--baseline", help="Leave out the findings that FILE knows.")
_diff_base = option(
    "--diff-base", metavar="REV", help="Only lines changed since a revision of git."
)
news = _together(_baseline, _diff_base)
adopting = group(
    "Beginning with an old code base",
    _baseline,
    _file("--write-baseline", help="Write all findings to FILE, and exit 0."),
    _diff_base,
    option("--statistics", is_flag=True, help="Print how often each rule found something."),
)


output = _together(
    _file("-o", "--output", help="Write to FILE instead of stdout."),
    option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        metavar="WHEN",
        help="auto (default), always or never.",
    ),
)


def shown(formats: str) -> Callable[[Any], Any]:
    """Return the options that say how to print, and where; the first word of formats is the default."""
    first, *others = formats.split()
    return _together(
        option(
            "--format",
            "formats",
            multiple=True,
            metavar="FORMAT[=FILE]",
            help=f"{first}, {', '.join(others)}; repeatable.",
        ),
        output,
    )


def listed(what: str) -> Callable[[Any], Any]:
    """Return the options of the commands that print rules; `what` is printed."""
    return group(
        "Options",
        option(
            "--format",
            "formats",
            type=click.Choice(["text", "markdown", "json"]),
            metavar="FORMAT",
            default="text",
            help=f"How to print {what}: text (default), markdown or json.",
        ),
        rules,
        output,
    )


def _positive(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    # A range of click's would be written out in the help.
    if value is not None and value < 1:
        raise click.BadParameter(f"{value} is too few; use 1 or more", ctx, param)
    return value


verbosity = _together(
    option("--sarif-category", metavar="NAME", help="Category of the SARIF run."),
    option("-q", "--quiet", is_flag=True, help="No summary on stderr."),
    option("-v", "--verbose", is_flag=True, help="Say on stderr where time went."),
    option(
        "-j",
        "--jobs",
        type=int,
        metavar="N",
        callback=_positive,
        help="Use up to N processes; by default as many as pay.",
    ),
    option("--watch", is_flag=True, help="Check again after each change, until Ctrl-C."),
)
