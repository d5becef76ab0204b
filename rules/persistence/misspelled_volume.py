"""VL107 misspelled-volume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from volint.api import (
    CommandKind,
    Confidence,
    Container,
    Edit,
    Finding,
    Fix,
    Label,
    Mount,
    MountKind,
    Part,
    Project,
    ProjectKind,
    Rule,
    Span,
)

_SHORTEST = 4
_LONGEST = 255
"""The name of a volume is a folder's, and no file system keeps longer ones."""


class MisspelledVolume(Rule):
    """A run line mounts a volume whose name is one letter away from another one's.

    ## What it does
    Compares the names of the volumes that the run lines of one file mount with those that the file creates
    (`docker volume create`) and with those that other lines mount. Reported is a name that appears once, is never
    created, and differs from such a name by one letter.

    ## Why is this bad?
    Docker creates a volume that does not exist without a word. The container starts with an empty one, and the data
    stays in the other.

    ## Example
    ```shell bad
    docker volume create postgres-data
    docker run -d -v postgres-date:/var/lib/postgresql/data postgres:17
    ```

    Use instead:
    ```shell good
    docker volume create postgres-data
    docker run -d -v postgres-data:/var/lib/postgresql/data postgres:17
    ```

    ## Exceptions
    - Names that differ in a digit or in a word of one letter (`db1`, `db2`; `node-a`, `node-b`).
    - Names that one container mounts both, names shorter than four letters, and names with unknown variables.
    - Another name that is not created and appears once as well, unless it is mounted at the same path.
    - Compose files: an undeclared name is VL105's there.

    ## Level
    Warning; with medium confidence where no command creates the other name.

    ## Fix
    Writes the other name. It is unsafe: the container then sees other data.

    ## References
    - docker run, `--volume`: "a volume that does not exist is created"
    """

    code = "VL107"
    name = "misspelled-volume"
    needs = (Part.CONTAINERS, Part.COMMANDS)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each such name, at the place it is written."""
        if project.kind is ProjectKind.COMPOSE:
            return
        uses: dict[str, list[tuple[Container, Mount]]] = {}
        for container, mount in project.mounts(MountKind.VOLUME):
            if mount.source is not None and mount.donor is None and not mount.source.unresolved:
                uses.setdefault(mount.source.value, []).append((container, mount))
        created: dict[str, Span] = {}
        named: set[str] = set()
        for command in project.commands:
            for operand in command.operands:
                named.add(operand.value)
                if command.kind is CommandKind.VOLUME_CREATE:
                    created.setdefault(operand.value, operand.span)
            if command.volume is not None:
                created.setdefault(command.volume.name.value, command.volume.name.span)
        reported: set[str] = set()
        neighbours = _Neighbours((*created, *uses))
        for name, places in uses.items():
            if len(places) > 1 or name in named or name in created:
                continue
            container, mount = places[0]
            meant = next(
                (
                    other
                    for other in neighbours.of(name)
                    if other not in reported
                    and _is_near(name, other)
                    and _is_likely(container, mount, created.get(other), uses.get(other, []))
                ),
                None,
            )
            if meant is not None:
                reported.add(name)
                place = created.get(meant) or _source_span(uses[meant][0][1])
                yield self._report(container, mount, meant, place, meant in created)

    def _report(
        self, container: Container, mount: Mount, meant: str, place: Span, created: bool
    ) -> Finding:
        span = _source_span(mount)
        name = span.text()
        fix = Fix(f"write '{meant}'", (Edit(span, meant),), safe=False)
        return self.finding(
            span,
            f"'{mount.source}' is one letter away from '{meant}': Docker makes a new, empty volume of that name",
            Label(place, "created here" if created else "the other volume"),
            help=f"did you mean '{meant}'?",
            fix=fix if mount.source is not None and name == mount.source.value else None,
            confidence=None if created else Confidence.MEDIUM,
            container=container,
            mount=mount,
        )


class _Neighbours:
    """Names by what is left of them without one letter, which two names one edit apart have in common."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(dict.fromkeys(names))
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(self._names):
            for form in _shortened(name):
                self._places.setdefault(form, []).append(place)

    def of(self, name: str) -> list[str]:
        """Return the names that may be one edit away, in the order they were given."""
        places = {place for form in _shortened(name) for place in self._places.get(form, ())}
        return [self._names[place] for place in sorted(places)]


def _shortened(name: str) -> set[str]:
    """Return a name, and all that it can be without one of its letters; digits tell names apart on purpose."""
    if not _SHORTEST - 1 <= len(name) <= _LONGEST:
        return set()
    return {
        name,
        *(name[:at] + name[at + 1 :] for at, letter in enumerate(name) if not letter.isdigit()),
    }


def _source_span(mount: Mount) -> Span:
    return mount.source.span if mount.source is not None else mount.span


def _is_likely(
    container: Container,
    mount: Mount,
    created: Span | None,
    others: list[tuple[Container, Mount]],
) -> bool:
    """Return whether a like name is the one that was meant."""
    if any(other is container for other, _ in others):
        return False
    if created is not None or len(others) > 1:
        return True
    return any(
        other.target.value == mount.target.value and other.span.start < mount.span.start
        for _, other in others
    )


def _is_near(name: str, other: str) -> bool:
    """Return whether one letter is missing, added, wrong or swapped with the next, in a word of several."""
    short, long = sorted((name, other), key=len)
    if len(short) < _SHORTEST or len(long) - len(short) > 1 or name == other:
        return False
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    if len(short) == len(long):
        swapped = short[at : at + 2] == long[at : at + 2][::-1]
        if short[at + 1 :] != long[at + 1 :] and not (
            swapped and short[at + 2 :] == long[at + 2 :]
        ):
            return False
        letters = {short[at], long[at]}
    elif short[at:] == long[at + 1 :]:
        letters = {long[at]}
    else:
        return False
    if any(letter.isdigit() for letter in letters):
        return False
    return all(len(word) > 1 for word in (_word_at(short, at), _word_at(long, at)))


def _word_at(name: str, at: int) -> str:
    """Return the letters around a position, up to the next '-', '_' or '.'."""
    start = end = min(at, len(name) - 1)
    while start > 0 and name[start - 1].isalnum():
        start -= 1
    while end < len(name) and name[end].isalnum():
        end += 1
    return name[start:end] or name
