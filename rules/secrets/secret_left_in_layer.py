"""VL310 secret-left-in-layer."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Build,
    EnvironmentKind,
    Finding,
    Label,
    Level,
    Part,
    Project,
    Rule,
    Span,
    Step,
    StepKind,
    final_stages,
    kept_secrets,
    layer_literals,
    removed_secrets,
)

_SANDBOX = (EnvironmentKind.TEST, EnvironmentKind.EXAMPLE)
_READ_BY_OTHERS = 0o004
_TAKERS = frozenset(("chpasswd", "passwd", "useradd", "usermod"))


class SecretLeftInLayer(Rule):
    """A command of a build leaves a secret in a layer of the image.

    ## What it does
    Reports in a Dockerfile:
    - a `RUN --mount=type=secret` whose command copies the secret into the image, or has a tool write it into its
      configuration;
    - a secret mount with a mode that lets every user of the build read it;
    - a literal credential on the command line of a `RUN`, one that is piped into `chpasswd` or `passwd`, or that
      `openssl passwd` hashes for `useradd --password`;
    - `ADD https://user:password@...`;
    - a secret file that one instruction puts there and a later one removes.

    ## Why is this bad?
    Every instruction makes a layer. What one wrote is in the image for good: a later `rm` hides it and removes nothing.
    The command lines themselves are in the image's history.

    ## Example
    ```dockerfile bad
    FROM node:22
    RUN --mount=type=secret,id=npmrc cp /run/secrets/npmrc /root/.npmrc && npm ci
    ```
    ```dockerfile bad
    FROM debian:12
    RUN echo 'admin:tr0ub4dor' | chpasswd
    ```
    ```dockerfile bad
    FROM debian:12
    COPY id_ed25519 /root/.ssh/id_ed25519
    RUN git clone git@git.example.com:shop/lib.git
    RUN rm /root/.ssh/id_ed25519
    ```
    ```dockerfile bad
    FROM debian:12
    ADD https://shop:tr0ub4dor@files.example.com/lib.tar.gz /opt/
    ```

    Use instead:
    ```dockerfile good
    FROM node:22
    RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
    ```
    ```dockerfile good
    FROM debian:12
    RUN --mount=type=ssh git clone git@git.example.com:shop/lib.git
    ```

    ## Exceptions
    - A copy that the same `RUN` removes again, or that goes to a tmpfs or a cache mount of it.
    - Variables, and demo values (`SECRET_KEY_BASE=dummy`) that a build needs to run.
    - A file that is removed in a stage that is not part of the image. What ENV and ARG hold, and the COPY of a secret
      that nothing removes, is secret-in-image's.

    ## Level
    Error; warning where the stage is not part of the image, in tests and examples, and for the mode of a secret mount,
    which lasts no longer than its RUN.

    ## References
    - docs.docker.com: "Build secrets"; CWE-538
    """

    code = "VL310"
    name = "secret-left-in-layer"
    level = Level.ERROR
    needs = (Part.BUILDS,)
    security_severity = "7.5"
    tags = ("external/cwe/cwe-538", "external/cwe/cwe-798")

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what each instruction leaves, then what is removed too late."""
        seen: set[Span] = set()
        sandbox = project.environment.value in _SANDBOX
        for build in project.builds:
            final = final_stages(build)
            for index, stage in enumerate(build.stages):
                for step in stage.steps:
                    if step.span not in seen and step.kind in (StepKind.RUN, StepKind.ADD):
                        seen.add(step.span)
                        lowered = sandbox or index not in final
                        yield from self._of_step(build, step, lowered)
        for removed in removed_secrets(project):
            yield self.finding(
                removed.place,
                f"'{removed.path}' is removed too late: the layer that it was put into is part of the image",
                Label(removed.origin, "put there"),
                help="use 'RUN --mount=type=secret' or '--mount=type=ssh' where it is needed, which leaves nothing",
                level=Level.WARNING if sandbox else Level.ERROR,
                target=removed.path,
            )

    def _of_step(self, build: Build, step: Step, lowered: bool) -> Iterator[Finding]:
        level = Level.WARNING if lowered else Level.ERROR
        for kept in kept_secrets(step):
            source = kept.mount.source or kept.mount.target
            yield self.finding(
                kept.place,
                f"'{kept.target}' keeps the secret '{source}' in a layer",
                Label(kept.mount.span, "mounted here"),
                help="mount it where the program looks for it: '--mount=type=secret,id=...,target=...'",
                level=level,
                target=kept.target,
                source=source.value,
            )
        for mount in step.mounts:
            kind, mode = mount.options.get("type"), mount.options.get("mode")
            if (
                kind is not None
                and kind.value == "secret"
                and mode is not None
                and isinstance(mode.value, int)
                and mode.value & _READ_BY_OTHERS
            ):
                yield self.finding(
                    mode.span,
                    f"Mode '{mode.span.text()}' lets every user of the build read the secret '{mount.source}'",
                    help="leave it out (0400), with 'uid=' where the command does not run as root",
                    level=Level.WARNING,
                    target=mount.target.value,
                    source=mount.source.value if mount.source else "",
                )
        literals = layer_literals(step)
        if literals:
            first = literals[0]
            shown = first.name.value
            subject = {"URL": "A URL", "word": "A word"}.get(shown, f"'{shown}'")
            how = "is given" if shown in _TAKERS else "holds"
            yield self.finding(
                first.name.span,
                f"{subject} {how} {first.what} in plain text, which stays in the image and its history",
                *(Label(literal.name.span, literal.what) for literal in literals[1:]),
                help="take it from 'RUN --mount=type=secret', or set it when the container starts",
                level=level,
                target=shown,
                redact=tuple(literal.place for literal in literals),
            )
