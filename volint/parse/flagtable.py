"""The flags of docker, podman, nerdctl and Compose commands that matter to storage.

Each command's text lists its flags by type, `name` or `name/x` with x the short form; `table` makes
a lookup of it when the command is first met. Sources: docker CLI 28.2 and 29.7, podman 5.8.2,
docker compose 5, buildx 0.30, nerdctl 2, podman-compose 1.5.
"""

from __future__ import annotations

from volint.record import NamedTuple

__all__ = ["Table", "table"]

_RUN_COMMON = """
list: add-host attach/a blkio-weight-device cap-add cap-drop device device-cgroup-rule
 device-read-bps device-read-iops device-write-bps device-write-iops dns dns-option dns-search
 env/e env-file expose group-add label/l label-file log-opt network-alias publish/p security-opt
 sysctl tmpfs ulimit volume/v volumes-from annotation mount network gpus
bool: disable-content-trust help init interactive/i no-healthcheck oom-kill-disable privileged
 publish-all/P quiet/q read-only rm tty/t
string: cgroup-parent cgroupns cidfile cpuset-cpus cpuset-mems entrypoint health-cmd
 hostname/h ip ip6 ipc log-driver mac-address name pid platform pull restart stop-signal user/u
 userns uts workdir/w
int64: cpu-quota cpu-rt-runtime memory-swappiness pids-limit
"""

_DOCKER_CREATE = (
    _RUN_COMMON
    + """
list: dns-opt link link-local-ip net-alias net storage-opt
string: domainname isolation runtime volume-driver
int64: cpu-count cpu-percent cpu-period cpu-rt-period cpu-shares/c
int: health-retries oom-score-adj stop-timeout
uint16: blkio-weight
uint64: io-maxiops
bool: use-api-socket
duration: health-interval health-start-interval health-start-period health-timeout
bytes: io-maxbandwidth kernel-memory memory/m memory-reservation shm-size
swap: memory-swap
decimal: cpus
"""
)

_DOCKER_RUN = _DOCKER_CREATE + "bool: detach/d sig-proxy\nstring: detach-keys"

_PODMAN_CREATE = (
    _RUN_COMMON
    + """
list: cgroup-conf gidmap hostuser requires uidmap chrootdirs decryption-key env-merge secret unsetenv
string: arch authfile blkio-weight cert-dir cgroups conmon-pidfile creds group-entry health-interval
 health-log-destination health-on-failure health-start-period health-startup-cmd
 health-startup-interval health-startup-timeout health-timeout hosts-file image-volume init-ctr
 init-path kernel-memory os passwd-entry personality pidfile pod pod-id-file rdt-class retry-delay
 sdnotify seccomp-policy shm-size-systemd signature-policy subgidname subuidname systemd tz umask
 variant
size: memory/m memory-reservation shm-size
swap: memory-swap
uint64: cpu-period cpu-rt-period cpu-shares/c
float: cpus
bool: env-host http-proxy no-hostname no-hosts read-only-tmpfs replace rootfs tls-verify
 unsetenv-all
uint64: health-max-log-count health-max-log-size health-retries health-startup-retries
 health-startup-success retry stop-timeout timeout
int: oom-score-adj
"""
)

_PODMAN_RUN = (
    _PODMAN_CREATE
    + """
bool: detach/d sig-proxy passwd rmi
string: detach-keys
list: preserve-fd
uint64: preserve-fds
"""
)

_VOLUME_CREATE = """
string: driver/d name availability group scope sharing type
list: label opt/o secret topology-preferred topology-required
bytes: limit-bytes required-bytes
bool: help/h
"""

_BUILD = """
list: add-host allow annotation attest build-arg build-context cache-from cache-to label no-cache-filter
 output/o secret ssh tag/t ulimit security-opt platform
string: builder call cgroup-parent cpuset-cpus cpuset-mems file/f iidfile metadata-file network
 progress provenance sbom shm-size target isolation memory/m memory-swap cpu-period cpu-quota
 cpu-shares/c
bool: check compress debug/D force-rm help/h load no-cache pull push quiet/q rm squash
 disable-content-trust
"""

