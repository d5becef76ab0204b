"""The commands of the docker CLI and of the plug-ins it ships with.

Source: docker CLI 28.2 and 29.7, `docker --help` of each level.
"""

from __future__ import annotations

__all__ = ["DOCKER_COMMANDS", "SUBCOMMANDS"]

DOCKER_COMMANDS = frozenset(
    (
        "attach", "build", "builder", "buildx", "checkpoint", "commit", "compose", "config", "container", "context",
        "cp", "create", "diff", "events", "exec", "export", "history", "image", "images", "import", "info", "inspect",
        "kill", "load", "login", "logout", "logs", "manifest", "network", "node", "pause", "plugin", "port", "ps",
        "pull", "push", "rename", "restart", "rm", "rmi", "run", "save", "search", "secret", "service", "stack",
        "start", "stats", "stop", "swarm", "system", "tag", "top", "trust", "unpause", "update", "version", "volume",
        "wait",
    )
)  # fmt: skip
"""Its top-level commands."""

_LISTED = ("create", "inspect", "ls", "list", "rm", "remove")

SUBCOMMANDS: dict[str, frozenset[str]] = {
    name: frozenset(words)
    for name, words in {
        "checkpoint": _LISTED,
        "config": _LISTED,
        "container": (
            *_LISTED, "attach", "commit", "cp", "diff", "exec", "export", "kill", "logs", "ps", "pause", "port",
            "prune", "rename", "restart", "run", "start", "stats", "stop", "top", "unpause", "update", "wait",
        ),
        "context": (*_LISTED, "export", "import", "show", "update", "use"),
        "image": (
            *_LISTED[1:], "build", "history", "import", "load", "prune", "pull", "push", "save", "tag",
        ),
        "manifest": (*_LISTED, "annotate", "push"),
        "network": (*_LISTED, "connect", "disconnect", "prune"),
        "node": (*_LISTED[1:], "demote", "promote", "ps", "update"),
        "plugin": (*_LISTED, "disable", "enable", "install", "push", "set", "upgrade"),
        "secret": _LISTED,
        "service": (*_LISTED, "logs", "ps", "rollback", "scale", "update"),
        "stack": (*_LISTED[2:], "config", "deploy", "down", "ps", "services", "up"),
        "swarm": ("ca", "init", "join", "join-token", "leave", "unlock", "unlock-key", "update"),
        "system": ("dial-stdio", "df", "events", "info", "prune"),
        "volume": (*_LISTED, "prune", "update"),
    }.items()
}  # fmt: skip
"""What follows a command that is only a group, aliases included; `builder` and `trust`, which are or become
plug-ins of others, are left out."""
