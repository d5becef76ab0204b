"""Keys and types of the Compose specification, one line a key.

The notation of a type, alternatives joined by '|':

    s i n b 0       string, integer, number, boolean, null; several letters are alternatives
    s(a,b)          one of some strings
    s~PATTERN~      a string in which the pattern is found
    i<0,100>        an integer within bounds; either may be left out
    [T]  [T]!       a list, a list without equal items
    {T}  {PATTERN T}  {PATTERN T}!   a mapping of any key; keys that match; no others
    @name           a mapping whose keys are listed under that name
    $name           a type defined under TYPES
    *               anything

A word after ':' names what Compose makes of a scalar there: int, int64, float, bool and int-uint are
cast when a file is read, the others when the merged project is decoded. A key that starts with '!' is
required.
Source: the Compose specification's schema and compose-go 2.14, loader/interpolate.go and types/.
"""

from __future__ import annotations

__all__ = ["CLOSED", "OBJECTS", "OPEN", "TYPES"]

_NAME = "^[a-zA-Z0-9._-]+$"

TYPES = {
    "bool": "bs:bool",
    "lax-bool": "bs:late-bool",
    "strings": "[s]!",
    "string-or-list": "s|[s]!",
    "dict": "{.+ snb0:text}!|[s]!",
    "env": "{.+ snb0:text}!|[s:env-item]!",
    "contexts": "{.+ snb0:only-string}!|[s]!",
    "hosts": "{^[^:=]+$ s|[s]}!|[s:host]!",
    "command": "s:words|0|[s]",
    "grants": "[s|@grant]",
    "driver-opts": "{^.+$ sn:text}",
    "external": "bs:bool|@external-name",
    "file-external": "bs:bool|@file-external-name",
    "ulimits": "{is:int|@ulimit}",
    "build-ulimits": "{is:only-int|@build-ulimit}",
    "device-requests": "[@device-request]",
}

