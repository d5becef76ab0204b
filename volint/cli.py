"""The command line: click, streams and exit statuses; nothing else.

Exit status: 0 nothing at or above `--fail-on`, 1 something, 2 volint could not do its work or could not
see all of what it was asked to see.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from volint import __version__, clioptions, streams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.shell_completion import CompletionItem

    from volint.app import Outcome

__all__ = ["main"]

# Named here as well, since help loads nothing of the reports.
_CHECK_FORMATS = "full concise grouped json jsonl sarif github gitlab junit checkstyle markdown"
_MOUNT_FORMATS = "table json mermaid dot svg html"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Verbs(click.Group):
    """A group whose first word may be left out: `volint .` is `volint check .`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            # A word not yet there is to be completed: it may become a verb.
            args = [] if ctx.resilient_parsing else ["check"]
        elif args[0] not in self.commands and args[0] not in ("-h", "--help", "--version", "-V"):
            self._refuse_misspelled(ctx, args[0])
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def _refuse_misspelled(self, ctx: click.Context, word: str) -> None:
        """Raise UsageError for a word that is no path that is there, and nearly a verb."""
        if word.isalpha() and not ctx.resilient_parsing and not os.path.lexists(word):
            from volint.mistakes import closest

            verb = closest(word, self.commands)
            if verb:
                raise click.UsageError(
                    f"'{word}' is no file and no verb; did you mean 'volint {verb}'?", ctx
                )

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        try:
            return super().make_context(*args, **more)
        except KeyboardInterrupt:
            # Before click gets to see it, which would print an empty line.
            raise click.exceptions.Exit(130) from None

    def invoke(self, ctx: click.Context) -> Any:
        # Before click gets to see them: it ends a broken pipe with 1, which means findings.
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader has seen enough.
            streams.discard_output()
            ctx.exit(141)
        except KeyboardInterrupt:
            ctx.exit(130)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        verb = self.commands["check"]
        inner = verb.make_context("check", [], ctx, resilient_parsing=True)
        paths = (
            clioptions.paths_like(inner, None, incomplete) if not incomplete.startswith("-") else []
        )
        return [
            *paths,
            *super().shell_complete(ctx, incomplete),
            *verb.shell_complete(inner, incomplete),
        ]


@click.group(
    cls=_Verbs,
    context_settings=_CONTEXT,
    epilog="`volint rule VL103` explains a rule. More: https://github.com/volint/volint/tree/main/docs",
)
@click.version_option(__version__, "-V", "--version", message="volint %(version)s")
def cli() -> None:
    """Find out what your containers will do to your data, before you run them.

    Reads Compose files, Dockerfiles with their build contexts and `docker run` lines wherever they are
    written. `volint [PATHS]` is short for `volint check [PATHS]`, whose options `volint check --help` lists.
    """


class _Check(clioptions.Command):
    """`check`, where what follows a bare `--add-ignore` is a path and not its reason."""

    dense = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        args[:end] = ["--add-ignore=" if arg == "--add-ignore" else arg for arg in args[:end]]
        return super().parse_args(ctx, args)


@cli.command(
    cls=_Check, context_settings=_CONTEXT, short_help="Check PATHS; the verb may be left out."
)
@clioptions.paths
@clioptions.looking
@clioptions.project
@clioptions.choosing
@clioptions.changing
@clioptions.adopting
@clioptions.group("Output", clioptions.shown(_CHECK_FORMATS), clioptions.verbosity)
@click.pass_context
def check(ctx: click.Context, /, **given: Any) -> None:
    """Check PATHS, by default '.'; RULES are codes, prefixes or names with commas."""
    from volint.app import check as run

    if given["unsafe_fixes"] and not (given["fix"] or given["diff"]):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff", ctx)
    for path in given["paths"]:
        if path in cli.commands and not os.path.lexists(path):
            raise click.UsageError(
                f"'{path}' is no file here; if the verb is meant, write it first, as in 'volint {path}'",
                ctx,
            )
    from_stdin = "-" in (*given["paths"], *given["compose_files"])
    if given["fix"] and not given["diff"] and from_stdin:
        raise click.UsageError(
            "--fix cannot write to standard input; use --diff, which shows the fixes", ctx
        )
    if given["add_ignore"] is not None:
        if given["fix"] or given["diff"] or given["write_baseline"]:
            raise click.UsageError(
                "--add-ignore goes alone; leave out --fix, --diff and --write-baseline", ctx
            )
        if from_stdin:
            raise click.UsageError(
                "--add-ignore cannot write to standard input; name the file", ctx
            )
        if not given["add_ignore"].isprintable() or "--" in given["add_ignore"]:
            raise click.UsageError(
                "the reason of --add-ignore is no comment; write one line without '--'", ctx
            )
    if given["watch"]:
        _watch(ctx, given)
    _finish(ctx, _run(run, _settings(ctx, given)))


