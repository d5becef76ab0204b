"""A Dockerfile's stages: what is built on what, and the state of each from line to line.

The semantics are those of BuildKit v0.32 (frontend/dockerfile/dockerfile2llb). Every stage is read,
also those that the target does not need, as `docker build --check` does.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from volint.assemble.stagescope import Budget, Scope, State, value_of
from volint.assemble.stagesteps import StepReader
from volint.lazy import regex
from volint.model import Stage, Step, StepKind
from volint.parse.dockerfile_expand import UNKNOWN, SubstitutionError, expand
from volint.parse.dockerfile_words import pair
from volint.record import NamedTuple
from volint.source import Label, Problem, Text, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.parse.dockerfile_expand import Value
    from volint.parse.dockerfile_tree import Dockerfile, Instruction
    from volint.source import Span

__all__ = ["StagesResult", "stages"]

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PLATFORM = {
    "BUILDPLATFORM": "linux/amd64",
    "BUILDOS": "linux",
    "BUILDOSVERSION": "",
    "BUILDARCH": "amd64",
    "BUILDVARIANT": "",
    "TARGETPLATFORM": "linux/amd64",
    "TARGETOS": "linux",
    "TARGETOSVERSION": "",
    "TARGETARCH": "amd64",
    "TARGETVARIANT": "",
}
_TRIGGER_COST = 100
_MAX_PARTS = 8
_MAX_NAMES = 1000
_SIMPLE_IMAGE = regex(
    r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\Z"
)


class StagesResult(NamedTuple):
    """What `stages` returns."""

    stages: tuple[Stage, ...]
    """The stages in order."""
    global_args: tuple[Step, ...]
    """ARG instructions before the first FROM."""
    target_index: int | None
    """Index of the stage that is built; None if there is no such stage."""
    reachable: frozenset[int]
    """Indexes of the stages that building it needs."""
    problems: tuple[Problem, ...]
    """What BuildKit refuses when it builds the stages: VL601 for mounts and volumes, else VL001."""


class _Draft:
    """A stage before its steps are read."""

    __slots__ = ("base", "base_index", "commands", "name", "start", "triggers", "uses")

    def __init__(self, start: Instruction, name: Text | None, base: Word) -> None:
        self.start = start
        self.name = name
        self.base = base
        self.base_index: int | None = None
        self.commands: list[Instruction] = []
        self.triggers: list[Instruction] = []
        """Instructions behind ONBUILD, with their here-documents."""
        self.uses: list[tuple[int, Span, str]] = []


def stages(
    dockerfile: Dockerfile,
    args: Mapping[str, str] | None = None,
    target: str | None = None,
    symbolic: bool = True,
) -> StagesResult:
    """Lower a Dockerfile into stages.

    args: build arguments given from outside. target: the stage to build; None: the last.
    symbolic: variables that a base image, the platform or the caller may set are unknown and keep
    their `${NAME}` text; False: they are what they would be on linux/amd64 with base images that
    set nothing.
    """
    return _Reader(dockerfile, args or {}, target, symbolic).read()


class _Reader:
    def __init__(
        self, dockerfile: Dockerfile, args: Mapping[str, str], target: str | None, symbolic: bool
    ) -> None:
        self.dockerfile = dockerfile
        self.escape = dockerfile.escape
        self.args = args
        self.target = target
        self.symbolic = symbolic
        self.budget = Budget()
        self.problems: list[Problem] = []
        self.globals = Scope(self.budget, closed=True)
        self.defaults = Scope(self.budget, closed=True)
        """Global variables as they are without anything from outside, on linux/amd64."""
        self.global_steps: list[Step] = []
        self.drafts: list[_Draft] = []
        self.names: dict[str, int] = {}

    def problem(self, message: str, span: Span, help: str = "", *labels: Label) -> None:
        self.problems.append(Problem("VL001", message, span, help, labels))

    def open_base(self, message: str, span: Span, help: str = "") -> None:
        """Note a base image that is none by its default: builds are given one."""
        problem = Problem("VL001", message, span, help, level="note", persona="pedantic")
        self.problems.append(problem)

    def read(self) -> StagesResult:
        self.predefine()
        current: _Draft | None = None
        for instruction in self.dockerfile.instructions:
            if instruction.name == "FROM":
                current = self.stage(instruction)
            elif current is not None:
                current.commands.append(instruction)
                if instruction.trigger is not None:
                    trigger = instruction.trigger._replace(heredocs=instruction.heredocs)
                    current.triggers.append(trigger)
            elif instruction.name == "ARG":
                self.global_arg(instruction)
        lowered = self.lower()
        index = self.target_index()
        reachable = self.reachable(index)
        self.check_order()
        problems = () if self.dockerfile.template else tuple(self.problems)
        return StagesResult(tuple(lowered), tuple(self.global_steps), index, reachable, problems)

    # -- before the first FROM

    def predefine(self) -> None:
        """Set the variables that BuildKit itself gives to FROM lines."""
        stage = self.target
        if not stage:
            froms = [found for found in self.dockerfile.instructions if found.name == "FROM"]
            last = froms[-1].args if froms else ()
            stage = last[2].value.lower() if len(last) == 3 else "default"
        for name, value in {**_PLATFORM, "TARGETSTAGE": stage}.items():
            known = self.args.get(name, value)
            self.defaults.set(name, known)
            unknown = self.symbolic and name not in self.args
            self.globals.set(name, UNKNOWN if unknown else known)

    def expand(self, word: Word, shown: str = "") -> Word:
        try:
            return expand(word, self.globals.lookup, self.escape)
        except SubstitutionError as error:
            at = min(error.at, max(len(word.value) - 1, 0))
            place = word.slice(at, len(word.value)).span
            subject = shown or f"'{word}'"
            self.problem(f"{subject} cannot be expanded: {error}", place)
            return word

    def global_arg(self, instruction: Instruction) -> None:
        pairs: list[tuple[Text, Text | None]] = []
        environment = self.globals.snapshot()
        for word in instruction.args:
            key, default = pair(word)
            value: Value | None = self.args.get(key.value)
            shown: Text | None = None
            if default is not None:
                expanded = self.expand(default, f"the default of '{key}'")
                shown = expanded.text()
                if value is None:
                    value = value_of(expanded)
            elif value is None and self.symbolic and key.value not in self.globals.values:
                value = UNKNOWN
            if value is not None:
                self.globals.set(key.value, value)
            if isinstance(value, str):
                self.defaults.set(key.value, value)
            elif default is not None:
                with suppress(SubstitutionError):
                    known = expand(default, self.defaults.lookup, self.escape).value
                    self.defaults.set(key.value, known)
            pairs.append((key.text(), shown))
        self.global_steps.append(
            Step(
                StepKind.ARG,
                instruction.keyword.span,
                instruction.span,
                pairs=tuple(pairs),
                environment=environment,
            )
        )

    # -- FROM

    def stage(self, instruction: Instruction) -> _Draft:
        words = instruction.args
        name = None
        if len(words) == 3 and words[1].value.lower() == "as":
            name = words[2].text()._replace(value=words[2].value.lower())
        written = words[0] if words else Word("", instruction.keyword.span)
        told = len(self.problems)
        base = self.expand(written)
        refused = len(self.problems) > told
        draft = _Draft(instruction, name, base)
        if not base.value and words:
            self.open_base(
                f"the base image '{written}' is empty",
                written.span,
                "give the ARG a default before the first FROM",
            )
        # Names are looked up as they stand, though they are kept in lower case.
        draft.base_index = self.names.get(base.value)
        if draft.base_index is None and base.unresolved():
            draft.base_index = self.default_base(written)
        platform = instruction.flag("platform")
        if platform is not None and not self.expand(platform).value:
            self.problem(f"the platform '{platform}' is empty", platform.span)
        if name is not None:
            self.names[name.value] = len(self.drafts)
        self.drafts.append(draft)
        if draft.base_index is None and base.value and not refused:
            self.check_image(base.text(), written.value)
        return draft

    def default_base(self, written: Word) -> int | None:
        """Return the stage that `FROM build-${TARGETOS}` means unless something else is said."""
        with suppress(SubstitutionError):
            value = expand(written, self.defaults.lookup, self.escape).value
            return self.names.get(value)
        return None

    def check_image(self, image: Text, written: str = "") -> None:
        if image.unresolved or image.value == "scratch" or _SIMPLE_IMAGE.match(image.value):
            return
        from volint.parse.imageref import image_problem

        reason = image_problem(image.value, identifier=False)
        if reason and "$" in written:
            self.open_base(f"{reason}, by the default of its ARG", image.span)
        elif reason:
            self.problem(reason, image.span)

    # -- the stages

    def lower(self) -> list[Stage]:
        states: list[State] = []
        lowered: list[Stage] = []
        for draft in self.drafts:
            if draft.base_index is not None:
                state = states[draft.base_index].child()
            else:
                closed = not self.symbolic or draft.base.value == "scratch"
                state = State(Scope(self.budget, closed=closed))
                if closed:
                    state.scope.set("PATH", _DEFAULT_PATH)
            states.append(state)
            lowered.append(self.lower_one(draft, state))
        return lowered

    def lower_one(self, draft: _Draft, state: State) -> Stage:
        reader = StepReader(
            state,
            self.escape,
            self.args,
            self.globals.values,
            self.names,
            len(self.drafts),
            self.symbolic,
        )
        steps: list[Step | None] = []
        if draft.base_index is not None and self.budget.left > 0:
            triggers = self.drafts[draft.base_index].triggers
            self.budget.left -= _TRIGGER_COST * len(triggers)
            steps += [reader.step(trigger, onbuild=True) for trigger in triggers]
        steps += [reader.step(instruction) for instruction in draft.commands]
        self.problems += reader.problems
        draft.uses = reader.uses
        for image in reader.images:
            self.check_image(image)
        return Stage(
            draft.name,
            draft.base.text(),
            draft.base_index,
            draft.start.span,
            tuple(step for step in steps if step is not None),
            state.user,
            state.workdir,
            state.workdir_span,
            {name: text for name, (_value, text) in state.scope.image.items()},
            tuple(state.volumes.values()),
            state.command,
            state.entrypoint,
        )

    # -- what needs what

    def target_index(self) -> int | None:
        if not self.target:
            return len(self.drafts) - 1 if self.drafts else None
        return self.names.get(self.target.lower())

    def reachable(self, target: int | None) -> frozenset[int]:
        found: set[int] = set()
        left = [] if target is None else [target]
        while left:
            index = left.pop()
            if index in found:
                continue
            found.add(index)
            draft = self.drafts[index]
            if draft.base_index is not None:
                left.append(draft.base_index)
            elif draft.base.unresolved():
                left += self.possible_bases(draft.base, index)
            left += [used for used, _span, _how in draft.uses]
        return frozenset(found)

    def possible_bases(self, base: Word, before: int) -> list[int]:
        """Return the earlier stages that `FROM build-${VARIANT}` may mean."""
        value = value_of(base)
        if isinstance(value, str) or not any(text and not unknown for text, unknown in value):
            return []
        if len(value) > _MAX_PARTS or len(self.names) > _MAX_NAMES:
            return []
        found = re.compile("".join(".*" if unknown else re.escape(text) for text, unknown in value))
        return [
            index for name, index in self.names.items() if index < before and found.fullmatch(name)
        ]

    def check_order(self) -> None:
        """Report stages that take files from themselves or from later ones."""
        for index, draft in enumerate(self.drafts):
            for used, span, how in draft.uses:
                if used < index:
                    continue
                other = self.drafts[used]
                named = f"'{span.text()}'"
                if used == index:
                    message = f"the stage takes files from itself: {named}"
                elif how == "copy":
                    message = f"COPY takes files from the later stage {named}"
                else:
                    message = f"RUN mounts the later stage {named}"
                self.problem(
                    message,
                    span,
                    "" if used == index else "move that stage above this one",
                    Label(other.start.span, "this stage"),
                )
