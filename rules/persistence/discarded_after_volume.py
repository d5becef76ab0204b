"""VL108 discarded-after-volume."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Build,
    Finding,
    Label,
    Level,
    Part,
    Project,
    Rule,
    Span,
    Stage,
    StepKind,
    Text,
    knowledge,
    written_paths,
)

_BUILDKIT_FLAGS = frozenset(
    ("mount", "network", "security", "link", "exclude", "parents", "checksum")
)
_GIVE = frozenset(("chown", "useradd", "adduser"))


class DiscardedAfterVolume(Rule):
    """A RUN instruction writes below a path that is already a VOLUME.

    ## What it does
    Reports a RUN that makes, changes or gives to another owner a path at or below one that the stage, a stage it is
    based on, or its base image has declared with VOLUME before.

    ## Why is this bad?
    The classic builder runs each instruction with a fresh volume there and throws away what it holds: directories
    are missing and owners are root in the image it makes. BuildKit keeps the change. So the image depends on who
    builds it.

    ## Example
    ```dockerfile bad
    FROM alpine:3.20
    RUN adduser -D app
    VOLUME /data
    RUN mkdir -p /data/uploads && chown -R app /data
    ```

    Use instead:
    ```dockerfile good
    FROM alpine:3.20
    RUN adduser -D app
    RUN mkdir -p /data/uploads && chown -R app /data
    VOLUME /data
    ```

    ## Exceptions
    - COPY and ADD, which both builders keep.
    - Paths that depend on a variable whose value is not known, and commands whose effect is not plain to see.
    - A path that was given to a user before the VOLUME already, as its home or with `chown`: it is said once more.
    - Stages that the target does not need.
    - Dockerfiles that the classic builder refuses anyway: `RUN --mount`, `COPY --link`, here-documents.

    ## Level
    Note: BuildKit is the default since Docker Engine 23.0.

    ## References
    - Dockerfile reference, "Notes about specifying volumes"
    """

    code = "VL108"
    name = "discarded-after-volume"
    level = Level.NOTE
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each RUN and volume, at the first path that is written."""
        seen: set[Span] = set()
        for build in project.builds:
            if _needs_buildkit(build):
                continue
            for index, stage in enumerate(build.stages):
                if build.reachable and index not in build.reachable:
                    continue
                for finding in self._stage(build, stage):
                    if finding.span not in seen:
                        seen.add(finding.span)
                        yield finding

    def _stage(self, build: Build, stage: Stage) -> Iterator[Finding]:
        declared = _inherited(build, stage)
        given: set[str] = set()
        for step in stage.steps:
            if step.kind is StepKind.VOLUME and not step.onbuild:
                declared += (word for word in step.words if not word.unresolved)
            elif step.kind is StepKind.RUN and not declared:
                given.update(path.value for path in written_paths(step, _GIVE))
            elif step.kind is StepKind.RUN:
                done = set()
                again = {
                    path.span for path in written_paths(step, ("chown",)) if path.value in given
                }
                for path in written_paths(step):
                    if path.span in again:
                        continue
                    for volume in declared:
                        if volume.value not in done and knowledge.within(path.value, volume.value):
                            done.add(volume.value)
                            yield self._report(path, volume, stage)

    def _report(self, path: Text, volume: Text, stage: Stage) -> Finding:
        own = volume.span.source is path.span.source and volume.span.start > stage.span.end
        image = volume.span == stage.base.span
        return self.finding(
            path.span,
            f"'{path}' is written after '{volume}' was declared a VOLUME: the classic builder discards that, BuildKit keeps it",
            Label(volume.span, "this image declares it" if image else "declared here"),
            help="write it before the VOLUME instruction"
            if own
            else "write it to another path, or when the container starts",
            target=path.value,
            source=volume.value,
        )


def _needs_buildkit(build: Build) -> bool:
    """Return whether an instruction is one that the classic builder refuses."""
    return any(
        step.mounts or step.heredocs or not _BUILDKIT_FLAGS.isdisjoint(step.flags)
        for stage in build.stages
        for step in stage.steps
    )


def _inherited(build: Build, stage: Stage) -> list[Text]:
    """Return the volumes that a stage starts with, placed where its FROM names what brings them."""
    if stage.base_index is not None:
        return list(build.stages[stage.base_index].volumes)
    image = knowledge.lookup(stage.base.value)
    if image is None:
        return []
    return [
        Text(place.path, stage.base.span)
        for place in image.places
        if place.volume and place.volume_checked and image.applies(place.when)
    ]
