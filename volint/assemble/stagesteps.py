"""One instruction after the other: what each makes of the state of its stage.

The order of evaluation is that of BuildKit v0.32, dockerfile2llb/convert.go: what is expanded, when
a value takes effect, which instruction takes back what another one set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.assemble.copysources import below, is_heredoc, is_remote
from volint.assemble.stagescope import State, value_of
from volint.model import Step, StepKind
from volint.parse.dockerfile_expand import UNKNOWN, SubstitutionError, expand
from volint.parse.dockerfile_lines import SPACE, cut
from volint.parse.dockerfile_words import pair
from volint.source import Piece, Problem, Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from volint.model import Mount
    from volint.parse.dockerfile_expand import Value
    from volint.parse.dockerfile_tree import Flag, Heredoc, Instruction
    from volint.source import Span

__all__ = ["StepReader"]

_EXPANDED_FLAGS = frozenset(("chown", "chmod", "checksum"))
_NAMES_AS_WRITTEN = frozenset(("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))
_INDEX = r"[+-]?[0-9]{1,18}\Z"
_BLANKS = rf"[^{SPACE}]+"
_PORT = r"(?:.*:)?([0-9]+)(?:-([0-9]+))?\Z"
_MODE = r"[ugoa]*(?:[-+=][rwxXstugo]*)+(?:,[ugoa]*(?:[-+=][rwxXstugo]*)+)*\Z"
_OCTAL = r"0*[0-7]{1,4}\Z"
_SIGNAL = (
    r"(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP"
    r"|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ"
    r"|RTMIN(?:\+(?:1[0-5]|[1-9]))?|RTMAX(?:-(?:1[0-4]|[1-9]))?|[+-]?0*[1-9][0-9]*)\Z"
)


class StepReader:
    """Lowers the instructions of one stage in order."""

    def __init__(
        self,
        state: State,
        escape: str,
        args: Mapping[str, str],
        global_args: Mapping[str, Value],
        names: Mapping[str, int],
        count: int,
        symbolic: bool,
    ) -> None:
        self.state = state
        self.escape = escape
        self.args = args
        self.global_args = global_args
        self.names = names
        """Index of the last stage of each name."""
        self.count = count
        """Number of stages."""
        self.symbolic = symbolic
        self.problems: list[Problem] = []
        self.uses: list[tuple[int, Span, str]] = []
        """Stages that --from and mounts name: index, place, 'copy' or 'mount'."""
        self.images: list[Text] = []
        """What --from and mounts name and is no stage."""

    # -- words

    def _problem(self, message: str, place: Span | Word | Text, help: str = "") -> None:
        span = place.span if isinstance(place, (Word, Text)) else place
        self.problems.append(Problem("VL001", message, span, help))

    def _expand(self, word: Word, shown: str = "") -> Word:
        """Fill in the variables of a word; one that BuildKit refuses is reported and stays.

        shown: what to call it instead of quoting it, where it may be a secret.
        """
        try:
            return expand(word, self.state.scope.lookup, self.escape)
        except SubstitutionError as error:
            at = min(error.at, max(len(word.value) - 1, 0))
            place = word.slice(at, len(word.value)).span
            subject = shown or f"'{word}'"
            self._problem(f"{subject} cannot be expanded: {error}", place)
            return word

    def _texts(self, words: Sequence[Word]) -> tuple[Text, ...]:
        return tuple(self._expand(word).text() for word in words)

    # -- steps

    def step(self, instruction: Instruction, *, onbuild: bool = False) -> Step | None:
        """Lower one instruction and change the state; None for an unknown one."""
        name = instruction.name
        kind = _STEP_KINDS.get(name)
        if kind is None:
            return None
        state = self.state
        step = Step(
            kind,
            instruction.keyword.span,
            instruction.span,
            flags=self._flags(name, instruction.flags) if instruction.flags else {},
            json_form=instruction.json,
            user=state.user.value if state.user else "",
            workdir=state.workdir,
            environment=state.scope.snapshot(),
            onbuild=onbuild,
        )
        handler = _HANDLERS.get(name)
        if handler:
            step = handler(self, instruction, step)
        return step

    def _flags(self, name: str, flags: Sequence[Flag]) -> dict[str, tuple[Text, ...]]:
        found: dict[str, tuple[Text, ...]] = {}
        for flag in flags:
            key = flag.name.value
            if flag.value is None:
                text = Text("", flag.span)
            elif name in ("COPY", "ADD") and key in _EXPANDED_FLAGS:
                text = self._expand(flag.value).text()
            else:
                text = flag.value.text()
            found[key] = (*found.get(key, ()), text)
        return found

    def _plain(self, instruction: Instruction, step: Step) -> Step:
        return step._replace(words=tuple(word.text() for word in instruction.args))

    def _expose(self, instruction: Instruction, step: Step) -> Step:
        words: list[Text] = []
        for word in instruction.args:
            # A variable may hold several ports.
            expanded = self._expand(word)
            words += (
                cut(expanded, *found.span()).text()
                for found in re.finditer(_BLANKS, expanded.value)
            )
        for port in words:
            number, _, protocol = port.value.partition("/")
            match = re.match(_PORT, number)
            numbers = [int(part[:6]) for part in match.groups() if part] if match else [1 << 16]
            valid = max(numbers) < 1 << 16 and numbers == sorted(numbers)
            known = protocol.lower() in ("", "tcp", "udp", "sctp")
            if not port.unresolved and not (valid and known):
                self._problem(f"'{port}' is no port", port, "write PORT or PORT/udp")
        return step._replace(words=tuple(words))

    def _stopsignal(self, instruction: Instruction, step: Step) -> Step:
        words = self._texts(instruction.args)
        for word in words:
            name = word.value.upper().removeprefix("SIG")
            if not re.match(_SIGNAL, name) and not word.unresolved:
                self._problem(f"'{word}' is no signal", word, "e.g. SIGTERM")
        return step._replace(words=words)

    def _user(self, instruction: Instruction, step: Step) -> Step:
        words = self._texts(instruction.args)
        if words:
            self.state.user = words[0]
        return step._replace(words=words)

    def _workdir(self, instruction: Instruction, step: Step) -> Step:
        words = tuple(self._expand(word) for word in instruction.args)
        if words:
            state = self.state
            state.workdir = below(state.workdir, words[0])
            state.workdir_span = words[0].span
        return step._replace(words=tuple(word.text() for word in words))

    def _volume(self, instruction: Instruction, step: Step) -> Step:
        words = []
        for word in instruction.args:
            stripped = word.value.strip(SPACE)
            start = word.value.find(stripped)
            text = self._expand(cut(word, start, start + len(stripped))).text()
            if text.value:
                words.append(text)
                self.state.volumes.setdefault(text.value, text)
            elif stripped:
                self.problems.append(
                    Problem(
                        "VL601",
                        f"the path '{word}' of VOLUME is empty",
                        word.span,
                        "set the variable above it in this stage",
                    )
                )
        return step._replace(words=tuple(words))

    def _env(self, instruction: Instruction, step: Step) -> Step:
        pairs = self._pairs(instruction)
        scope = self.state.scope
        for name, value in pairs:
            known = value_of(value)
            scope.set(name.value, known)
            scope.image[name.value] = (known, value.text())
        return step._replace(pairs=tuple((name.text(), value.text()) for name, value in pairs))

    def _label(self, instruction: Instruction, step: Step) -> Step:
        pairs = self._pairs(instruction)
        return step._replace(pairs=tuple((name.text(), value.text()) for name, value in pairs))

    def _pairs(self, instruction: Instruction) -> list[tuple[Word, Word]]:
        # All values see the variables as they were before the instruction.
        args = instruction.args
        return [
            (self._expand(name), self._expand(value, f"the value of '{name}'"))
            for name, value in zip(args[::2], args[1::2], strict=False)
        ]

    def _arg(self, instruction: Instruction, step: Step) -> Step:
        scope = self.state.scope
        pairs: list[tuple[Text, Text | None]] = []
        for word in instruction.args:
            key, default = pair(word)
            name = key.value
            given = self.args.get(name)
            value: Value | None = given
            shown: Text | None = None
            if default is not None:
                called = f"the default of '{name}'"
                expanded = self._expand(default, called) if given is None else default
                shown = expanded.text()
                if given is None:
                    value = value_of(expanded)
            elif given is None:
                value = self.global_args.get(name)
                if value is None and self.symbolic and name not in scope.values:
                    value = UNKNOWN
            if value is not None and name not in _NAMES_AS_WRITTEN:
                scope.set(name, value)
            pairs.append((key.text(), shown))
        return step._replace(pairs=tuple(pairs))

    def _shell(self, instruction: Instruction, step: Step) -> Step:
        if instruction.json and instruction.args:
            self.state.shell = tuple(word.value for word in instruction.args)
        return self._plain(instruction, step)

    def _command(self, instruction: Instruction, step: Step) -> Step:
        self.state.command = self._words_run(instruction)
        self.state.command_set = True
        return self._plain(instruction, step)

    def _entrypoint(self, instruction: Instruction, step: Step) -> Step:
        words = self._words_run(instruction)
        self.state.entrypoint = words or None
        if not self.state.command_set:
            self.state.command = ()
        return self._plain(instruction, step)

    def _words_run(self, instruction: Instruction) -> tuple[Text, ...]:
        """Return the words that are run: a shell form is one word behind those of the shell."""
        words = tuple(word.text() for word in instruction.args)
        if instruction.json:
            return words
        place = instruction.keyword.span
        return (
            *(Text(word, place) for word in self.state.shell),
            *(words or (Text("", place),)),
        )

    def _onbuild(self, instruction: Instruction, step: Step) -> Step:
        trigger = instruction.trigger
        if trigger is None:
            return step
        words = (trigger.keyword, *(word.text() for word in trigger.args))
        return step._replace(
            words=words,
            flags=self._flags("ONBUILD", trigger.flags),
            json_form=trigger.json,
            onbuild=True,
            heredocs=tuple(Text(doc.text(), doc.body) for doc in instruction.heredocs),
        )

    # -- COPY and ADD

    def _copy(self, instruction: Instruction, step: Step) -> Step:
        words: list[Text] = []
        last = len(instruction.args) - 1
        for index, word in enumerate(instruction.args):
            if index < last and "<<" in word.value and is_heredoc(word.value):
                words.append(word.text())
            else:
                words.append(self._expand(word).text())
        if instruction.name == "COPY":
            step = step._replace(from_index=self._copy_from(instruction))
        self._check_copy(instruction.name, step.flags, words[:-1])
        return step._replace(
            words=tuple(words),
            heredocs=tuple(self._body(doc) for doc in instruction.heredocs),
        )

    def _body(self, heredoc: Heredoc) -> Text:
        value = heredoc.text()
        if not heredoc.expand:
            return Text(value, heredoc.body)
        pieces = (Piece(0, heredoc.body.start, heredoc.body.end, True),) if heredoc.chomp else ()
        word = Word(value, heredoc.body, pieces)
        try:
            return expand(word, self.state.scope.lookup, quotes=False).text()
        except SubstitutionError as error:
            place = word.slice(error.at, len(value)).span
            self._problem(f"the here-document '{heredoc.name}' cannot be expanded: {error}", place)
            return word.text()

    def _copy_from(self, instruction: Instruction) -> int | None:
        """Return the index of the stage that --from names, by number or name."""
        word = instruction.flag("from")
        if word is None or not word.value:
            return None
        value = word.value
        try:
            constant = expand(word, lambda _name: None, self.escape).value == value
        except SubstitutionError:
            constant = False
        if not constant:
            self._problem(
                f"'{value}' is not expanded: --from takes no variables",
                word,
                "name a stage FROM it and copy from the stage",
            )
            return None
        if re.match(_INDEX, value):
            index = int(value)
            if not 0 <= index < self.count:
                self._problem(f"there is no stage {value}", word, "stages are counted from 0")
                return None
        else:
            named = self.names.get(value.lower())
            if named is None:
                self.images.append(word.text())
                return None
            index = named
        self.uses.append((index, word.span, "copy"))
        return index

    def _check_copy(
        self, name: str, flags: Mapping[str, tuple[Text, ...]], sources: Sequence[Text]
    ) -> None:
        chmod = flags.get("chmod", (None,))[-1]
        if (
            chmod is not None
            and chmod.value
            and not chmod.unresolved
            and not re.match(_OCTAL, chmod.value)
            and not re.match(_MODE, chmod.value)
        ):
            self._problem(f"'{chmod}' is no mode", chmod, "use octal digits up to 7777, or u+x")
        paths = [source for source in sources if not is_heredoc(source.value)]
        checksum = flags.get("checksum", (None,))[-1]
        if checksum is not None and checksum.value:
            if len(paths) != 1:
                self._problem("a checksum is for one source only", checksum)
            elif not paths[0].unresolved and not is_remote(paths[0].value):
                self._problem(
                    f"'{paths[0]}' takes no checksum, it is neither a URL nor a Git repository",
                    checksum,
                )
        if name == "COPY":
            for source in paths:
                if not source.unresolved and is_remote(source.value):
                    self._problem(f"COPY does not fetch '{source}'", source, "use ADD")

    # -- RUN

    def _run(self, instruction: Instruction, step: Step) -> Step:
        mounts: tuple[Mount, ...] = ()
        if instruction.flags:
            from volint.assemble.stagemounts import run_mounts

            state = self.state
            found = run_mounts(
                instruction.flags,
                self._value,
                state.workdir,
                self.names,
                workdir_known=state.workdir_span is not None or state.scope.closed,
            )
            mounts = found.mounts
            self.uses += found.uses
            self.images += found.images
            self.problems += found.problems
        return step._replace(
            words=tuple([word.text() for word in instruction.args]),
            mounts=mounts,
            heredocs=tuple(Text(doc.text(), doc.body) for doc in instruction.heredocs),
        )

    def _value(self, word: Word) -> Word:
        return expand(word, self.state.scope.lookup, self.escape)


_STEP_KINDS = {kind.value: kind for kind in StepKind}
_HANDLERS: dict[str, Callable[[StepReader, Instruction, Step], Step]] = {
    "ADD": StepReader._copy,
    "ARG": StepReader._arg,
    "CMD": StepReader._command,
    "COPY": StepReader._copy,
    "ENTRYPOINT": StepReader._entrypoint,
    "ENV": StepReader._env,
    "EXPOSE": StepReader._expose,
    "HEALTHCHECK": StepReader._plain,
    "LABEL": StepReader._label,
    "MAINTAINER": StepReader._plain,
    "ONBUILD": StepReader._onbuild,
    "RUN": StepReader._run,
    "SHELL": StepReader._shell,
    "STOPSIGNAL": StepReader._stopsignal,
    "USER": StepReader._user,
    "VOLUME": StepReader._volume,
    "WORKDIR": StepReader._workdir,
}