@cli.command(
    cls=clioptions.Command,
    context_settings=_CONTEXT,
    short_help="Show what is mounted where, read-only or not.",
)
@clioptions.paths
@clioptions.group("What to look at", clioptions.files)
@clioptions.project
@clioptions.group("Output", clioptions.shown(_MOUNT_FORMATS))
@click.pass_context
def mounts(ctx: click.Context, /, **given: Any) -> None:
    """Show the mount model itself: every project, container, mount and volume found in PATHS."""
    from volint.app import mounts as run

    _finish(ctx, _run(run, _settings(ctx, given)))


@cli.command(
    cls=clioptions.Command,
    context_settings=_CONTEXT,
    short_help="Write a page for a review: findings and the map.",
)
@clioptions.paths
@clioptions.group("What to look at", clioptions.files)
@clioptions.project
@clioptions.group("Which rules and findings", clioptions.chosen, clioptions.news)
@clioptions.group("Output", clioptions.output)
@click.pass_context
def report(ctx: click.Context, /, **given: Any) -> None:
    """Write one HTML page for a review: findings by rule and by project, and what is mounted where."""
    from volint.app import report as run

    _finish(ctx, _run(run, _settings(ctx, given)))


@cli.command(
    cls=clioptions.Command,
    context_settings=_CONTEXT,
    short_help="Write a commented configuration to start from.",
)
@clioptions.paths
@clioptions.group(
    "Options",
    clioptions.option(
        "-o",
        "--output",
        metavar="FILE",
        default="volint.yaml",
        shell_complete=clioptions.paths_like,
        help="What to write [default: volint.yaml]; '-' is stdout.",
    ),
    clioptions.option("--force", is_flag=True, help="Write over a file that is there."),
)
@click.pass_context
def init(ctx: click.Context, /, **given: Any) -> None:
    """Write a commented configuration to start from, made of what is found in PATHS."""
    from volint.app import init as run

    _finish(ctx, _run(run, given))


@cli.command(cls=clioptions.Command, context_settings=_CONTEXT, short_help="Print one rule's page.")
@click.argument("rule_name", metavar="CODE|NAME", shell_complete=clioptions.rules_like)
@clioptions.listed("the page")
@click.pass_context
def rule(ctx: click.Context, /, rule_name: str, formats: str, **given: Any) -> None:
    """Print one rule's page: what it finds, why, examples, exceptions, options."""
    from volint.catalogue import rule_page

    _finish(
        ctx,
        rule_page(
            rule_name,
            formats,
            shown=streams.shown(given),
            output=_output_file(given),
            rules=given["rules"],
        ),
    )


@cli.command(cls=clioptions.Command, context_settings=_CONTEXT)
@clioptions.listed("the list")
@click.pass_context
def rules(ctx: click.Context, /, formats: str, **given: Any) -> None:
    """List all rules."""
    from volint.catalogue import rule_list

    _finish(
        ctx,
        rule_list(
            formats, shown=streams.shown(given), output=_output_file(given), rules=given["rules"]
        ),
    )


@cli.command(cls=clioptions.Command, context_settings=_CONTEXT)
@clioptions.group("Options", clioptions.rules, clioptions.output)
@click.pass_context
def schema(ctx: click.Context, /, **given: Any) -> None:
    """Print the JSON schema of the configuration."""
    from volint.catalogue import schema_text

    _finish(ctx, schema_text(output=_output_file(given), rules=given["rules"]))


@cli.command(
    "lsp",
    cls=clioptions.Command,
    context_settings=_CONTEXT,
    short_help="Serve an editor (needs volint[lsp]).",
)
@clioptions.group(
    "Options",
    clioptions.option(
        "--stdio", is_flag=True, help="Speak over stdin and stdout, as it always does."
    ),
)
@click.pass_context
def language_server(ctx: click.Context, /, stdio: bool) -> None:
    """Serve an editor over stdin and stdout: findings as you type, fixes, hover.

    Speaks the Language Server Protocol. The packages that it is made of come with `pip install 'volint[lsp]'`.
    """
    from volint.lsp import MissingExtraError, serve

    if sys.stdin.isatty():
        click.echo(
            "note: an editor starts this and speaks to it; docs/editors.md lists what to write in its configuration",
            err=True,
        )
    try:
        serve(_editor_settings)
    except MissingExtraError as error:
        raise click.ClickException(str(error)) from None


_NOT_IN_AN_EDITOR = (
    *("paths", "compose_files", "formats", "output", "fix", "unsafe_fixes", "diff", "statistics"),
    *("write_baseline", "add_ignore", "show_files", "show_settings", "stdin_filename", "jobs"),
)


def _editor_settings(args: Sequence[str]) -> dict[str, Any]:
    """Return the settings that some options of `check` make; raises ValueError for what an editor cannot have."""
    try:
        ctx = check.make_context("check", list(args))
    except click.ClickException as error:
        raise ValueError(_mistake(error)) from None
    except click.exceptions.Exit:
        raise ValueError("'--help' is for a terminal; leave it out") from None
    for name in _NOT_IN_AN_EDITOR:
        if ctx.params[name]:
            raise ValueError(
                f"'{name.replace('_', '-')}' is not for editors; leave it out of 'args'"
            )
    # A server has threads, beside which no process is forked.
    return {**ctx.params, "stdin": None, "jobs": 1}