_SERVICE_CREATE = """
list: cap-add cap-drop config constraint container-label credential-spec dns dns-option dns-search
 env/e env-file generic-resource group host label/l log-opt mount network placement-pref publish/p
 secret sysctl ulimit
string: endpoint-mode entrypoint health-cmd health-interval health-retries health-start-interval
 health-start-period health-timeout hostname isolation limit-cpu limit-memory limit-pids log-driver
 max-concurrent memory-swap memory-swappiness mode name oom-score-adj replicas
 replicas-max-per-node reserve-cpu reserve-memory restart-condition restart-delay
 restart-max-attempts restart-window rollback-delay rollback-failure-action
 rollback-max-failure-ratio rollback-monitor rollback-order rollback-parallelism stop-grace-period
 stop-signal update-delay update-failure-action update-max-failure-ratio update-monitor update-order
 update-parallelism user/u workdir/w
bool: detach/d help init no-healthcheck no-resolve-image quiet/q read-only tty/t with-registry-auth
"""

_SERVICE_UPDATE = (
    _SERVICE_CREATE
    + """
list: args cap-add cap-drop config-add config-rm constraint-add constraint-rm container-label-add
 container-label-rm dns-add dns-rm dns-option-add dns-option-rm dns-search-add dns-search-rm env-add
 env-rm generic-resource-add generic-resource-rm group-add group-rm host-add host-rm label-add
 label-rm mount-add mount-rm network-add network-rm placement-pref-add placement-pref-rm publish-add
 publish-rm secret-add secret-rm sysctl-add sysctl-rm ulimit-add ulimit-rm
string: image
bool: force rollback
"""
)

_COMPOSE_RUN = """
list: build-arg cap-add cap-drop env/e env-from-file label/l publish/p volume/v
string: entrypoint name pull user/u workdir/w
bool: build detach/d help/h interactive/i no-TTY/T no-deps quiet/q quiet-build quiet-pull
 remove-orphans rm service-ports/P tty/t use-aliases
"""

_COMPOSE = """
list: env-file file/f profile
string: ansi parallel progress project-directory project-name/p workdir
bool: all-resources compatibility dry-run help/h verbose version/v no-ansi
"""

_PODMAN_COMPOSE = """
list: env-file file/f profile podman-args podman-pull-args podman-push-args podman-build-args
 podman-inspect-args podman-run-args podman-start-args podman-stop-args podman-rm-args
 podman-volume-args
string: in-pod pod-args project-name/p podman-path parallel
bool: no-ansi no-cleanup dry-run verbose help/h version/v
"""

_PODMAN_COMPOSE_UP = """
list: build-arg no-attach
string: scale exit-code-from timeout/t wait-timeout
bool: detach/d no-color quiet-pull no-deps force-recreate always-recreate-deps no-recreate no-build
 no-start build abort-on-container-exit abort-on-container-failure renew-anon-volumes/V
 remove-orphans no-log-prefix no-cache no-hosts wait help/h
"""

_NERDCTL_COMPOSE = """
list: file profile
string: project-directory project-name/p env-file ipfs-address
bool: help/h
"""

