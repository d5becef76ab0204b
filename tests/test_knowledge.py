"""The facts are well formed, and the look-ups answer for tags, variables, commands and paths."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from volint import knowledge
from volint.knowledge import Knowledge
from volint.knowledge.references import ImageRef, holds, parse_constraint, tag_version
from volint.model import Container, ContainerKind, EnvVar, Mount, MountKind, Syntax
from volint.source import Source, Span, Text

if TYPE_CHECKING:
    from volint.knowledge.state import State

SOURCE = Source("compose.yaml", "x")


def text(value: str) -> Text:
    unresolved = tuple(re.findall(r"\$\{(\w+)\}", value))
    return Text(value, Span(SOURCE, 0, 1), unresolved)


def container(
    image: str,
    *,
    command: str | None = None,
    mounts: tuple[str, ...] = (),
    name: str = "db",
    **env: str,
) -> Container:
    return Container(
        text(name),
        ContainerKind.SERVICE,
        Span(SOURCE, 0, 1),
        text(image),
        mounts=tuple(
            Mount(MountKind.VOLUME, text("v"), text(path), False, Syntax.SHORT, Span(SOURCE, 0, 1))
            for path in mounts
        ),
        env=tuple(EnvVar(text(key), text(value), "environment") for key, value in env.items()),
        command=None if command is None else tuple(text(word) for word in command.split(" ")),
    )


def state(image: str, **more: object) -> State:
    found = knowledge.state_of(container(image, **more))  # type: ignore[arg-type]
    assert found is not None
    return found


def paths(image: str, **more: object) -> list[str]:
    return [data.path for data in state(image, **more).paths]


# -- the files -----------------------------------------------------------------------------------


def test_every_entry_is_well_formed() -> None:
    images = Knowledge().images
    seen: set[str] = set()
    for block in images.ids:
        entry = images.entry(block)
        words = entry.words
        for name in words["images"].split():
            assert name not in seen, f"{name} twice"
            assert re.fullmatch(r"[a-z0-9*][a-z0-9._/*-]*(:[a-z0-9.*-]+)?", name), name
            seen.add(name)
        assert words["category"], block
        assert words["evidence"] in ("official", "corpus", "corpus-1repo", "unverified"), block
        assert words.get("state", "yes") in ("yes", "optional", "no"), block
        assert words.get("writers", "") in ("", "corrupt", "refuse", "share", "safe"), block
        assert words.get("socket", "") in ("", "manages", "views"), block
        if words["evidence"] == "official":
            assert entry.sources, f"{block}: official, but no source"
        for path in [p.path for p in entry.places] + [w.path for w in entry.wrong]:
            assert path.startswith("/"), (block, path)
            assert path == "/" or not path.endswith("/"), (block, path)
        for place in entry.places:
            for condition in place.when:
                check_condition(condition)
        for wrong in entry.wrong:
            for condition in wrong.when:
                check_condition(condition)
        for move in entry.moves:
            assert move.kind in ("env", "flag", "arg", "url", "command", "config"), block
            if move.kind == "command":
                assert move.names[0].startswith("/"), block
                assert any(other.kind == "flag" for other in entry.moves), f"{block}: no flag"
                assert move is entry.moves[-1], f"{block}: flags before what their absence does"
            assert bool(move.names) == (move.kind != "config"), block
            data = [p.path for p in entry.places if p.role == "data"]
            assert not move.path or move.path in data, (block, move)
        if words.get("state", "yes") == "yes":
            assert any(p.role == "data" for p in entry.places), f"{block}: no data path"
        for source in entry.sources:
            assert re.match(r"\S+@[0-9a-f]{7,}( |$)|https://", source), (block, source)


def check_condition(condition: str) -> None:
    if not condition.startswith(("tag~", "tag!~", "name~", "name!~")) and condition != "?":
        parse_constraint(condition)


def test_every_name_finds_its_entry() -> None:
    images = Knowledge().images
    for block in images.ids:
        for name in images.entry(block).words["images"].split():
            found = images.lookup(name.replace("*", "x"))
            assert found is not None, name
            assert found.id == block, (name, found.id)


def test_conditions_are_known() -> None:
    images = Knowledge().images
    probe = container("x")
    from volint.knowledge.commands import _meets

    for block in images.ids:
        for _, condition, arguments in images.entry(block).elsewhere:
            assert _meets(condition, arguments, probe, []) in (True, False)


def test_loading_is_cheap_and_lazy() -> None:
    code = (
        "import sys, volint.api; "
        "print([m for m in sys.modules if m.startswith('volint.knowledge.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    best = min(timed(lambda: Knowledge().images) for _ in range(5))
    assert best < 0.01


def timed(work: object) -> float:
    begin = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - begin


# -- references ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "name", "tag"),
    [
        ("postgres", "postgres", None),
        ("postgres:17", "postgres", "17"),
        ("docker.io/library/postgres:17", "postgres", "17"),
        ("index.docker.io/postgres", "postgres", None),
        ("public.ecr.aws/docker/library/postgres:17", "postgres", "17"),
        ("mirror.gcr.io/library/postgres:17", "postgres", "17"),
        ("mirror.gcr.io/grafana/loki", "grafana/loki", None),
        ("docker.m.daocloud.io/library/postgres", "postgres", None),
        ("m.daocloud.io/docker.io/library/postgres:17", "postgres", "17"),
        ("m.daocloud.io/quay.io/minio/minio", "quay.io/minio/minio", None),
        ("harbor.example.org/cache/library/postgres:17", "postgres", "17"),
        (
            "1.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/postgres:17",
            "postgres",
            "17",
        ),
        ("gitlab.example.org/g/dependency_proxy/containers/postgres:17", "postgres", "17"),
        ("arm64v8/postgres:17", "postgres", "17"),
        ("bitnamilegacy/postgresql", "bitnami/postgresql", None),
        ("lscr.io/linuxserver/sonarr", "linuxserver/sonarr", None),
        ("ghcr.io/linuxserver/sonarr", "linuxserver/sonarr", None),
        ("ghcr.io/immich-app/postgres", "ghcr.io/immich-app/postgres", None),
        ("localhost:5000/postgres:17", "localhost:5000/postgres", "17"),
        ("postgres:17@sha256:abc", "postgres", "17"),
        ("${REGISTRY}/postgres:17", "postgres", "17"),
        ("${PREFIX}postgres:17", "postgres", "17"),
        ("${REGISTRY:-docker.io}/library/postgres:${V:-17}", "postgres", "17"),
        ("postgres:${V}", "postgres", None),
        ("postgres:${V:?needed}", "postgres", None),
        ("${IMAGE}", "", None),
        ("org/${IMAGE}:1", "", "1"),
        ("{{ registry }}/postgres:17", "postgres", "17"),
        ("", "", None),
    ],
)
def test_references(reference: str, name: str, tag: str | None) -> None:
    parsed = ImageRef.parse(reference)
    assert (parsed.name, parsed.tag) == (name, tag)


def test_floating() -> None:
    floating = ("postgres", "postgres:latest", "postgres:alpine", "nginx:stable")
    assert all(ImageRef.parse(reference).is_floating for reference in floating)
    fixed = ("postgres:17", "postgres:17-alpine", "postgres@sha256:abc", "postgres:1${X}")
    assert not any(ImageRef.parse(reference).is_floating for reference in fixed)


@pytest.mark.parametrize(
    ("tag", "word", "version"),
    [
        ("17", "", (17,)),
        ("17.2-bookworm", "", (17, 2)),
        ("18-alpine", "", (18,)),
        ("18beta1", "", (18,)),
        ("v2.3.1", "", (2, 3, 1)),
        ("latest", "", None),
        ("alpine3.20", "", None),
        (None, "", None),
        ("RELEASE.2024-01-01", "", None),
        ("8f3a2b1", "", None),
        ("0.8.1-pg17", "pg", (17,)),
        ("pg16", "pg", (16,)),
        ("latest-pg18", "pg", (18,)),
        ("17", "pg", None),
        ("17-3.5", "", (17,)),
        ("2025.12.1", "", (2025, 12, 1)),
        ("16.\0", "", (16,)),
        ("1\0", "", None),
    ],
)
def test_versions(tag: str | None, word: str, version: tuple[int, ...] | None) -> None:
    assert tag_version(tag, word) == version


@pytest.mark.parametrize(
    ("constraint", "version", "answer"),
    [
        (">=18", (18,), True),
        (">=18", (18, 1), True),
        (">=18", (17, 9), False),
        ("<18", (17, 9), True),
        ("<18", (18,), False),
        (">=6.2", (6,), True),
        ("<6.2", (6, 1, 4), True),
        ("=2", (2, 7), True),
        ("=2", (3,), False),
        (">=0.4", (0, 5), True),
    ],
)
def test_constraints(constraint: str, version: tuple[int, ...], answer: bool) -> None:
    assert holds(parse_constraint(constraint), version) is answer


def test_guesses_in_a_registry_of_ones_own() -> None:
    found = knowledge.lookup("registry.example.org/team/postgres:17")
    assert found is not None
    assert found.id == "postgres"
    assert found.guessed
    assert not found.is_verified
    assert knowledge.lookup("ghcr.io/someone/postgres") is None
    assert knowledge.lookup("someone/postgres") is None


# -- where state is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("postgres:17", ["/var/lib/postgresql/data"]),
        ("postgres:18-alpine", ["/var/lib/postgresql"]),
        ("pgvector/pgvector:0.8.1-pg17", ["/var/lib/postgresql/data"]),
        ("timescale/timescaledb:latest-pg18", ["/var/lib/postgresql"]),
        ("timescale/timescaledb-ha:pg17", ["/home/postgres/pgdata"]),
        ("postgis/postgis:17-3.5", ["/var/lib/postgresql/data"]),
        ("influxdb:1.8", ["/var/lib/influxdb"]),
        ("influxdb:2.7", ["/var/lib/influxdb2"]),
        ("influxdb:3-core", ["/var/lib/influxdb3"]),
        ("gitea/gitea:1.22", ["/data"]),
        ("gitea/gitea:1.22-rootless", ["/var/lib/gitea"]),
        ("docker:27-dind", ["/var/lib/docker"]),
        ("zookeeper:3.9", ["/data", "/datalog"]),
        ("lscr.io/linuxserver/nextcloud", ["/config", "/data"]),
        ("nextcloud:30", ["/var/www/html"]),
        ("bitnami/mariadb", ["/bitnami/mariadb"]),
        ("linuxserver/whatever", ["/config"]),
    ],
)
def test_data_paths(image: str, expected: list[str]) -> None:
    assert paths(image) == expected


def test_a_tag_that_does_not_tell() -> None:
    for image in ("postgres", "postgres:latest", "postgres:${V}", "postgres:alpine"):
        found = state(image)
        assert found.version_dependent
        assert [data.path for data in found.paths] == [
            "/var/lib/postgresql/data",
            "/var/lib/postgresql",
        ]
    assert not state("postgres:${V:-17}").version_dependent
    assert state("gitea/gitea").version_dependent is False


@pytest.mark.parametrize(
    ("image", "more", "expected"),
    [
        ("postgres:17", {"PGDATA": "/data/pg"}, ["/data/pg"]),
        ("mysql:8", {"command": "--datadir=/data"}, ["/data"]),
        ("mysql:8", {"command": "mysqld --datadir /data"}, ["/data"]),
        ("mongo", {"command": "--dbpath /data/mine --replSet rs0"}, ["/data/mine"]),
        ("minio/minio", {"command": "server /export --console-address :9001"}, ["/export"]),
        ("minio/minio", {"command": "server /d{1...2}"}, ["/d1", "/d2"]),
        (
            "minio/minio",
            {"command": "server http://minio{1...2}/data{1...2}"},
            ["/data1", "/data2"],
        ),
        ("minio/minio", {"MINIO_VOLUMES": "/a /b"}, ["/a", "/b"]),
        (
            "surrealdb/surrealdb",
            {"command": "start --user root rocksdb:/db_data/x.db"},
            ["/db_data/x.db"],
        ),
        ("registry:2", {"REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/data"}, ["/data"]),
        ("metabase/metabase", {"MB_DB_FILE": "/metabase-data/metabase.db"}, ["/metabase-data"]),
        ("n8nio/n8n", {"N8N_USER_FOLDER": "/data"}, ["/data/.n8n"]),
        ("zookeeper", {"ZOO_DATA_DIR": "/a"}, ["/a", "/datalog"]),
        ("cockroachdb/cockroach", {"command": "start-single-node --store=path=/x"}, ["/x"]),
        ("apache/kafka", {"KAFKA_LOG_DIRS": "/var/lib/kafka/data"}, ["/var/lib/kafka/data"]),
    ],
)
def test_what_moves_the_data(image: str, more: dict[str, str], expected: list[str]) -> None:
    assert paths(image, **more) == expected
    assert all(data.moved_by for data in state(image, **more).paths if data.path != "/datalog")


def test_what_an_unknown_variable_moves_is_unknown() -> None:
    assert state("postgres:17", PGDATA="${DIR}").unknown
    assert state("cockroachdb/cockroach", command="start --store=node1").unknown
    assert not state("postgres:17").unknown


@pytest.mark.parametrize(
    ("image", "more", "reason"),
    [
        ("postgres:17", {"command": "psql -h db"}, "a client"),
        ("postgres:17", {"command": "sh -c pg_dump"}, "a client"),
        ("postgres:17", {"command": "postgres -c fsync=off"}, ""),
        ("postgres:17", {"command": "-c fsync=off"}, ""),
        ("postgres:17", {"command": "docker-entrypoint.sh postgres"}, ""),
        ("redis", {"command": "redis-cli ping"}, "a client"),
        ("redis", {"command": "redis-server --appendonly no"}, "a cache"),
        ("redis", {"command": "redis-server --appendonly yes"}, ""),
        ("redis", {"command": "redis-server --maxmemory-policy allkeys-lru"}, "a cache"),
        ("redis", {"name": "session-cache"}, "a cache"),
        ("redis", {}, ""),
        ("minio/minio", {"command": "server /data"}, ""),
        ("chrislusf/seaweedfs", {"command": "-v=0 s3 -filer=filer:8888"}, "a client"),
        ("chrislusf/seaweedfs", {"command": "-v=0 server -dir=/data"}, ""),
        ("hashicorp/vault", {}, "in memory"),
        ("hashicorp/vault", {"command": "server -dev"}, "in memory"),
        ("hashicorp/vault", {"command": "server"}, ""),
        ("nats", {"command": "-m 8222"}, "in memory"),
        ("nats", {"command": "-js -sd /data"}, ""),
        ("quay.io/keycloak/keycloak", {"KC_DB": "postgres"}, "external"),
        ("quay.io/keycloak/keycloak", {"KC_DB": "dev-file"}, ""),
        ("quay.io/keycloak/keycloak", {}, ""),
        ("nginx", {}, "stateless"),
    ],
)
def test_when_there_is_no_state(image: str, more: dict[str, str], reason: str) -> None:
    assert state(image, **more).elsewhere == reason


def test_shell_scripts_of_clients() -> None:
    def script(words: str) -> str:
        found = knowledge.state_of(
            container("postgres:17")._replace(
                entrypoint=(text("/bin/sh"), text("-c")), command=(text(words),)
            )
        )
        assert found is not None
        return found.elsewhere

    assert script("until pg_isready -h db; do sleep 1; done; psql -f /x.sql") == "a client"
    assert script("PGPASSWORD=x pg_dump db | gzip > /backup/x.gz") == "a client"
    assert script("exec docker-entrypoint.sh postgres") == ""
    assert script("/setup.sh && postgres") == ""


def test_covering_mounts() -> None:
    def covered(*targets: str) -> str | None:
        db = container("postgres:17", mounts=targets)
        found = knowledge.state_of(db)
        assert found is not None
        mount = knowledge.covering_mount(db, found.paths[0].path, found.volumes)
        return mount.target.value if mount else None

    assert covered("/var/lib/postgresql/data") == "/var/lib/postgresql/data"
    assert covered("/var/lib/postgresql") is None  # the image's VOLUME lies between
    assert covered("/data") is None
    assert covered("/var/lib/postgresql", "/var/lib/postgresql/data") == "/var/lib/postgresql/data"
    grafana = container("grafana/grafana", mounts=("/var/lib",))
    assert knowledge.covering_mount(grafana, "/var/lib/grafana", ()) is not None


def test_wrong_targets() -> None:
    def kind(image: str, target: str) -> str | None:
        found = knowledge.lookup(image)
        assert found is not None
        wrong = found.wrong_target(target)
        return wrong.kind if wrong else None

    assert kind("postgres:17", "/var/lib/postgresql") == "parent-of-volume"
    assert kind("postgres:18", "/var/lib/postgresql") is None
    assert kind("postgres:18", "/var/lib/postgresql/data") == "version-dependent"
    assert kind("postgres:17", "/var/lib/postgresql/data") is None
    assert kind("postgres", "/var/lib/postgresql/data") == "version-dependent"
    assert kind("postgres:17", "/data") == "conditional"
    assert kind("mongo", "/data") == "parent-of-volume"
    assert kind("qdrant/qdrant", "/qdrant") == "hides"


def test_what_images_say() -> None:
    postgres = knowledge.lookup("postgres:17")
    portainer = knowledge.lookup("portainer/portainer-ce")
    cadvisor = knowledge.lookup("gcr.io/cadvisor/cadvisor")
    grafana = knowledge.lookup("grafana/grafana")
    assert postgres and portainer and cadvisor and grafana  # noqa: PT018
    assert postgres.breaks_between_versions
    assert not portainer.breaks_between_versions
    assert postgres.writers == "corrupt"
    assert postgres.file_variable("POSTGRES_PASSWORD") == "POSTGRES_PASSWORD_FILE"
    assert postgres.file_variable("PGOPTIONS") is None
    assert grafana.file_variable("GF_SECURITY_ADMIN_PASSWORD") == "GF_SECURITY_ADMIN_PASSWORD__FILE"
    assert postgres.writes("/var/lib/postgresql/data/x") is True
    assert postgres.writes("/docker-entrypoint-initdb.d") is False
    assert postgres.writes("/somewhere") is None
    assert portainer.socket == "manages"
    access = cadvisor.expects("/sys")
    assert access
    assert access.read_only
    assert cadvisor.expects("/etc") is None


# -- host paths ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "system"),
        ("/etc", "system"),
        ("/etc/", "system"),
        ("/etc/nginx", None),
        ("/etc/ssh/ssh_host_rsa_key", "secrets"),
        ("/var/run/docker.sock", "socket"),
        ("/run/user/1000/docker.sock", "socket"),
        ("//./pipe/docker_engine", "socket"),
        ("/var/run", "socket-parent"),
        ("~/.ssh", "credentials"),
        ("${HOME}/.aws/credentials", "credentials"),
        ("/home/me/.kube", "credentials"),
        ("/home/me", "home"),
        ("/home/me/project", None),
        ("/root", "home"),
        ("C:\\", "system"),
        ("C:\\Users\\me\\.ssh", "credentials"),
        ("//c/Users", "home"),
        ("/dev/sda1", "disk"),
        ("/dev/dri", None),
        ("/var/lib/docker", "engine"),
        ("/var/lib/docker/containers", None),
        ("/opt", "system"),
        ("/opt/app", None),
        ("./data", None),
        ("/tmp/x", None),
    ],
)
def test_sensitive_paths(path: str, kind: str | None) -> None:
    found = knowledge.sensitive_path(path)
    assert (found.kind if found else None) == kind


def test_harmless_paths() -> None:
    for path in (
        "/etc/localtime",
        "/dev/dri/renderD128",
        "/var/lib/docker/containers",
        "~/.cache/pip",
    ):
        assert knowledge.is_harmless_path(path)
    assert not knowledge.is_harmless_path("/srv/app")


def test_views_of_the_host() -> None:
    for path, target in (
        ("/", "/rootfs"),
        ("/", "/host"),
        ("/proc", "/host/proc"),
        ("/sys/", "/host/sys"),
    ):
        assert knowledge.is_host_view(path, target)
    assert not knowledge.is_host_view("/proc", "/proc")
    assert not knowledge.is_host_view("/", "/data")


def test_control_sockets() -> None:
    for path in ("/var/run/docker.sock", "/tmp/docker.sock", "/run/podman/podman.sock"):
        assert knowledge.control_socket(path), path
    assert knowledge.control_socket("/var/run/mysqld/mysqld.sock") is None


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".env", "env-file"),
        (".env.production", "env-file"),
        (".env.example", None),
        (".env.production.example", None),
        ("config/deploy.env", "env-file"),
        ("id_rsa", "private-key"),
        ("id_rsa.pub", None),
        ("certs/server.key", "private-key"),
        ("certs/fullchain.pem", None),
        ("certs/privkey.pem", "private-key"),
        ("certs/server.crt", None),
        ("dhparam.pem", None),
        ("nginx_public_keys.key", None),
        (".ssh", "ssh"),
        (".ssh/config", "ssh"),
        (".ssh/known_hosts", None),
        (".aws/credentials", "cloud-credentials"),
        (".docker/config.json", "registry-credentials"),
        ("config.json", None),
        ("db/password.txt", "password-file"),
        ("secrets/api", "directory"),
        ("src/secrets.py", None),
        ("src/kubeconfig.go", None),
        ("terraform.tfstate", "state"),
        ("main.py", None),
        ("", None),
    ],
)
def test_secret_files(path: str, kind: str | None) -> None:
    found = knowledge.secret_file(path)
    assert (found.kind if found else None) == kind


def test_models() -> None:
    found = {
        path: model.confidence
        for path in ("a.safetensors", "x.pt", "fw.bin", "lib/site-packages/x.pth", "a.csv")
        if (model := knowledge.model_file(path))
    }
    assert found == {"a.safetensors": "high", "x.pt": "high", "fw.bin": "low"}
    assert knowledge.model_directory("ml/checkpoints") == "high"
    assert knowledge.model_directory("src") is None


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("huggingface-cli download a/b", ["hf-cli"]),
        ("pip install x && ollama pull llama3", ["ollama"]),
        ("wget -q https://a.example/b.gguf -O /m", ["model-file"]),
        ("curl https://cdn-media.huggingface.co/frpc", []),
        ("git lfs install", []),
        ("git lfs pull", ["git-lfs"]),
        ("pip install gdown", []),
        ("python -c \"X.from_pretrained('a')\"", ["from-pretrained"]),
    ],
)
def test_downloads(command: str, names: list[str]) -> None:
    found = knowledge.model_downloads(command)
    assert [download.name for download in found] == names
    for download in found:
        assert 0 <= download.start < download.end <= len(command)


def test_directories_and_configuration() -> None:
    assert knowledge.is_dependency_directory("/app/node_modules")
    assert not knowledge.is_dependency_directory("/app/src")
    assert knowledge.is_init_directory("/docker-entrypoint-initdb.d/init.sql")
    assert knowledge.is_config_file("./nginx/nginx.conf")
    assert knowledge.is_config_file("Caddyfile")
    assert not knowledge.is_config_file("data.bin")
    assert knowledge.is_config_directory("/etc/nginx/conf.d")
    assert knowledge.abandoned_driver("rexray/ebs")
    assert knowledge.abandoned_driver("local") is None


# -- variables -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("POSTGRES_PASSWORD", "password"),
        ("DB_PASS", "password"),
        ("PGPASSWORD", "password"),
        ("dbPassword", "password"),
        ("API_KEY", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_ACCESS_KEY_ID", None),
        ("POSTGRES_PASSWORD_FILE", None),
        ("TOKEN_TTL", None),
        ("MAX_TOKENS", None),
        ("TOKENIZERS_PARALLELISM", None),
        ("PASSWORD_RESET_URL", None),
        ("ALLOW_EMPTY_PASSWORD", None),
        ("JWT_PUBLIC_KEY", None),
        ("SECRET_NAME", None),
        ("X_AUTH_HEADER", None),
        ("PWD", None),
        ("PATH", None),
    ],
)
def test_names_of_credentials(name: str, kind: str | None) -> None:
    assert knowledge.credential_name(name) == kind


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        ("DB_PASSWORD", "x7!kQ9", "real"),
        ("DB_PASSWORD", "changeme", "placeholder"),
        ("DB_PASSWORD", "", None),
        ("DB_PASSWORD", "${PW}", None),
        ("DB_PASSWORD", "/run/secrets/pw", None),
        ("DB_PASSWORD", "yes", None),
        ("DATABASE_URL", "postgres://app:x7kq@db/app", "real"),
        ("DATABASE_URL", "postgres://app:${PW}@db/app", None),
        ("DATABASE_URL", "postgres://db/app", None),
        ("NEO4J_AUTH", "neo4j/x7kq9", "real"),
        ("NEO4J_AUTH", "neo4j/neo4j", "placeholder"),
        ("NEO4J_AUTH", "none", None),
        ("SFTP_USERS", "bob:x7kq:1001", "real"),
        ("EXTRA_HOSTS", "db:host-gateway", None),
        ("ANYTHING", "ghp_abcdefghijklmnopqrst0123", "real"),
        ("API_TOKEN", "vault:secret/data/x", None),
        ("TOKEN_LIMIT", "4096", None),
    ],
)
def test_values_of_credentials(name: str, value: str, answer: str | None) -> None:
    found = knowledge.find_credential(name, value)
    assert (found and ("placeholder" if found.placeholder else "real")) == answer
    if found:
        assert value[found.start : found.end]


@pytest.mark.parametrize(
    ("value", "placeholder"),
    [("shopuser", True), ("shopuser123", True), ("shopuser1!", True), ("shopuserX7", False)],
)
def test_a_password_that_is_the_users_name(value: str, placeholder: bool) -> None:
    found = knowledge.find_credential("DB_PASSWORD", value, companions=["shopuser"])
    assert found
    assert found.placeholder is placeholder


def test_a_dollar_that_is_no_variable() -> None:
    assert knowledge.find_credential("DB_PASSWORD", "a$bc9", unresolved=())
    assert knowledge.find_credential("DB_PASSWORD", "a$bc9") is None


# -- a user's own facts --------------------------------------------------------------------------


def test_own_facts() -> None:
    mine = Knowledge().extend(
        images=[
            {
                "name": "registry.example.org/team/ledger",
                "data": ["/ledger"],
                "volumes": ["/ledger"],
                "moved-by": ["LEDGER_DIR", "--dir"],
                "writers": "corrupt",
            },
            {"name": "postgres", "data": ["/mine"]},
        ],
        secret_files=["*.corpkey"],
        public_files=["demo.key"],
        sensitive_paths=["/srv/vault/**"],
        harmless_paths=["/opt"],
    )
    with knowledge.using(mine):
        assert paths("registry.example.org/team/ledger:2") == ["/ledger"]
        assert paths("registry.example.org/team/ledger:2", LEDGER_DIR="/x") == ["/x"]
        assert paths("postgres:17") == ["/mine"]
        assert knowledge.secret_file("a.corpkey")
        assert knowledge.secret_file("demo.key") is None
        vault = knowledge.sensitive_path("/srv/vault/a")
        assert vault is not None
        assert vault.why == "the configuration says that no container should have it"
        assert knowledge.sensitive_path("/opt") is None
    assert paths("postgres:17") == ["/var/lib/postgresql/data"]
    assert knowledge.secret_file("a.corpkey") is None


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"name": "x", "date": ["/a"]},
        {"name": "x", "data": ["a"]},
        {"name": "x", "data": 3},
        {"name": "x", "writers": "many"},
        {"name": "x y"},
    ],
)
def test_own_facts_are_checked(image: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Knowledge().extend(images=[image])


def comparisons(monkeypatch: pytest.MonkeyPatch, more: int) -> int:
    """Count the patterns compared to look up images and host paths, with so many entries more than there are."""
    from volint.knowledge import entries, hostpaths

    count = 0

    def counted(name: str, glob: str) -> bool:
        nonlocal count
        count += 1
        return fnmatchcase(name, glob)

    monkeypatch.setattr(entries, "fnmatchcase", counted)
    monkeypatch.setattr(hostpaths, "fnmatchcase", counted)
    others = "".join(
        f"\n[other{n}]\nimages corp{n}/store corp{n}/db-*\ndata /d\n" for n in range(more)
    )
    found = entries.Images((entries.shipped(), others))
    assert len(found.ids) >= more
    for name in ("postgres:17", "ghcr.io/a/b:1", "bitnami/redis", "corp7/db-x", "me/app", "nginx"):
        found.lookup(name)
    paths = "".join(f"low secrets /srv/corp{n}/*/keys\n" for n in range(more))
    known = hostpaths.HostPaths((hostpaths.shipped(), paths) if more else (hostpaths.shipped(),))
    for path in ("/etc/passwd", "/home/me/.ssh", "/srv/app/data", "/var/lib/docker/volumes/x"):
        known.sensitive(path)
        known.is_harmless(path)
    return count


def test_lookups_do_not_grow_with_the_knowledge(monkeypatch: pytest.MonkeyPatch) -> None:
    few = comparisons(monkeypatch, 0)
    assert few < 100
    assert comparisons(monkeypatch, 2000) <= few + 2
