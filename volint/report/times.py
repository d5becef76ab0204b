"""`--verbose`: which configuration and rules a run used, and where its time went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.session import Session

__all__ = ["render"]

_MOST = 5
_FILES = frozenset(("reading", "scripts", "compose", "dockerfiles"))
_RULES = frozenset(("rules",))


def _row(seconds: float, what: str) -> str:
    return f"{seconds * 1000:10.1f} ms  {escape(what)}"


def _steps(session: Session, start_up: float | None) -> Iterable[str]:
    """Yield what each step took, one done twice once, and their sum."""
    sums: dict[str, float] = {} if start_up is None else {"start of Python and volint": start_up}
    before = session.laps[0][1]
    for what, now in session.laps[1:]:
        sums[what] = sums.get(what, 0.0) + now - before
        before = now
    for what, seconds in sums.items():
        yield _row(seconds, what)
    yield _row(sum(sums.values()), "in all")
    if session.beside:
        yield _row(session.beside, "in other processes meanwhile")


def render(session: Session, selected: int) -> list[str]:
    """Return the lines for a run that is over and had `selected` rules.

    The setting `start_up` is the seconds that went by before the run, None if that is not known.
    """
    table = session.table()
    config = session.config.path
    lines = [
        f"configuration: {escape(config) if config else 'none found'}",
        f"rules: {selected} of {len(table)} selected",
        "time:",
        *_steps(session, session.settings.get("start_up")),
    ]
    if session.times is None:
        return lines
    rules = session.times.slowest(_RULES, _MOST)
    files = session.times.slowest(_FILES, _MOST)
    if rules:
        lines.append("slowest rules:")
        lines += [_row(seconds, f"{code} {table[code][0].name}") for code, seconds in rules]
    if files:
        lines.append("slowest files:")
        lines += [_row(seconds, name) for name, seconds in files]
    return lines
