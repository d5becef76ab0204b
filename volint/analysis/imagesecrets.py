"""Secrets that builds take into images: files that a COPY takes, credentials in ENV, ARG and build arguments.

No value leaves this module, only its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint import knowledge
from volint.analysis.copies import final_stages
from volint.knowledge.contents import Verdict
from volint.model import StepKind
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from volint.analysis.copies import Copy
    from volint.knowledge.patterns import SecretFile
    from volint.model import Build, Stage, Step
    from volint.source import Span, Text

__all__ = ["Declared", "TakenSecret", "declared_secrets", "names_secret", "taken_secrets"]

_HEAD = 64 * 1024
"""Bytes of a file that are looked at."""
_TESTS = frozenset(
    (
        *("test", "tests", "testdata", "test_data", "test-data", "fixtures", "__tests__"),
        *("test_resources", "test-resources", "testresources"),
        *("spec", "e2e", "example", "examples", ".ci", ".github"),
    )
)
"""Directories whose keys and credentials are there to be seen."""


class TakenSecret(NamedTuple):
    """A secret file that a COPY takes."""

    path: str
    """Its path below the context's root, or the pattern that names it."""
    entry: SecretFile
    """What its name says."""
    verdict: Verdict
    """What its content says: never harmless; unknown also for what is not there."""

    @property
    def is_sure(self) -> bool:
        """True if name or content leave no doubt."""
        return self.verdict is Verdict.SECRET or (
            self.verdict is Verdict.UNKNOWN and self.entry.confidence == "high"
        )


def names_secret(copy: Copy) -> bool:
    """Return whether a source is itself a secret's file, directory or pattern of files (`*.pem`)."""
    return not copy.is_broad and copy.certain and _named(copy) is not None


def _named(copy: Copy) -> SecretFile | None:
    name = copy.path
    if name.endswith("*"):
        # '.env*' and '.env.*' take '.env', 'secrets/*' what is in it.
        name = name.rstrip("*").rstrip("./")
    entry = knowledge.secret_file(name) if name else None
    return entry if entry is not None and entry.kind != "history" else None


def taken_secrets(copy: Copy) -> list[TakenSecret]:
    """Return the secrets among the files that a source takes, or what it names if that is not there."""
    found = []
    named = names_secret(copy)
    for file in copy.files:
        if file.is_directory or file.is_link:
            continue
        entry = knowledge.secret_file(file.path)
        if entry is None or entry.confidence == "low" or entry.kind == "history":
            continue
        parts = file.path.lower().split("/")[:-1]
        if not named and (
            _TESTS.intersection(parts) or any(map(knowledge.is_dependency_directory, parts))
        ):
            continue
        content = copy.build.files.head(file.path, _HEAD) if copy.build.files else None
        verdict = (
            Verdict.UNKNOWN if content is None else knowledge.secret_verdict(file.path, content)
        )
        if _counts(entry, verdict):
            found.append(TakenSecret(file.path, entry, verdict))
    if copy.files or not named:
        return found
    entry = _named(copy)
    if entry is not None and entry.kind == "env-file" and copy.path.rpartition("/")[2][:1] == "*":
        # '*.env' of a folder that holds none so far is mostly for settings.
        return found
    unseen = copy.build.files is None or copy.is_missing or copy.is_pattern
    if entry is not None and entry.confidence != "low" and unseen:
        found.append(TakenSecret(copy.path, entry, Verdict.UNKNOWN))
    return found


def _counts(entry: SecretFile, verdict: Verdict) -> bool:
    if verdict is Verdict.UNKNOWN and entry.confidence != "high":
        # A private key would have said so.
        return entry.kind != "private-key"
    return verdict is not Verdict.HARMLESS


# -- credentials that are written into the Dockerfile


class Declared(NamedTuple):
    """A credential in ENV, ARG or a build argument."""

    name: Text
    """The variable."""
    origin: str
    """'ENV', 'ARG', 'build.args' or '--build-arg'."""
    value: Span | None
    """Where the literal stands; None for an ARG without default."""
    placeholder: bool = False
    """True for a demo value."""
    in_image: bool = True
    """False in a stage that is not part of the image."""
    used: bool = False
    """True for an ARG that a RUN or ENV behind it uses."""


def declared_secrets(build: Build) -> list[Declared]:
    """Return the credentials that a Dockerfile or its build arguments hold, in order."""
    found: dict[Span, Declared] = {}
    final = final_stages(build)
    for step in build.global_args:
        for one in _of_step(step, (), in_image=False):
            if one.value is not None:
                found[one.name.span] = one
    for index, stage in enumerate(build.stages):
        users = _users(stage)
        for number, step in enumerate(stage.steps):
            for one in _of_step(step, users, in_image=index in final):
                if one.value is None:
                    one = one._replace(used=_uses(stage.steps[number + 1 :], one.name.value))
                seen = found.get(one.name.span)
                if seen is None or (one.in_image and not seen.in_image):
                    found[one.name.span] = one
    for arg in build.args:
        if arg.value is not None:
            credential = knowledge.find_credential(
                arg.name.value, arg.value.value, unresolved=arg.value.unresolved
            )
            if credential is not None:
                found[arg.name.span] = Declared(
                    arg.name, arg.origin, arg.value.span, credential.placeholder
                )
    return list(found.values())


def _users(stage: Stage) -> tuple[str, ...]:
    return tuple(
        value.value
        for step in stage.steps
        if step.kind in (StepKind.ENV, StepKind.ARG)
        for name, value in step.pairs
        if value is not None and "USER" in name.value.upper()
    )


def _of_step(step: Step, users: Iterable[str], *, in_image: bool) -> Iterator[Declared]:
    if step.kind not in (StepKind.ENV, StepKind.ARG):
        return
    for name, value in step.pairs:
        if value is not None and value.value:
            credential = knowledge.find_credential(
                name.value, value.value, unresolved=value.unresolved, companions=users
            )
            if credential is not None:
                place = value.span
                yield Declared(name, step.kind.value, place, credential.placeholder, in_image)
        elif step.kind is StepKind.ARG and knowledge.credential_name(name.value) is not None:
            yield Declared(name, "ARG", None, in_image=in_image)


def _uses(steps: Iterable[Step], name: str) -> bool:
    """Return whether a RUN or an ENV expands a variable."""
    expansion = re.compile(r"\$(?:\{\s*)?" + re.escape(name) + r"\b")
    for step in steps:
        if step.kind is StepKind.RUN:
            if any(expansion.search(text.value) for text in (*step.words, *step.heredocs)):
                return True
        elif step.kind is StepKind.ENV and any(
            value is not None and name in value.unresolved for _, value in step.pairs
        ):
            return True
    return False
