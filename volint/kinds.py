"""What a file is: by its name first, by its content where the name does not tell.

Pure functions over names and texts; nothing here touches the disk.
"""

from __future__ import annotations

import re

from volint.lazy import regex
from volint.record import NamedTuple
from volint.source import Kind

__all__ = [
    "HEAD",
    "Guess",
    "Look",
    "guess",
    "head_kind",
    "kind_of_text",
    "kind_of_yaml",
    "may_be_compose",
    "shebang_kind",
]

HEAD = 512
"""Bytes of a file that are enough to see its interpreter."""


class Look(NamedTuple):
    """What a name leaves to be found out from the content."""

    yaml: bool = False
    """The content is YAML: Compose, or somebody else's."""
    script: bool = False
    """The first line may name a shell."""
    executable: bool = False
    """Only where the file is executable."""


class Guess(NamedTuple):
    """What a name tells."""

    kind: Kind | None = None
    """The kind; None if the name does not tell."""
    look: Look | None = None
    """What to look for in the content; None: nothing, the name decides."""


_NOTHING = Guess()
_YAML = Guess(None, Look(yaml=True))
_COMPOSE = Guess(Kind.COMPOSE, Look(yaml=True))
_CI = Guess(Kind.CI)
_DOCKERFILE = Guess(Kind.DOCKERFILE)
_SCRIPT = Guess(None, Look(script=True))
_EXECUTABLE = Guess(None, Look(script=True, executable=True))

_EXACT = {
    "dockerfile": _DOCKERFILE,
    "containerfile": _DOCKERFILE,
    ".dockerignore": Guess(Kind.DOCKERIGNORE),
    ".containerignore": Guess(Kind.DOCKERIGNORE),
    "makefile": Guess(Kind.MAKEFILE),
    "gnumakefile": Guess(Kind.MAKEFILE),
    "justfile": Guess(Kind.JUSTFILE),
    ".justfile": Guess(Kind.JUSTFILE),
    "package.json": Guess(Kind.PACKAGE_JSON),
    ".devcontainer.json": Guess(Kind.DEVCONTAINER),
    "taskfile.yml": Guess(Kind.TASKFILE),
    "taskfile.yaml": Guess(Kind.TASKFILE),
    "taskfile.dist.yml": Guess(Kind.TASKFILE),
    "taskfile.dist.yaml": Guess(Kind.TASKFILE),
}
_SUFFIX = {
    "sh": Guess(Kind.SHELL),
    "bash": Guess(Kind.SHELL),
    "zsh": Guess(Kind.SHELL),
    "ksh": Guess(Kind.SHELL),
    "bats": Guess(Kind.SHELL),
    "dockerfile": _DOCKERFILE,
    "containerfile": _DOCKERFILE,
    "dockerignore": Guess(Kind.DOCKERIGNORE),
    "containerignore": Guess(Kind.DOCKERIGNORE),
    "mk": Guess(Kind.MAKEFILE),
    "makefile": Guess(Kind.MAKEFILE),
    "just": Guess(Kind.JUSTFILE),
    "md": Guess(Kind.MARKDOWN),
    "markdown": Guess(Kind.MARKDOWN),
    "service": Guess(Kind.UNIT),
    "container": Guess(Kind.QUADLET),
    "volume": Guess(Kind.QUADLET),
    # Meson and others call their files so, too.
    "build": _SCRIPT,
}
_TEMPLATES = frozenset(
    ("j2", "jinja", "jinja2", "tmpl", "tpl", "template", "mustache", "erb", "hbs", "ejs", "gotmpl", "in", "m4")
)  # fmt: skip
# 'Dockerfile.py' is Python; 'Dockerfile.alpine' is a Dockerfile.
_NEVER = _TEMPLATES | frozenset(
    (
        "am", "bak", "bat", "bin", "c", "cc", "cfg", "cmd", "cpp", "css", "csv", "db", "diff", "exe", "gif", "go",
        "gz", "h", "html", "ico", "ini", "ipynb", "jar", "java", "jpeg", "jpg", "js", "json", "jsx", "kt", "less",
        "license", "lock", "log", "map", "mjs", "orig", "patch", "pdf", "php", "pl", "png", "proto", "ps1", "py", "pyc", "rb",
        "rej", "rs", "rst", "scala", "scss", "so", "sql", "svg", "swift", "swp", "tar", "tf", "toml", "ts", "tsx",
        "txt", "vue", "wasm", "webp", "woff", "woff2", "xml", "xz", "zip",
    )
)  # fmt: skip
_WORKFLOW_FOLDERS = (".github/workflows", ".gitea/workflows", ".forgejo/workflows")
_COMPOSE_NAME = regex(r"(?:(?:docker-)?compose.*|.*[.-](?:docker-)?compose(?:[._-].*)?)\.ya?ml\Z")

