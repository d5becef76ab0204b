"""Which container, mount, volume or secret of a project a finding is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.model import Build, Container, Project
    from volint.rule import Finding
    from volint.source import Span

__all__ = ["Marks"]

_Found = dict[object, tuple[int, ...]]


class Marks:
    """The findings of a run, by the projects they are of."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = findings
        self._by_project: dict[int, list[int]] = {}
        self._by_file: dict[str, list[int]] = {}
        for at, finding in enumerate(findings):
            for index in finding.project_indexes:
                self._by_project.setdefault(index, []).append(at)
            if not finding.project_indexes:
                # What is said of comments and files is of no project.
                self._by_file.setdefault(finding.span.source.path, []).append(at)

    def of(self, project: Project, index: int) -> _Found:
        """Return positions of the findings of a project by what they are about.

        The keys are ('mount', container, mount) and ('container', container) by their numbers, ('volume', name),
        ('secret', name), ('config', name), and 'project' for all others.
        """
        here = [*self._by_project.get(index, ())]
        for path in dict.fromkeys(source.path for source in project.sources):
            here += self._by_file.get(path, ())
        parts = _Parts(project) if here else None
        found: dict[object, list[int]] = {}
        for at in sorted(set(here)):
            for key in (parts.about(self._findings[at]) if parts else ()) or ("project",):
                found.setdefault(key, []).append(at)
        return {key: tuple(each) for key, each in found.items()}


class _Parts:
    """The parts of a project with their places."""

    def __init__(self, project: Project) -> None:
        self._mounts: dict[str, list[tuple[object, int, int, Container, str]]] = {}
        self._described: dict[str, list[tuple[object, int, int]]] = {}
        self._names: dict[str, object] = {}
        self._targets: dict[tuple[str, str], object] = {}
        for index, container in enumerate(project.containers):
            key: object = ("container", index)
            self._names.setdefault(container.name.value, key)
            self._add(key, container.span)
            self._add(key, container.name.span)
            for build in (container.build,) if container.build else ():
                for path in _paths(build):
                    self._described.setdefault(path, []).append((key, 0, -1))
            for at, mount in enumerate(container.shown):
                path, start, end = mount.span.source.path, mount.span.start, mount.span.end
                self._targets[container.name.value, mount.target.value] = ("mount", index, at)
                self._mounts.setdefault(path, []).append(
                    (("mount", index, at), start, end, container, mount.target.value)
                )
        for kind, objects in (
            ("volume", project.volumes),
            ("secret", project.secrets),
            ("config", project.configs),
        ):
            for each in objects:
                self._add((kind, each.name.value), each.span)
                self._add((kind, each.name.value), each.name.span)

    def _add(self, key: object, span: Span) -> None:
        self._described.setdefault(span.source.path, []).append((key, span.start, span.end))

    def about(self, finding: Finding) -> tuple[object, ...]:
        """Return the keys of what a finding is about: mounts before what they stand in; () if that is nothing."""
        found = tuple(self._mounts_of(finding))
        named = self._targets.get((finding.container, finding.target))
        if found or named:
            return found or (named,)
        if finding.container in self._names:
            return (self._names[finding.container],)
        path, start, end = finding.span.source.path, finding.span.start, finding.span.end
        around = [
            (last - first, key)
            for key, first, last in self._described.get(path, ())
            if last >= 0 and first <= start and end <= last
        ]
        if around:
            smallest = min(size for size, _ in around)
            return tuple(dict.fromkeys(key for size, key in around if size == smallest))
        whole = [key for key, _, last in self._described.get(path, ()) if last < 0]
        return tuple(dict.fromkeys(whole))

    def _mounts_of(self, finding: Finding) -> Iterator[object]:
        start, end = finding.span.start, finding.span.end
        for key, first, last, container, target in self._mounts.get(finding.span.source.path, ()):
            mine = finding.container in ("", container.name.value)
            if first <= start and end <= last and mine and finding.target in ("", target):
                yield key


def _paths(build: Build) -> Iterator[str]:
    """Yield the shown paths of the files that say what is built."""
    if build.source is not None:
        yield build.source.path
    if build.ignore_path is not None:
        yield build.ignore_path
