"""VL303 secret-in-image."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Copy,
    Declared,
    EnvironmentKind,
    Finding,
    Kind,
    Label,
    Level,
    Part,
    Persona,
    Project,
    Rule,
    Source,
    Span,
    Verdict,
    copies,
    declared_secrets,
    listed,
    names_secret,
    regex,
    removed_secrets,
    taken_secrets,
)

_SANDBOX = (EnvironmentKind.TEST, EnvironmentKind.EXAMPLE)
_RUN_MOUNT = "mount it for the one command that needs it: RUN --mount=type=secret,id={id}"
_NOUNS = {
    "acme": "the private keys of certificates",
    "app-config": "an application's secrets",
    "cloud-credentials": "credentials of a cloud",
    "credentials": "credentials",
    "directory": "secrets",
    "env-file": "variables with credentials",
    "keystore": "a key store",
    "kubeconfig": "access to a Kubernetes cluster",
    "password-file": "a password",
    "private-key": "a private key",
    "registry-credentials": "credentials of registries",
    "ssh": "SSH keys",
    "state": "state that holds secrets",
    "token": "a token",
    "vpn": "the keys of a VPN",
}
_PUBLISHED = regex(r"(?i)(?:insecure|snakeoil|dummy|self-?signed)[^/]*$")


class SecretInImage(Rule):
    """A secret is built into an image.

    ## What it does
    Reports COPY and ADD of a file that holds a secret (private keys, `.env`, credentials of clouds,
    registries and package indexes), and credentials that stand in `ENV`, `ARG`, `build.args` or
    `--build-arg`.

    ## Why is this bad?
    Whoever can pull the image can read it: files in any layer, even ones that a later layer removes, and
    the values of ENV and ARG in `docker history` and `docker inspect`. It also stays in every registry and
    cache that the image went through.

    ## Example
    ```dockerfile bad
    FROM node:22
    ARG NPM_TOKEN
    COPY .npmrc id_rsa ./
    ENV API_KEY=8f1c2b9ae01d
    RUN echo "//registry.example.com/:_authToken=$NPM_TOKEN" > .npmrc && npm ci
    ```

    ```compose bad
    services:
      app:
        build:
          context: .
          args:
            NPM_TOKEN: npm_x81b7Gqq0c2d
    ```
    ```dockerfile bad and Dockerfile
    FROM node:22
    ```

    ```shell bad
    docker build --build-arg DB_PASSWORD=b7Gqx81 .
    ```
    ```dockerfile bad and Dockerfile
    FROM node:22
    ```

    Use instead:
    ```dockerfile good
    FROM node:22
    COPY package.json package-lock.json ./
    RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
    ENV API_KEY_FILE=/run/secrets/api_key
    ```

    ## Exceptions
    - Names that only look like secrets: `.env.example`, `*.pub`, public certificates, CA bundles.
    - Files whose content is there and harmless: a `.env` without credentials, an `.npmrc` that takes its
      token from a variable, a `.pem` without a private key.
    - Variables that name a file or a setting (`*_FILE`, `*_PATH`, `TOKEN_TTL`), values that are `${VAR}`.
    - What a broad COPY takes along is VL304's; a file that a later instruction removes again is VL310's.

    ## Level
    Error; warning where the stage is not part of the image, and for tests and examples. An `ARG` without
    default is a note, a warning where a RUN uses it: then its value is in the image's history. A file or
    value that is only a placeholder is a note, and so is a file whose name says that it protects nothing
    (`insecure_key`, `ssl-cert-snakeoil.key`, `selfsigned.key`). A
    placeholder in a build stage that is not part of the image is shown to the pedantic persona.

    ## References
    - docs.docker.com: "Build secrets"
    - CWE-538, CWE-798
    """

    code = "VL303"
    name = "secret-in-image"
    level = Level.ERROR
    needs = (Part.BUILDS,)
    security_severity = "7.5"
    tags = ("external/cwe/cwe-538", "external/cwe/cwe-798")

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield secret files that are copied, then credentials that are written."""
        sandbox = project.environment.value in _SANDBOX
        copied: dict[tuple[Source, str], Finding] = {}
        named = [copy for copy in copies(project) if names_secret(copy)]
        removed = {secret.origin for secret in removed_secrets(project)} if named else set()
        for copy in named:
            finding = self._copied(copy, sandbox) if copy.word.span not in removed else None
            if finding is not None:
                key = (copy.word.span.source, copy.path)
                if key in copied:
                    label = Label(copy.word.span, "here as well")
                    copied[key] = copied[key]._replace(labels=(*copied[key].labels, label))
                else:
                    copied[key] = finding
        yield from copied.values()
        owners = {id(container.build): container.name.value for container in project.containers}
        seen: set[Span] = set()
        for build in project.builds:
            groups: dict[tuple[object, ...], list[Declared]] = {}
            for one in declared_secrets(build):
                if one.name.span not in seen:
                    seen.add(one.name.span)
                    source = one.name.span.source
                    kind = (source, one.placeholder, one.value is None, one.in_image, one.used)
                    groups.setdefault(kind, []).append(one)
            for group in groups.values():
                yield self._declared(group, sandbox, owners.get(id(build), ""))

    def _copied(self, copy: Copy, sandbox: bool) -> Finding | None:
        secrets = taken_secrets(copy)
        if not secrets:
            return None
        secret = max(secrets, key=lambda one: (one.is_sure, one.verdict is not Verdict.PLACEHOLDER))
        kept = copy.kept(secret.path if copy.files else None)
        level = Level.ERROR if secret.is_sure and kept and not sandbox else Level.WARNING
        if secret.verdict is Verdict.PLACEHOLDER or _PUBLISHED.search(secret.path):
            level = Level.NOTE
        written = copy.word.value
        what = _NOUNS.get(secret.entry.kind, "a secret")
        if secret.path not in written:
            what += f" ('{secret.path}')"
        where = "the image" if kept else "a build stage and its cache"
        verb = "puts" if secret.is_sure else "may put"
        message = f"'{written}' {verb} {what} into {where}"
        if secret.verdict is Verdict.PLACEHOLDER:
            message = (
                f"'{written}' puts a file for credentials into {where}, so far with placeholders"
            )
        name = secret.path.rpartition("/")[2].strip(".*") or "secret"
        return self.finding(
            copy.word.span,
            message,
            help=f"{_RUN_MOUNT.format(id=name)}, or as a secret when the container starts",
            level=level,
            confidence=None if secret.is_sure else Confidence.MEDIUM,
            target=copy.step.words[-1].value,
            source=written,
        )

    def _declared(self, group: list[Declared], sandbox: bool, container: str) -> Finding:
        first = group[0]
        names = listed(dict.fromkeys(one.name.value for one in group))
        many = len({one.name.value for one in group}) > 1
        level, confidence, persona = Level.ERROR, Confidence.HIGH, None
        if first.value is None:
            in_history = first.used and first.in_image
            level = Level.WARNING if in_history else Level.NOTE
            confidence = Confidence.MEDIUM
            persona = None if first.in_image else Persona.PEDANTIC
            verb = "stay" if many else "stays"
            message = f"{names} {verb} in the history of the image if given as a build argument"
        elif first.placeholder:
            level = Level.NOTE
            persona = None if first.in_image else Persona.PEDANTIC
            where = "the image" if first.in_image else "a build stage"
            verb = "have" if many else "has"
            message = f"{names} {verb} a placeholder for a credential in {where}"
        else:
            if sandbox or not first.in_image:
                level = Level.WARNING
            where = "the image and its history" if first.in_image else "a build stage and its cache"
            message = f"{names} {'put' if many else 'puts'} a credential into {where}"
        if first.name.span.source.kind is Kind.MARKDOWN:
            persona = Persona.PEDANTIC
        advice = _RUN_MOUNT.format(id=first.name.value.lower()) + f",env={first.name.value}"
        if first.origin == "ENV" and first.in_image:
            advice = "leave it out, and set it from a secret when the container starts"
        return self.finding(
            first.name.span,
            message,
            *(Label(one.name.span, "this one, too") for one in group[1:]),
            help=advice,
            level=level,
            confidence=confidence,
            persona=persona,
            container=container,
            target=first.name.value,
            redact=tuple(one.value for one in group if one.value is not None),
        )