_TABLES = {
    "docker": """
string: config context/c log-level/l tlscacert tlscert tlskey
bool: debug/D tls tlsverify version/v help/h
list: host/H
""",
    "podman": """
list: cdi-spec-dir hooks-dir module pull-option runtime-flag storage-opt
string: cgroup-manager config conmon connection/c context cpu-profile db-backend default-mounts-file
 events-backend host/H identity imagestore log-level memory-profile namespace network-backend
 network-cmd-path network-config-dir out registries-conf root runroot runtime ssh storage-driver
 tls-ca tls-cert tls-key tmpdir url volumepath max-workers
bool: debug/D help/h noout remote/r syslog trace transient-store version/v
""",
    "nerdctl": """
string: address/a host/H bridge-ip cgroup-manager cni-netconfpath cni-path data-root
 host-gateway-ip hosts-dir namespace/n snapshotter storage-driver userns-remap kube-hide-dupe
list: cdi-spec-dirs
bool: debug debug-full experimental help/h insecure-registry selinux-enabled version/v
""",
    "compose": _COMPOSE,
    "podman compose": _COMPOSE + _PODMAN_COMPOSE,
    "podman-compose compose": _PODMAN_COMPOSE,
    "nerdctl compose": _COMPOSE + "string: ipfs-address",
    "docker run": _DOCKER_RUN,
    "docker create": _DOCKER_CREATE,
    "podman run": _PODMAN_RUN,
    "podman create": _PODMAN_CREATE,
    "nerdctl run": _DOCKER_RUN
    + """
list: cgroup-conf
string: cosign-certificate-identity cosign-certificate-identity-regexp cosign-certificate-oidc-issuer
 cosign-certificate-oidc-issuer-regexp cosign-key init-binary ipfs-address pidfile rdt-class systemd
 umask verify
bool: rootfs insecure-registry
""",
    "group": "bool: help/h",
    "service create": _SERVICE_CREATE,
    "service update": _SERVICE_UPDATE,
    "volume create": _VOLUME_CREATE,
    "docker volume create": _VOLUME_CREATE,
    "podman volume create": "string: driver/d\nint: gid uid\nbool: ignore help/h\nlist: label/l opt/o",
    "volume rm": "bool: force/f help/h",
    "volume prune": "bool: all/a force/f help/h\nlist: filter",
    "system prune": "bool: all/a force/f help/h volumes build external\nlist: filter",
    "container prune": "bool: force/f help/h\nlist: filter",
    "docker volume ls": "bool: cluster quiet/q help/h\nlist: filter/f\nstring: format",
    "docker volume inspect": "bool: help/h\nstring: format/f",
    "docker volume rm": "bool: force/f help/h",
    "docker volume prune": "bool: all/a force/f help/h\nlist: filter",
    "docker system prune": "bool: all/a force/f help/h volumes\nlist: filter",
    "docker container prune": "bool: force/f help/h\nlist: filter",
    "docker rm": "bool: force/f link/l volumes/v help/h",
    "docker stop": "string: signal/s\nint: time/t timeout\nbool: help/h",
    "docker rename": "bool: help/h",
    "docker update": """
string: cpuset-cpus cpuset-mems restart
int64: cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares/c pids-limit
uint16: blkio-weight
bytes: kernel-memory memory/m memory-reservation
swap: memory-swap
decimal: cpus
bool: help/h
""",
    "docker exec": "list: env/e env-file\nbool: detach/d interactive/i privileged tty/t help/h\n"
    "string: detach-keys user/u workdir/w",
    "rm": "bool: force/f link/l volumes/v help/h all/a ignore/i latest depend\nlist: filter cidfile\nint: time/t",
    "stop": "string: signal/s\nint: time/t timeout\nbool: all/a ignore/i latest help/h\nlist: filter cidfile",
    "exec": "list: env/e env-file\nbool: detach/d interactive/i privileged tty/t help/h latest/l\n"
    "string: detach-keys user/u workdir/w preserve-fds",
    "build": _BUILD,
    "podman build": _BUILD
    + """
list: volume/v device dns dns-option dns-search cap-add cap-drop env unsetenv ignorefile decryption-key
 runtime-flag hooks-dir annotation
string: authfile cert-dir creds format from arch os variant runtime timestamp userns uts ipc pid jobs
 isolation logfile manifest sign-by cpp-flag
bool: all-platforms layers identity-label squash-all tls-verify http-proxy rm omit-history
""",
    "bake": "list: allow file/f set var\nstring: builder call metadata-file progress provenance sbom list\n"
    "bool: check debug help/h load no-cache print pull push",
    "stack deploy": "list: compose-file/c\nstring: resolve-image orchestrator bundle-file\n"
    "bool: detach/d prune quiet/q with-registry-auth help",
    "compose run": _COMPOSE_RUN,
    "compose up": """
list: attach no-attach scale exit-code-from
string: pull timeout/t wait-timeout
bool: abort-on-container-exit abort-on-container-failure always-recreate-deps attach-dependencies
 build detach/d force-recreate help/h menu no-build no-color no-deps no-log-prefix no-recreate
 no-start quiet-build quiet-pull remove-orphans renew-anon-volumes/V timestamps wait watch/w yes/y
""",
    "compose down": "string: rmi timeout/t\nbool: remove-orphans volumes/v help/h",
    "compose rm": "bool: all/a force/f stop/s volumes/v help/h",
    "podman-compose compose up": _PODMAN_COMPOSE_UP,
    "podman-compose compose down": "string: timeout/t\nbool: remove-orphans volumes/v help/h",
    "podman-compose compose build": "list: build-arg\nbool: no-cache help/h",
    "podman-compose compose run": """
list: env/e label/l publish/p volume/v
string: entrypoint name user/u workdir/w
bool: build detach/d no-deps rm service-ports tty/T help/h
""",
    "nerdctl compose up": _NERDCTL_COMPOSE
    + """
list: scale
string: pull
bool: abort-on-container-exit detach/d no-build no-color no-log-prefix build ipfs quiet-pull
 remove-orphans force-recreate no-recreate
""",
    "nerdctl compose down": _NERDCTL_COMPOSE + "bool: volumes/v remove-orphans",
    "nerdctl compose rm": _NERDCTL_COMPOSE + "bool: force/f stop/s volumes/v",
    "nerdctl compose build": _NERDCTL_COMPOSE + "list: build-arg\nstring: progress\nbool: no-cache",
    "nerdctl compose run": _NERDCTL_COMPOSE
    + """
list: volume/v entrypoint env/e label/l publish
string: name user/u workdir/w
bool: detach/d no-build no-color no-log-prefix build quiet-pull remove-orphans no-deps interactive/i
 rm service-ports
""",
    "compose build": "list: build-arg ssh\nstring: builder memory/m progress provenance sbom\n"
    "bool: check print pull push quiet/q no-cache with-dependencies compress force-rm help/h parallel",
}
_TABLES["nerdctl create"] = _TABLES["nerdctl run"]

