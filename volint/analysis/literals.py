"""Credentials that are written out where containers are described.

A value counts as it is written: `${NAME:-text}` is the text, `${NAME}` is nothing, whatever an env file
says of it. No value leaves this module, only its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint import knowledge
from volint.lazy import regex
from volint.model import EnvironmentKind
from volint.parse.interpolation import interpolate
from volint.record import NamedTuple
from volint.rule import Confidence, Level, Persona
from volint.source import Kind, Span, Text, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.knowledge.credentials import Credential
    from volint.model import Container, EnvVar, Project

__all__ = [
    "Exposure",
    "Literal",
    "as_written",
    "env_literals",
    "exposure",
    "names_of_users",
    "variable_literals",
]

_SHELL = regex(r"\$\{(\w+):?[-=]")
"""Defaults as a shell writes them, also of positional parameters."""
_BLANK = regex(r"[\"']?<[^<>]*>[\"']?")
_WORD = regex(r"[^A-Za-z0-9]+")
_RUN = frozenset(("-e", "--env-file"))
_IDS = ("ACCESS_KEY_ID", "ACCESS_KEY", "CLIENT_ID", "APP_ID")
_USERS = ("USER", "USERNAME", "LOGIN", "DB", "DATABASE", "NAME", "DBNAME")


_QUIET = (EnvironmentKind.DEVELOPMENT, EnvironmentKind.TEST, EnvironmentKind.EXAMPLE)
_KINDS = {
    "url": "a password",
    "auth": "a password",
    "accounts": "a password",
    "key": "a key",
    "private-key": "a private key",
    "password": "a password",
    "token": "a token",
    "secret": "a secret",
}


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

    @property
    def what(self) -> str:
        """What it is, with its article: "a password", "a demo value"."""
        if self.is_blank:
            return "a placeholder"
        return "a demo value" if self.placeholder else _KINDS.get(self.kind, "a credential")

    @property
    def is_blank(self) -> bool:
        """True for a value that somebody has to fill in: `<password>`."""
        return self.placeholder and _BLANK.fullmatch(self.place.text()) is not None

    @property
    def why(self) -> str:
        """What it is and when it counts, for a label."""
        return f"{self.what}, used where the variable is not set" if self.is_default else self.what


class Exposure(NamedTuple):
    """How bad it is that literals stand where they stand, and for whom."""

    demo: bool
    """True if all of them are demo values."""
    level: Level
    """Warning where it runs in production or nobody knows, else note; note for demo values."""
    confidence: Confidence
    """Medium where only a variable says that it is production."""
    persona: Persona
    """Pedantic for demo values in place: in development, tests and examples."""


def exposure(
    project: Project, container: Container | None, literals: Sequence[Literal]
) -> Exposure:
    """Return how bad literals of a container, or of the project itself, are."""
    demo = all(literal.placeholder for literal in literals)
    environment = project.environment_of(container) if container else project.environment
    in_ci = any(literal.place.source.kind is Kind.CI for literal in literals)
    quiet = in_ci or environment.value in _QUIET
    return Exposure(
        demo,
        Level.NOTE if demo or quiet else Level.WARNING,
        Confidence.HIGH if environment.certain else Confidence.MEDIUM,
        Persona.PEDANTIC if demo and quiet else Persona.REGULAR,
    )


def as_written(text: Text, *, shell: bool) -> tuple[str, tuple[str, ...]]:
    """Return a value with nothing known of any variable but its default, and the names that leave gaps.

    A shell's variables that the same file sets are known: their values are written, too.
    """
    if shell:
        if not text.unresolved:
            return text.value, ()
        if _SHELL.search(text.value) is None:
            return text.value, text.unresolved
        template = _SHELL.sub(r"${_\1:-", text.value)
        return _interpolated(template, text).value, text.unresolved
    template = _plain(text.span)
    # Single quotes of an env file keep what is between them.
    if "$" not in template or (template == text.value and not text.unresolved):
        return text.value, text.unresolved
    word = _interpolated(template, text)
    return word.value, word.unresolved()


def _plain(span: Span) -> str:
    """Return what is written at a place without the escapes of the quotes around it."""
    text = span.text()
    quote = span.source.text[span.start - 1 : span.start] if span.start else ""
    if quote == '"' and "\\" in text:
        return text.replace('\\"', '"').replace("\\\\", "\\")
    return text.replace("''", "'") if quote == "'" else text


def _interpolated(template: str, text: Text) -> Word:
    return interpolate(Word(template, text.span), lambda name: None, True).word


def names_of_users(variables: Iterable[EnvVar]) -> list[str]:
    """Return the values of names of users and databases: passwords equal to them are demo values."""
    found = []
    for variable in variables:
        value = variable.value
        if value is not None and not value.unresolved and value.value:
            name = variable.name.value.upper().replace("-", "_")
            if name.rpartition("_")[2].endswith(_USERS) or name.endswith(_IDS):
                found.append(value.value)
    return found


def env_literals(container: Container) -> list[Literal]:
    """Return the credentials written in a container's variables and env files, in order."""
    return variable_literals(container.env, container.name.value)


def variable_literals(variables: Iterable[EnvVar], owner: str = "") -> list[Literal]:
    """Return the credentials written in some variables; `owner` is the name of what has them."""
    variables = [
        variable
        for variable in variables
        if variable.value is not None and variable.value.value and variable.origin != "ENV"
    ]
    users = [*([owner] if owner else ()), *names_of_users(variables)]
    # 'shop-password' in 'shop-db', and 'umami' under UMAMI_PASSWORD, say no more than their names.
    users += [part for part in _WORD.split(owner) if len(part) > 2]
    found = (_of_variable(variable, users) for variable in variables)
    return [literal for literal in found if literal is not None]


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
            name.value, written, unresolved=gaps, companions=[*users, *_WORD.split(name.value)]
        )
    if credential is None:
        return None
    if name.span.start == name.span.end:
        # A host file's own syntax for variables: the value alone has a place.
        name = name._replace(span=text.span)
    return Literal(
        name,
        text.span,
        credential.kind,
        credential.placeholder,
        variable.origin,
        is_default=written != text.value or "${" in text.span.text(),
    )
