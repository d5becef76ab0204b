"""The rules that come with volint, one file each, in a folder per family.

The table tells the engine what it needs to select a rule without importing it; a test holds it against
the classes.
"""

from __future__ import annotations

from volint.api import Level, Pack, Part, RuleEntry

__all__ = ["pack"]

_E, _W, _N = Level.ERROR, Level.WARNING, Level.NOTE
_CONTAINERS = (Part.CONTAINERS,)
_BUILDS = (Part.BUILDS,)
_PROBLEMS = (Part.PROBLEMS,)


def _row(
    code: str, module: str, level: Level, needs: tuple[Part, ...], enabled: bool = True
) -> RuleEntry:
    """Return a row; the rule's name and class follow from its module's name."""
    stem = module.rpartition(".")[2]
    return RuleEntry(
        code,
        stem.replace("_", "-"),
        level,
        needs,
        f"volint_rules.{module}",
        stem.title().replace("_", ""),
        enabled,
    )


def pack() -> Pack:
    """Return the built-in pack; its rules in code order."""
    return Pack(
        "volint",
        "0.1.0",
        (
            _row("VL000", "run.internal_error", _E, _PROBLEMS),
            _row("VL001", "run.unreadable_input", _E, _PROBLEMS),
            _row("VL002", "run.unused_ignore", _W, ()),
            _row("VL003", "run.unknown_rule", _W, ()),
            _row("VL004", "run.partial_view", _W, (Part.PROBLEMS, Part.BUILDS)),
            _row("VL101", "persistence.ephemeral_state", _W, _CONTAINERS),
            _row("VL102", "persistence.anonymous_volume", _W, _CONTAINERS),
            _row("VL103", "persistence.wrong_data_path", _E, _CONTAINERS),
            _row("VL104", "persistence.state_on_tmpfs", _W, _CONTAINERS),
            _row("VL105", "persistence.undeclared_volume", _E, _PROBLEMS),
            _row("VL106", "persistence.unused_volume", _N, (Part.VOLUMES,)),
            _row("VL107", "persistence.misspelled_volume", _W, (Part.CONTAINERS, Part.COMMANDS)),
            _row("VL108", "persistence.discarded_after_volume", _N, _BUILDS),
            _row("VL109", "persistence.shared_writers", _E, _CONTAINERS),
            _row("VL110", "persistence.no_backup_policy", _N, _CONTAINERS),
            _row(
                "VL111",
                "persistence.volume_naming",
                _N,
                (Part.CONTAINERS, Part.VOLUMES, Part.COMMANDS),
                enabled=False,
            ),
            _row("VL112", "persistence.logs_on_local_disk", _N, _CONTAINERS),
            _row("VL113", "persistence.data_in_writable_layer", _W, _CONTAINERS),
            _row("VL114", "persistence.dead_volume_shield", _W, _CONTAINERS),
            _row("VL115", "persistence.unstable_volume_identity", _N, _CONTAINERS),
            _row("VL116", "persistence.floating_stateful_image", _N, _CONTAINERS),
            _row("VL201", "host.bind_mount_in_production", _E, _CONTAINERS),
            _row("VL202", "host.docker_socket", _E, _CONTAINERS),
            _row("VL203", "host.sensitive_host_path", _E, _CONTAINERS),
            _row("VL204", "host.missing_read_only", _W, _CONTAINERS),
            _row("VL205", "host.writable_consumer", _N, _CONTAINERS),
            _row("VL206", "host.unportable_host_path", _W, _CONTAINERS),
            _row("VL207", "host.missing_bind_source", _W, _CONTAINERS),
            _row("VL208", "host.database_on_bind", _N, _CONTAINERS),
            _row("VL209", "host.disguised_bind", _N, (Part.VOLUMES,)),
            _row("VL210", "host.relabeled_host_path", _E, _CONTAINERS),
            _row("VL211", "host.shared_propagation", _W, _CONTAINERS),
            _row("VL212", "host.hidden_image_content", _W, _CONTAINERS),
            _row("VL213", "host.ownership_mismatch", _N, _CONTAINERS),
            _row("VL214", "host.host_device", _W, _CONTAINERS),
            _row("VL301", "secrets.secret_outside_tmpfs", _W, _CONTAINERS),
            _row("VL302", "secrets.secret_in_environment", _W, _CONTAINERS),
            _row("VL303", "secrets.secret_in_image", _E, _BUILDS),
            _row("VL304", "secrets.secret_in_build_context", _W, _BUILDS),
            _row("VL305", "secrets.env_file_tracked", _W, _CONTAINERS),
            _row("VL306", "secrets.loose_secret_tmpfs", _N, _CONTAINERS),
            _row("VL307", "secrets.miswired_secret", _E, (Part.CONTAINERS, Part.PROBLEMS)),
            _row("VL308", "secrets.ignored_secret_options", _W, _CONTAINERS),
            _row("VL309", "secrets.unused_secret", _N, (Part.SECRETS, Part.CONFIGS)),
            _row("VL310", "secrets.secret_left_in_layer", _E, _BUILDS),
            _row(
                "VL311",
                "secrets.secret_on_command_line",
                _W,
                (Part.CONTAINERS, Part.VOLUMES, Part.CONFIGS),
            ),
            _row("VL401", "build.model_in_image", _W, _BUILDS),
            _row("VL402", "build.model_download_in_layer", _W, _BUILDS),
            _row("VL403", "build.missing_dockerignore", _W, _BUILDS),
            _row("VL404", "build.dockerignore_gap", _N, _BUILDS),
            _row("VL405", "build.large_file_in_context", _N, _BUILDS),
            _row("VL406", "build.ineffective_dockerignore", _W, _BUILDS),
            _row("VL407", "build.volume_in_dockerfile", _N, _BUILDS),
            _row("VL408", "build.unwritable_volume", _W, _BUILDS),
            _row("VL409", "build.volume_on_system_path", _E, (Part.BUILDS, Part.CONTAINERS)),
            _row("VL501", "memory.unbounded_tmpfs", _W, _CONTAINERS),
            _row("VL502", "memory.executable_tmpfs", _N, _CONTAINERS),
            _row("VL503", "memory.read_only_root_without_scratch", _W, _CONTAINERS),
            _row("VL504", "memory.oversized_tmpfs", _W, _CONTAINERS),
            _row("VL601", "mounts.invalid_mount", _E, (Part.PROBLEMS, Part.CONTAINERS)),
            _row("VL602", "mounts.duplicate_target", _E, _PROBLEMS),
            _row("VL603", "mounts.shadowed_mount", _W, _CONTAINERS),
            _row("VL604", "mounts.volume_or_path", _E, _CONTAINERS),
            _row("VL605", "mounts.ineffective_driver_option", _W, (Part.VOLUMES,)),
            _row("VL606", "mounts.abandoned_driver", _W, (Part.VOLUMES, Part.CONTAINERS)),
            _row("VL607", "mounts.no_op_option", _N, _CONTAINERS),
            _row("VL608", "mounts.prefer_mount_syntax", _N, _CONTAINERS),
            _row("VL609", "mounts.empty_variable_in_mount", _W, _CONTAINERS),
            _row("VL610", "mounts.volumes_from", _N, _CONTAINERS),
            _row("VL611", "mounts.unquoted_expansion", _W, _CONTAINERS),
            _row("VL612", "mounts.unexpanded_tilde", _W, (Part.CONTAINERS, Part.PROBLEMS)),
            _row("VL613", "mounts.conflicting_options", _W, _CONTAINERS),
            _row("VL614", "mounts.misspelled_key", _E, _PROBLEMS),
            _row("VL615", "mounts.refused_project", _E, _PROBLEMS),
            _row("VL701", "commands.destructive_command", _W, (Part.COMMANDS,)),
            _row("VL702", "commands.writable_backup_source", _W, _CONTAINERS),
            _row("VL703", "commands.live_database_copy", _N, _CONTAINERS),
        ),
    )