def _output_file(given: dict[str, Any]) -> str | None:
    return None if given["output"] == "-" else given["output"]


def _run(verb: Callable[[dict[str, Any]], Outcome], settings: dict[str, Any]) -> Outcome:
    """Return what a verb comes to, with a line on the terminal meanwhile that says how far it is."""
    if not streams.shows_progress(settings):
        return verb(settings)
    from volint.report.progress import Progress

    with Progress(sys.stderr.fileno()) as progress:
        return verb({**settings, "progress": progress})


_NOT_WATCHED = {
    "--fix": "--diff shows what it would change",
    "--write-baseline": "write it once, without --watch",
    "--add-ignore": "write them once, without --watch",
    "--output": "findings go to stdout",
    "--show-files": "it lists them once",
    "--show-settings": "it lists them once",
}
"""Options that cannot be combined with --watch, and what to know then."""


def _watch(ctx: click.Context, given: dict[str, Any]) -> None:
    """Check again and again, until it is interrupted."""
    from volint.app import check, watch

    for option, advice in _NOT_WATCHED.items():
        if given[option[2:].replace("-", "_")] not in (None, False, "-"):
            raise click.UsageError(
                f"--watch goes without {option}; leave one of them out: {advice}", ctx
            )
    if any("=" in name and not name.endswith("=-") for name in given["formats"]):
        raise click.UsageError("--watch writes to no file; leave out '=FILE'", ctx)
    if "-" in (*given["paths"], *given["compose_files"]):
        raise click.UsageError("--watch cannot watch standard input; name the file", ctx)
    # As wide as the terminal is by then.
    outcomes = watch(
        _settings(ctx, given),
        lambda settings: _run(check, {**settings, **streams.shown(given), **streams.said(given)}),
    )
    for outcome in outcomes:
        if sys.stdout.isatty() and not streams.is_dumb():
            streams.write(sys.stdout, "\x1b[H\x1b[2J")
        status = streams.emit(outcome, given)
        sys.stderr.flush()
    ctx.exit(status)


def _settings(ctx: click.Context, given: dict[str, Any]) -> dict[str, Any]:
    """Check what click cannot, and read standard input if a path asks for it."""
    if given["compose_files"] and given["paths"]:
        raise click.UsageError("give either PATHS or -f/--file, not both", ctx)
    if not given["compose_files"]:
        for name, option in (
            ("profiles", "--profile"),
            ("env_files", "--env-file"),
            ("project_directory", "--project-directory"),
            ("project_name", "--project-name"),
        ):
            if given[name]:
                raise click.UsageError(f"{option} needs -f/--file to say which project", ctx)
    settings = dict(given)
    settings.update(streams.shown(given), **streams.said(given))
    settings["stdin"] = None
    if given.get("verbose"):
        from time import process_time

        settings["start_up"] = process_time()
    if "-" in given["paths"] or "-" in given["compose_files"]:
        settings["stdin"] = sys.stdin.buffer.read()
    elif given["stdin_filename"]:
        raise click.UsageError("--stdin-filename goes with the path '-'", ctx)
    return settings


def _finish(ctx: click.Context, outcome: Outcome) -> None:
    ctx.exit(streams.emit(outcome, ctx.params))


def _mistake(error: click.ClickException) -> str:
    """Return the words about a mistake in volint's manner: click begins with a capital and ends with a full stop."""
    if isinstance(error, click.NoSuchOption):
        from volint.mistakes import did_you_mean

        hint = did_you_mean(error.option_name, error.possibilities or ())
        return f"there is no option '{error.option_name}'{hint}"
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]


def _say_mistake(error: click.ClickException) -> None:
    from volint.report.terminal import escape

    streams.say(f"error: {escape(_mistake(error))}")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        lists = "verbs" if isinstance(error.ctx.command, click.Group) else "options"
        streams.say(f"help: '{error.ctx.command_path} --help' lists the {lists}")


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    # One short run makes garbage that is not worth collecting.
    gc.disable()
    streams.open_streams()
    status: object
    try:
        status = cli.main(
            args=list(args) if args is not None else None, prog_name="volint", standalone_mode=False
        )
    except click.ClickException as error:
        _say_mistake(error)
        status = 2
    except OSError as error:
        streams.discard_output()
        streams.say(
            f"error: cannot write to standard output: {error.strerror}; make room, or name a file with -o"
        )
        status = 2
    except (KeyboardInterrupt, click.Abort):
        status = 130
    # Nor is what is left: the interpreter would look through all of it once more while it ends.
    gc.freeze()
    sys.exit(status if isinstance(status, int) else 0)