_names: dict[str, Guess] = {}


def guess(path: str) -> Guess:
    """Return what a path, with '/', tells of the file's kind. Only its last folders are looked at."""
    folder, _, name = path.rpartition("/")
    found = _names.get(name)
    if found is None:
        found = _names[name] = _of_name(name)
    if found is _YAML or found is _COMPOSE:
        if folder.endswith(_WORKFLOW_FOLDERS) or _is_ci_folder(folder):
            return _CI
    # .devcontainer/devcontainer.json and .devcontainer/NAME/devcontainer.json
    elif name == "devcontainer.json" and ".devcontainer" in folder.split("/")[-2:]:
        return Guess(Kind.DEVCONTAINER)
    return found


def _is_ci_folder(folder: str) -> bool:
    if "." not in folder:
        return False
    parts = folder.split("/")
    return (
        parts[-1] in (".circleci", ".azure-pipelines", ".azuredevops", ".woodpecker")
        or ".gitlab" in parts
    )


def _of_name(name: str) -> Guess:
    lower = name.lower()
    found = _EXACT.get(lower)
    if found is not None:
        return found
    stem, dot, suffix = lower.rpartition(".")
    if not dot:
        return _DOCKERFILE if _is_dockerfile(lower) else _SCRIPT
    if suffix in ("yml", "yaml"):
        return _of_yaml_name(lower)
    found = _SUFFIX.get(suffix)
    if found is not None:
        return found
    if suffix in _NEVER or not stem:
        return _NOTHING
    if _is_dockerfile(lower):
        return _DOCKERFILE
    if lower.startswith(("makefile.", "gnumakefile.")):
        return _EXACT["makefile"]
    return _EXECUTABLE


def _is_dockerfile(lower: str) -> bool:
    """Return whether a name is 'Dockerfile' or 'Containerfile' with something after it."""
    for word in ("dockerfile", "containerfile"):
        if lower.startswith(word):
            return lower[len(word) : len(word) + 1] in (".", "-", "_")
    return False


def _of_yaml_name(lower: str) -> Guess:
    if _COMPOSE_NAME.match(lower) and not lower.startswith("rancher-compose."):
        return _COMPOSE
    if lower in ("action.yml", "action.yaml") or lower.endswith(
        (".gitlab-ci.yml", ".gitlab-ci.yaml")
    ):
        return _CI
    if lower.startswith(("azure-pipeline", ".woodpecker.", ".drone.")):
        return _CI
    # Services of Lando and of Rancher 1 look like Compose's and are not.
    return _NOTHING if lower.startswith((".lando.", "rancher-compose.")) else _YAML


_SHEBANG = (
    r"#![ \t]*(?:\S*/)?(?:env(?:[ \t]+(?:-\S+|[A-Za-z_]\w*=\S*))*[ \t]+(?:\S*/)?|busybox[ \t]+)?"
    r"(?:(?:ba|da|a|mk|pdk|k|z)?sh|bats)(?:[ \t\r\n]|\Z)"
)


_UNIT = r"(?:\ufeff)?(?:[ \t]*(?:[#;][^\n]*)?\r?\n)*\[(?:Unit|Build)\][ \t]*\r?(?:\n|\Z)"


def shebang_kind(text: str) -> Kind | None:
    """Return SHELL if a text's first line names a shell that volint reads, else None."""
    return Kind.SHELL if text.startswith("#!") and re.match(_SHEBANG, text) else None


def head_kind(path: str, text: str) -> Kind | None:
    """Return what the beginning of a file tells where its name does not: a script, or a quadlet that builds."""
    if path.endswith(".build") and re.match(_UNIT, text):
        return Kind.QUADLET
    return shebang_kind(text)


_SERVICES = regex(
    r"""^(?:\ufeff|---[ \t]+)?(?:\?[ \t]+)?(?P<quote>["']?)services(?P=quote)[ \t]*:(?=\s|\Z)""",
    re.MULTILINE,
)
# What only a container has: Symfony, Drupal, serverless and Azure services lack all of these.
_CONTAINER_KEY = r"""["']?(?:image|build|extends|container_name|env_file|provider)["']?[ \t]*:"""
_CONTAINER = regex(rf"{_CONTAINER_KEY}|<<[ \t]*:")
_FLOW_CONTAINER = regex(rf"[{{,\s]{_CONTAINER_KEY}")
_TOP_KEY = regex(r"""^(?:---[ \t]+)?(["']?)([A-Za-z_][\w.-]*)\1[ \t]*:(?=\s|\Z)""", re.MULTILINE)
_IMAGE_OR_BUILD = regex(
    r"""^[ \t-]*["']?(?:image|build|services|volumes|networks|extends|environment)["']?[ \t]*:""",
    re.MULTILINE,
)
_LIST = r"(?:---[^\n]*\n|%[^\n]*\n|[ \t]*#[^\n]*\n|[ \t\r]*\n)*-[ \t]"
_PIPELINE = regex(
    r"^(?:steps|pipeline|stages)[ \t]*:(?=\s|\Z)|^[ \t]+backend_options[ \t]*:", re.MULTILINE
)
"""What a pipeline of Woodpecker, Drone and others has beside its `services`, and a Compose file cannot have."""
_COMPOSE_KEYS = frozenset(
    ("services", "volumes", "networks", "configs", "secrets", "include", "models", "version")
)


