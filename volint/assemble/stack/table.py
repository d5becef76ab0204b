"""Keys and types of the files that `docker stack deploy` takes, in the notation of `compose.schema_table`.

Version 3.13 of the format is described; `SINCE` says what earlier versions lack.
Source of the behaviour: docker/cli 29, cli/compose/schema, types and loader/interpolate.go.
"""

from __future__ import annotations

__all__ = ["EXTENSIBLE", "FORBIDDEN", "IGNORED", "LATEST", "OBJECTS", "OPEN", "SINCE"]

LATEST = 13
"""The newest version of the format is 3.13, which is also what '3' and no version mean."""

_NAME = "^[a-zA-Z0-9._-]+$"
_DICT = "{.+ sn0}!|[s]!"

OBJECTS = {
    "stack": f"""
        version=s services={{{_NAME} @stack-service}}! networks={{{_NAME} @stack-network|0}}
        volumes={{{_NAME} @stack-volume|0}}! secrets={{{_NAME} @stack-secret}}!
        configs={{{_NAME} @stack-config}}!
        """,
    "stack-service": f"""
        deploy=@stack-deployment|0 build=s|@stack-build cap_add=[s]! cap_drop=[s]! cgroupns_mode=s
        cgroup_parent=s command=s:words|[s] configs=[s|@stack-grant] container_name=s
        credential_spec=@stack-credential depends_on=[s]! devices=[s]! dns=s|[s]! dns_search=s|[s]! domainname=s
        entrypoint=s:words|[s] env_file=s|[s]! environment={_DICT} expose=[sn]! external_links=[s]!
        extra_hosts={_DICT} healthcheck=@stack-healthcheck hostname=s image=s init=b ipc=s isolation=s
        labels={_DICT} links=[s]! logging=@stack-logging mac_address=s network_mode=s
        networks=[s]!|{{{_NAME} @stack-service-network|0}}! pid=s0 ports=[n|s|@stack-port]! privileged=b:bool
        read_only=b:bool restart=s security_opt=[s]! shm_size=ns secrets=[s|@stack-grant] sysctls={_DICT}
        stdin_open=b:bool stop_grace_period=s:duration stop_signal=s tmpfs=s|[s]! tty=b:bool
        ulimits={{^[a-z]+$ i:int|@stack-ulimit}} oom_score_adj=i:int user=s userns_mode=s
        volumes=[s|@stack-mount] working_dir=s
        """,
    "stack-build": f"context=s dockerfile=s args={_DICT} labels={_DICT} cache_from=[s]! network=s target=s",
    "stack-grant": "source=s target=s uid=s gid=s mode=n:int",
    "stack-credential": "config=s file=s registry=s",
    "stack-healthcheck": """
        disable=b:bool interval=s:duration retries=n:int test=s|[s] timeout=s:duration start_period=s:duration
        start_interval=s:duration
        """,
    "stack-logging": "driver=s options={^.+$ sn0}",
    "stack-service-network": "aliases=[s]! driver_opts={^.+$ sn} ipv4_address=s ipv6_address=s",
    "stack-port": "mode=s target=i:int published=i:int protocol=s",
    "stack-ulimit": "!hard=i:int !soft=i:int",
    "stack-mount": """
        !type=s source=s target=s read_only=b:bool consistency=s bind=@stack-mount-bind
        volume=@stack-mount-volume tmpfs=@stack-mount-tmpfs
        """,
    "stack-mount-bind": "propagation=s",
    "stack-mount-volume": "nocopy=b:bool",
    "stack-mount-tmpfs": "size=i<0,>",
    "stack-deployment": f"""
        mode=s endpoint_mode=s replicas=i<0,>:int labels={_DICT} rollback_config=@stack-update
        update_config=@stack-update resources=@stack-resources restart_policy=@stack-restart
        placement=@stack-placement
        """,
    "stack-update": """
        parallelism=i:int delay=s:duration failure_action=s monitor=s:duration max_failure_ratio=n:float
        order=s(start-first,stop-first)
        """,
    "stack-resources": "limits=@stack-limits reservations=@stack-reservations",
    "stack-limits": "cpus=s memory=s:bytes pids=i",
    "stack-reservations": "cpus=s memory=s:bytes generic_resources=[@stack-generic]",
    "stack-generic": "discrete_resource_spec=@stack-discrete",
    "stack-discrete": "kind=s value=n",
    "stack-restart": "condition=s delay=s:duration max_attempts=i:int window=s:duration",
    "stack-placement": "constraints=[s] preferences=[@stack-preference] max_replicas_per_node=i:int",
    "stack-preference": "spread=s",
    "stack-network": f"""
        name=s driver=s driver_opts={{^.+$ sn}} ipam=@stack-ipam external=b:bool|@stack-external-closed
        internal=b:bool attachable=b:bool labels={_DICT}
        """,
    "stack-ipam": "driver=s config=[@stack-pool]",
    "stack-pool": "subnet=s",
    "stack-volume": f"""
        name=s driver=s driver_opts={{^.+$ sn}} external=b:bool|@stack-external-closed labels={_DICT}
        """,
    "stack-secret": f"""
        name=s file=s external=b:bool|@stack-external labels={_DICT} driver=s driver_opts={{^.+$ sn}}
        template_driver=s
        """,
    "stack-config": f"name=s file=s external=b:bool|@stack-external labels={_DICT} template_driver=s",
    "stack-external": "name=s",
    "stack-external-closed": "name=s",
}