OBJECTS = {
    "project": f"""
        version=s name=s include=[s|@include] services={{{_NAME} @service}}! models={{{_NAME} @model}}
        networks={{{_NAME} @network|0}} volumes={{{_NAME} @volume|0}}! secrets={{{_NAME} @secret}}!
        configs={{{_NAME} @config}}!
        """,
    "service": f"""
        develop=@development|0 deploy=@deployment|0 annotations=$dict attach=$lax-bool build=s|@build
        blkio_config=@blkio cap_add=[s]! cap_drop=[s]! cgroup=s(host,private) cgroup_parent=s command=$command
        configs=$grants container_name=s~[a-zA-Z0-9][a-zA-Z0-9_.-]+~ cpu_count=s:int64|i<0,>:int64
        cpu_percent=s:float|i<0,100> cpu_shares=ns:int64 cpu_quota=ns:int64 cpu_period=ns:int64
        cpu_rt_period=ns:int64 cpu_rt_runtime=ns:int64 cpus=ns:float cpuset=s
        credential_spec=@credential-spec depends_on=$strings|{{{_NAME} @dependency}}! device_cgroup_rules=$strings
        devices=[s|@device] dns=$string-or-list dns_opt=[s]! dns_search=$string-or-list domainname=s
        entrypoint=$command env_file=s|[s|@env-file] label_file=s|[s] environment=$env expose=[sn]!
        extends=s|@extends provider=@provider external_links=[s]! extra_hosts=$hosts gpus=s(all)|[@gpu]
        group_add=[sn:string]! healthcheck=@healthcheck hostname=s image=s init=$bool ipc=s isolation=s
        labels=$dict links=[s]! logging=@logging mac_address=s mem_limit=ns:bytes mem_reservation=si:bytes
        mem_swappiness=is:bytes memswap_limit=ns:bytes network_mode=s models=$strings|{{{_NAME} @service-model|0}}
        networks=$strings|{{{_NAME} @service-network|0}}! oom_kill_disable=$bool
        oom_score_adj=s:int64|i<-1000,1000> pid=s0 pids_limit=ns:int64 platform=s ports=[n|s|@port]!
        pre_start=[@pre-start-hook] post_start=[@hook] pre_stop=[@hook] privileged=$bool profiles=$strings
        pull_policy=s~always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+~
        pull_refresh_after=s read_only=$bool restart=s runtime=s scale=is:int security_opt=[s]! shm_size=ns:bytes
        secrets=$grants sysctls=$dict stdin_open=$bool stop_grace_period=s:duration stop_signal=s
        storage_opt={{*:string}} tmpfs=$string-or-list tty=$bool ulimits=$ulimits use_api_socket=b user=s uts=s
        userns_mode=s volumes=[s|@mount]! volumes_from=[s]! working_dir=s
        """,
    "build": """
        context=s dockerfile=s dockerfile_inline=s entitlements=[s] args=$env ssh=$dict labels=$dict
        cache_from=[s] cache_to=[s] no_cache=$lax-bool no_cache_filter=$string-or-list additional_contexts=$contexts
        network=s provenance=sb sbom=sb pull=$lax-bool target=s shm_size=is:bytes extra_hosts=$hosts isolation=s
        privileged=$lax-bool secrets=$grants tags=[s] ulimits=$build-ulimits platforms=[s]
        """,
    "blkio": """
        device_read_bps=[@blkio-limit] device_read_iops=[@blkio-limit] device_write_bps=[@blkio-limit]
        device_write_iops=[@blkio-limit] weight=is:uint16 weight_device=[@blkio-weight]
        """,
    "blkio-limit": "path=s rate=is:bytes",
    "blkio-weight": "path=s weight=is:uint16",
    "credential-spec": "config=s file=s registry=s",
    "dependency": """
        restart=$bool required=b:bool
        !condition=s(service_started,service_healthy,service_completed_successfully)
        """,
    "deployment": """
        mode=s endpoint_mode=s replicas=is:int labels=$dict rollback_config=@update update_config=@update
        resources=@resources restart_policy=@restart-policy placement=@placement
        """,
    "update": """
        parallelism=is:int-uint delay=s:duration failure_action=s monitor=s:duration
        max_failure_ratio=ns:float order=s(start-first,stop-first)
        """,
    "resources": "limits=@limits reservations=@reservations",
    "limits": "cpus=ns:cpus memory=s:bytes pids=is:late-int",
    "reservations": "cpus=ns:cpus memory=s:bytes generic_resources=[@generic] devices=$device-requests",
    "generic": "discrete_resource_spec=@discrete",
    "discrete": "kind=s value=ns:late-int",
    "restart-policy": "condition=s delay=s:duration max_attempts=is:int-uint window=s:duration",
    "placement": "constraints=[s] preferences=[@preference] max_replicas_per_node=is:int-uint",
    "preference": "spread=s",
    "device-request": "!capabilities=$strings count=si:count device_ids=$strings driver=s options=$dict",
    "gpu": "capabilities=$strings count=si:count device_ids=$strings driver=s options=$dict",
    "development": "watch=[@watch]",
    "watch": """
        ignore=$string-or-list include=$string-or-list !path=s
        !action=s(rebuild,sync,restart,sync+restart,sync+exec) target=s exec=@hook initial_sync=b
        """,
    "device": "!source=s target=s permissions=s",
    "env-file": "!path=s format=s required=$lax-bool",
    "extends": "!service=s file=s",
    "include": "path=$string-or-list env_file=$string-or-list project_directory=s",
    "provider": "!type=s options={^.+$ snb:text|[snb:text]}",
    "healthcheck": """
        disable=$bool interval=s:duration retries=ns:int-uint test=s|[s] timeout=s:duration
        start_period=s:duration start_interval=s:duration
        """,
    "logging": "driver=s options={^.+$ sn0:text}",
    "service-model": "endpoint_var=s model_var=s",
    "service-network": """
        aliases=$strings interface_name=s ipv4_address=s ipv6_address=s link_local_ips=$strings mac_address=s
        driver_opts=$driver-opts priority=n gw_priority=n
        """,
    "port": "name=s mode=s host_ip=s target=is:int-uint published=si:string protocol=s app_protocol=s",
    "hook": "!command=$command user=s privileged=$lax-bool working_dir=s environment=$env",
    "pre-start-hook": """
        command=$command image=s user=s privileged=$lax-bool working_dir=s environment=$env
        per_replica=$lax-bool
        """,
    "grant": "source=s target=s uid=s gid=s mode=ns:octal",
    "ulimit": "!hard=is:int !soft=is:int",
    "build-ulimit": "!hard=is:only-int !soft=is:only-int",
    "mount": """
        !type=s(bind,volume,tmpfs,cluster,npipe,image) source=s target=s read_only=$bool consistency=s
        bind=@mount-bind volume=@mount-volume tmpfs=@mount-tmpfs image=@mount-image
        """,
    "mount-bind": """
        propagation=s create_host_path=$lax-bool recursive=s(enabled,disabled,writable,readonly)
        selinux=s(z,Z)
        """,
    "mount-volume": "labels=$dict nocopy=$bool subpath=s",
    "mount-tmpfs": "size=i<0,>:bytes|s:bytes mode=ns:uint32",
    "mount-image": "subpath=s",
    "network": """
        name=s driver=s driver_opts=$driver-opts ipam=@ipam external=$external internal=$bool
        enable_ipv4=$bool enable_ipv6=$bool attachable=$bool labels=$dict
        """,
    "ipam": "driver=s config=[@ipam-pool] options={^.+$ s}!",
    "ipam-pool": "subnet=s ip_range=s gateway=s aux_addresses={^.+$ s}!",
    "external-name": "name=s",
    "file-external-name": "name=s",
    "volume": "name=s driver=s driver_opts=$driver-opts external=$external labels=$dict",
    "secret": """
        name=s environment=s file=s external=$file-external labels=$dict driver=s
        driver_opts={^.+$ sn:string} template_driver=s
        """,
    "config": "name=s content=s environment=s file=s external=$file-external labels=$dict template_driver=s",
    "model": "name=s !model=s context_size=i runtime_flags=[s]",
}

CLOSED = frozenset({"blkio", "blkio-limit", "blkio-weight", "extends", "include", "env-file"})
"""Objects that do not even take `x-` keys."""

OPEN = frozenset({"gpu", "file-external-name"})
"""Objects that take any key."""
