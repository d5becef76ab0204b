"""Credentials that are written out where containers are described.

A value counts as it is written: `${NAME:-text}` is the text, `${NAME}` is nothing, whatever an env file
says of it. No value leaves this module, only its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint import knowledge
from volint.parse.interpolation import interpolate
from volint.record import NamedTuple
from volint.source import Span, Text, Word

if TYPE_CHECKING:
    from volint.knowledge.credentials import Credential
    from volint.model import Container, EnvVar

__all__ = ["Literal", "as_written", "env_literals", "names_of_users"]

_SHELL = re.compile(r"\$\{(\w+):?[-=]")
"""Defaults as a shell writes them, also of positional parameters."""
_RUN = frozenset(("-e", "--env-file"))
_USERS = ("USER", "USERNAME", "LOGIN", "DB", "DATABASE", "NAME", "DBNAME")


class Literal(NamedTuple):
    """A credential that somebody wrote down."""

    name: Text
    """The variable, or the word that says what follows."""
    place: Span
    """Where the value is written: not to be shown."""
    kind: str
    """'password', 'token', 'url' ... (`Credential.kind`)."""
    placeholder: bool
    """True for a value that says it is to be replaced, or that everybody knows."""
    origin: str
    """`EnvVar.origin`, or the key it stands under."""
    is_default: bool = False
    """True where it is the default of a variable."""


def as_written(text: Text, *, shell: bool) -> tuple[str, tuple[str, ...]]:
    """Return a value with nothing known of any variable but its default, and the names that leave gaps.

    A shell's variables that the same file sets are known: their values are written, too.
    """
    if shell:
        if not text.unresolved:
            return text.value, ()
        template = _SHELL.sub(r"${_\1:-", text.value)
        return _interpolated(template, text).value, text.unresolved
    template = text.span.text()
    # Single quotes of an env file keep what is between them.
    if "$" not in template or (template == text.value and not text.unresolved):
        return text.value, text.unresolved
    word = _interpolated(template, text)
    return word.value, word.unresolved()


def _interpolated(template: str, text: Text) -> Word:
    return interpolate(Word(template, text.span), lambda name: None, True).word


def names_of_users(container: Container) -> list[str]:
    """Return the words that make a password a demo value when it is one of them."""
    found = [container.name.value]
    for variable in container.env:
        value = variable.value
        if value is not None and not value.unresolved and value.value:
            last = variable.name.value.upper().replace("-", "_").rpartition("_")[2]
            if last.endswith(_USERS):
                found.append(value.value)
    return found


def env_literals(container: Container) -> list[Literal]:
    """Return the credentials written in a container's variables and env files, in order."""
    found = []
    users: list[str] | None = None
    for variable in container.env:
        if variable.value is None or not variable.value.value or variable.origin == "ENV":
            continue
        if users is None:
            users = names_of_users(container)
        literal = _of_variable(variable, users)
        if literal is not None:
            found.append(literal)
    return found


def _of_variable(variable: EnvVar, users: list[str]) -> Literal | None:
    name, text = variable.name, variable.value
    if text is None or text.span == name.span:
        # A bare name takes its value from elsewhere.
        return None
    shell = variable.origin in _RUN
    written, gaps = as_written(text, shell=shell)
    credential: Credential | None = None
    if written:
        credential = knowledge.find_credential(
            name.value, written, unresolved=gaps, companions=users
        )
    if credential is None:
        return None
    return Literal(
        name,
        text.span,
        credential.kind,
        credential.placeholder,
        variable.origin,
        is_default=written != text.value or "${" in text.span.text(),
    )