EXTENSIBLE = frozenset(
    ("stack", "stack-service", "stack-network", "stack-volume", "stack-secret", "stack-config")
)
"""Objects that take `x-` keys."""

OPEN = frozenset(
    ("stack-build", "stack-grant", "stack-external", "stack-mount-bind", "stack-mount-volume",
     "stack-mount-tmpfs")
)  # fmt: skip
"""Objects that take any key, and leave what they do not know."""

SINCE = {
    ("secrets",): 1, ("services", "*", "secrets"): 1,
    ("services", "*", "deploy", "endpoint_mode"): 2, ("services", "*", "ports", "*", "target"): 2,
    ("services", "*", "volumes", "*", "type"): 2,
    ("configs",): 3, ("services", "*", "configs"): 3, ("services", "*", "credential_spec"): 3,
    ("services", "*", "deploy", "placement", "preferences"): 3,
    ("services", "*", "deploy", "update_config", "order"): 4,
    ("services", "*", "healthcheck", "start_period"): 4, ("volumes", "*", "name"): 4,
    ("configs", "*", "name"): 5, ("networks", "*", "name"): 5, ("secrets", "*", "name"): 5,
    ("services", "*", "isolation"): 5,
    ("services", "*", "deploy", "resources", "reservations", "generic_resources"): 5,
    ("services", "*", "volumes", "*", "tmpfs"): 6,
    ("services", "*", "deploy", "rollback_config"): 7, ("services", "*", "init"): 7,
    ("configs", "*", "template_driver"): 8, ("secrets", "*", "driver"): 8,
    ("secrets", "*", "driver_opts"): 8, ("secrets", "*", "template_driver"): 8,
    ("services", "*", "credential_spec", "config"): 8,
    ("services", "*", "deploy", "placement", "max_replicas_per_node"): 8,
    ("services", "*", "cgroupns_mode"): 9, ("services", "*", "deploy", "resources", "limits", "pids"): 9,
    ("services", "*", "healthcheck", "start_interval"): 12,
    ("services", "*", "networks", "*", "driver_opts"): 13, ("services", "*", "oom_score_adj"): 13,
    ("x-",): 4, ("configs", "*", "x-"): 7, ("networks", "*", "x-"): 7, ("secrets", "*", "x-"): 7,
    ("services", "*", "x-"): 7, ("volumes", "*", "x-"): 7,
}  # fmt: skip
"""The version 3.N that a key came with; `x-` stands for all keys that begin so. Later ones only."""

IGNORED = frozenset(
    ("cgroupns_mode", "cgroup_parent", "devices", "domainname", "external_links", "ipc", "links",
     "mac_address", "network_mode", "pid", "privileged", "security_opt", "shm_size", "userns_mode",
     "container_name", "expose", "depends_on", "tmpfs")
)  # fmt: skip
"""Keys of a service that are read and then not used; `tmpfs` and `depends_on` without a warning.

`build` is not used either, but the image that it names together with `image` is what it builds.
"""

FORBIDDEN = {
    "extends": "write the service out",
    "volume_driver": "give the driver to the volume, under the top-level 'volumes'",
    "volumes_from": "declare a volume, and mount it in both services",
    "cpu_quota": "set the limit under 'deploy.resources'",
    "cpu_shares": "set the limit under 'deploy.resources'",
    "cpuset": "set the limit under 'deploy.resources'",
    "mem_limit": "set the limit under 'deploy.resources'",
    "memswap_limit": "set the limit under 'deploy.resources'",
}
"""Keys of a service that are refused by name, and what to do instead."""