_ALIASES = {
    "podman run": {
        "net": "network",
        "dns-opt": "dns-option",
        "healthcheck-command": "health-cmd",
        "healthcheck-interval": "health-interval",
        "healthcheck-retries": "health-retries",
        "healthcheck-start-period": "health-start-period",
        "healthcheck-timeout": "health-timeout",
        "override-arch": "arch",
        "override-os": "os",
        "override-variant": "variant",
    },
    "docker run": {"net": "network", "net-alias": "network-alias", "dns-opt": "dns-option"},
    "service update": {"mount-add": "mount", "env-add": "env", "label-add": "label"},
    "stop": {"timeout": "time"},
    "docker stop": {"timeout": "time"},
}
_ALIASES["podman create"] = _ALIASES["podman run"]
_ALIASES["docker create"] = _ALIASES["nerdctl run"] = _ALIASES["docker run"]
_ALIASES["nerdctl create"] = _ALIASES["docker run"]


class Table(NamedTuple):
    """The flags of one command."""

    types: dict[str, str]
    """Type of each long name; 'bool' takes no value but `=BOOL`."""
    short: dict[str, str]
    """Long name of each short form."""
    aliases: dict[str, str]
    """Names that mean another flag."""


_made: dict[str, Table] = {}


def table(command: str) -> Table | None:
    """Return the flags of a command such as 'docker run' or 'compose up'; None if it has none here."""
    found = _made.get(command)
    if found is None:
        text = _TABLES.get(command)
        if text is None:
            return None
        types: dict[str, str] = {}
        short: dict[str, str] = {}
        kind = ""
        for word in text.split():
            if word[-1] == ":":
                kind = word[:-1]
                continue
            name, slash, letter = word.partition("/")
            types[name] = kind
            if slash:
                short[letter] = name
        aliases = _ALIASES.get(command, {})
        for alias, name in aliases.items():
            types.setdefault(alias, types[name])
        found = _made[command] = Table(types, short, aliases)
    return found
