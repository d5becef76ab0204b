"""VL408 unwritable-volume."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
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
    base_is_roots,
    final_stages,
    is_root,
    may_give,
    regex,
    written_paths,
)

_MAKES = regex(r"\bmkdir\b")


class UnwritableVolume(Rule):
    """A VOLUME's directory belongs to root, and the image's user cannot write to it.

    ## What it does
    Reports a VOLUME that a RUN makes as root with `mkdir`, in an image whose USER is another, where nothing gives
    the directory to that user.

    ## Why is this bad?
    A new volume takes its owner and permissions from the directory of the image. So the first write of the program
    fails with "permission denied", and once the volume exists, a corrected image does not change it any more.

    ## Example
    ```dockerfile bad
    FROM debian:12
    RUN useradd app && mkdir -p /data
    USER app
    VOLUME /data
    ```

    Use instead:
    ```dockerfile good
    FROM debian:12
    RUN useradd app && mkdir -p /data && chown app /data
    USER app
    VOLUME /data
    ```

    ## Exceptions
    - Directories that a `chown`, `chmod`, `install` or the like names, or one above them, in whatever way; a variable
      whose value is not known, and a COPY or ADD with `--chown` or `--chmod`, may be about any directory.
    - Directories that no RUN of the Dockerfile makes: the base image may have them, with another owner.
    - Images whose user is root, and base images of which volint does not know that theirs is.

    ## References
    - docs.docker.com: "Volumes", "Populate a volume using a container"
    """

    code = "VL408"
    name = "unwritable-volume"
    level = Level.WARNING
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield each volume once."""
        seen: set[Span] = set()
        for build in project.builds:
            chain = [build.stages[index] for index in sorted(final_stages(build))]
            for stage in chain:
                user = stage.user
                if user is None or user.unresolved or is_root(user.value):
                    continue
                for path in _own_volumes(stage):
                    made = _made_by_root(stage, path.value.rstrip("/"))
                    if made is not None and path.span not in seen:
                        seen.add(path.span)
                        yield self.finding(
                            path.span,
                            f"'{path}' belongs to root, and '{user}', the image's user, cannot write to it",
                            Label(made.span, "made by root here"),
                            Label(user.span, "the user is set here"),
                            help=f"add 'chown {user} {path}' to that RUN",
                            target=path.value,
                        )


def _own_volumes(stage: Stage) -> Iterator[Text]:
    for step in stage.steps:
        if step.kind is StepKind.VOLUME and not step.onbuild:
            for word in step.words:
                if not word.unresolved and word.value.startswith("/"):
                    yield word


def _made_by_root(stage: Stage, path: str) -> Text | None:
    """Return where a RUN as root makes a directory that nothing gives to somebody else."""
    if not base_is_roots(stage):
        return None
    made = None
    for step in stage.steps:
        if step.kind in (StepKind.COPY, StepKind.ADD):
            if "chown" in step.flags or "chmod" in step.flags:
                return None
        elif step.kind is StepKind.RUN:
            script = "\n".join(text.value for text in (*step.words, *step.heredocs))
            if may_give(script, path):
                return None
            if is_root(step.user) and _MAKES.search(script):
                found = (one for one in written_paths(step) if one.value == path)
                made = made or next(found, None)
    return made