def may_be_compose(text: str) -> bool:
    """Return whether a YAML text has a top-level mapping `services` with a container in it.

    Works on the text alone, so that files that are not Compose cost no parsing; a text that does not
    parse can pass too.
    """
    if "services" not in text:
        return False
    if text.lstrip("\ufeff \t\r\n")[:1] == "{":
        return bool(_FLOW_CONTAINER.search(text, text.find("services")))
    found = _SERVICES.search(text)
    return found is not None and _holds_container(text, found.end()) and not _PIPELINE.search(text)


def _holds_container(text: str, at: int) -> bool:
    """Return whether the block that begins at `at`, after `services:`, maps names to containers."""
    end = text.find("\n", at)
    first = text[at : len(text) if end < 0 else end].partition(" #")[0].strip()
    if first.startswith("&"):
        first = first.partition(" ")[2].strip()
    if first.startswith("{"):
        return bool(_FLOW_CONTAINER.search(text, at))
    if (first and not first.startswith(("#", "!"))) or end < 0:
        return False
    outer: int | None = None
    inner: int | None = None
    while end >= 0:
        at = end + 1
        end = text.find("\n", at)
        line = text[at:] if end < 0 else text[at:end]
        body = line.lstrip(" ")
        if not body or body[0] in "#\r\t":
            continue
        indent = len(line) - len(body)
        if indent == 0:
            break
        if outer is None:
            if body.startswith("- "):
                return False
            outer = indent
        if indent == outer:
            inner = None
            # `db: {image: postgres}`, `db: *default`, `db: !include db.yml`
            value = body.partition(": ")[2].strip()
            if value.startswith("{") and _FLOW_CONTAINER.search(value):
                return True
            continue
        if inner is None:
            inner = indent
        if indent == inner and _CONTAINER.match(body):
            return True
    return False


def kind_of_yaml(text: str, *, named_compose: bool) -> Kind | None:
    """Return what a YAML text is: COMPOSE, CI, or None for what is not ours.

    A file whose name says Compose is believed unless its content is plainly something else: a list
    (an Ansible task file), a workflow, a Kubernetes object.
    """
    if may_be_compose(text):
        return Kind.COMPOSE
    keys = {match[2] for match in _TOP_KEY.finditer(text)}
    if "jobs" in keys and "on" in keys:
        return Kind.CI
    if not named_compose:
        return None
    if keys & _COMPOSE_KEYS:
        return Kind.COMPOSE
    # `updatecli compose`, `spec:` of an operator: other programs call their files so, too.
    if keys and not _IMAGE_OR_BUILD.search(text):
        return None
    if "apiVersion" in keys or "jobs" in keys or "AWSTemplateFormatVersion" in keys:
        return None
    return None if re.match(_LIST, text) else Kind.COMPOSE


# Rarely asked: compiled by `re` when first needed.
_FROM = (
    r"(?i)\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*"
    r"(?:[ \t]*ARG[ \t][^\n]*\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*)*[ \t]*FROM[ \t]+\S"
)


def kind_of_text(path: str, text: str) -> Kind | None:
    """Return the kind of a file that somebody named, from its name or else its content.

    The suffix of a template (`compose.yaml.j2`) is looked through; None is what volint does not read.
    """
    name = path.rpartition("/")[2]
    lower = name.lower()
    if lower == ".env" or lower.startswith(".env.") or lower.endswith(".env"):
        return Kind.ENV_FILE
    found = guess(path)
    while found is _NOTHING and name.lower().rpartition(".")[2] in _TEMPLATES:
        name = name.rpartition(".")[0]
        path = path.rpartition(".")[0]
        found = guess(path)
    if found.look is not None and found.look.yaml:
        return kind_of_yaml(text, named_compose=found.kind is Kind.COMPOSE)
    if found.kind is not None:
        return found.kind
    kind = head_kind(path, text)
    if kind is not None:
        return kind
    if may_be_compose(text):
        return Kind.COMPOSE
    return Kind.DOCKERFILE if re.match(_FROM, text) else None
