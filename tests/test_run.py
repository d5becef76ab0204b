"""What command lines mean: places, unknown variables, versions, and commands other than run."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runlines import donor, line, words_of

from volint.assemble.run import Interpreted, interpret
from volint.model import Command, CommandKind, Container, Mount, MountKind, Syntax


def run(text: str, **where: object) -> Interpreted:
    return interpret(line(text), **where)  # type: ignore[arg-type]


def container(text: str, **where: object) -> Container:
    found = run(text, **where)
    assert not found.refused, found.problems
    assert isinstance(found.thing, Container)
    return found.thing


def mount(text: str, **where: object) -> Mount:
    (only,) = container(text, **where).mounts
    return only


def command(text: str) -> Command:
    found = run(text)
    assert isinstance(found.thing, Command), found.problems
    return found.thing


def refusal(text: str, **where: object) -> tuple[str, str, str]:
    """Return code, place and message of the one problem of a refused line."""
    found = run(text, **where)
    assert found.refused
    (problem,) = found.problems
    return problem.code, problem.span.text(), problem.message


# -- places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "docker run -v ./conf:/etc/app:ro app",
        "docker run -v./conf:/etc/app:ro app",
        "docker run -v=./conf:/etc/app:ro app",
        "docker run -itv=./conf:/etc/app:ro app",
        "docker run --volume=./conf:/etc/app:ro app",
        "docker run --volume ./conf:/etc/app:ro app",
        "/usr/bin/docker --context x container run -v ./conf:/etc/app:ro app",
        "podman run -v ./conf:/etc/app:ro app",
        "podman-remote run -v ./conf:/etc/app:ro app",
        "nerdctl -n k8s run -v ./conf:/etc/app:ro app",
    ],
)
def test_every_part_of_a_mount_has_its_place(text: str) -> None:
    one = mount(text, cwd="/srv")
    assert one.source is not None
    assert one.mode is not None
    assert (one.source.span.text(), one.target.span.text()) == ("./conf", "/etc/app")
    assert one.mode.span.text() == "ro"
    assert one.span.text() == "./conf:/etc/app:ro"
    assert (one.kind, one.resolved_source, one.read_only) == (MountKind.BIND, "/srv/conf", True)


def test_options_have_places() -> None:
    one = mount("docker run --mount type=tmpfs,dst=/x,tmpfs-size=64m,tmpfs-mode=1777 app")
    assert {name: option.value for name, option in one.options.items()} == {
        "size": 64 << 20,
        "mode": 0o1777,
    }
    assert one.options["size"].span.text() == "64m"
    one = mount("docker run --tmpfs /x:size=1g,exec,uid=1000 app")
    assert one.syntax is Syntax.TMPFS
    assert {name: option.value for name, option in one.options.items()} == {
        "size": 1 << 30,
        "exec": True,
        "uid": "1000",
    }
    assert one.options["exec"].span.text() == "exec"


def test_flags_leave_their_places() -> None:
    one = container("docker run --rm -d -u 1000 --name=web -v a1:/x ghcr.io/o/app:v1 serve -v")
    assert one.keys["user"].text() == "-u"
    assert one.keys["name"].text() == "--name"
    assert one.keys["image"].text() == "ghcr.io/o/app:v1"
    assert one.name.span.text() == "web"
    assert [word.value for word in one.command or ()] == ["serve", "-v"]
    assert (one.remove, one.detached) == (True, True)
    assert container("docker run ghcr.io/o/app:v1@sha256:" + "a" * 64).name.value == "app"


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("docker run -v /data:ro app", "VL601", "ro"),
        ("docker run -v data:rel app", "VL601", "rel"),
        ("docker run -v aa:bb:cc:dd app", "VL601", "aa:bb:cc:dd"),
        ("docker run --mount type=bind,source=/a,target=/b,readwrite app", "VL601", "readwrite"),
        ("docker run --tmpfs t app", "VL601", "t"),
        ("docker run -v a1:/x -v b1:/x/ app", "VL602", "/x/"),
        ("docker run --tmpfs /x -v b1:/x app", "VL602", "/x"),
        ("docker run --volumes-from donor:nocopy app", "VL601", "nocopy"),
        ("docker run --flags app", "VL615", "--flags"),
        ("docker run -rm app", "VL615", "-rm"),
        ("docker run -itz app", "VL615", "z"),
        ("docker run --rm=yes app", "VL615", "yes"),
        ("docker run -v data:/x App", "VL615", "App"),
        ("docker run -v app", "VL615", "run"),
        ("docker run --rm --restart always app", "VL615", "always"),
        ("docker volume create a/b", "VL615", "a/b"),
        ("docker volumes ls", "VL615", "volumes"),
        ("docker volume ls data", "VL615", "data"),
        ("docker volume ls --quite", "VL615", "--quite"),
        ("docker volume inspect", "VL615", "inspect"),
        ("docker image run -v data:/x app", "VL615", "run"),
        ("docker system volume prune", "VL615", "volume"),
        ("docker network run app", "VL615", "run"),
        ("docker volume Create data", "VL615", "Create"),
        ("docker volume frobnicate -x", "VL615", "frobnicate"),
        ("docker volume creat data", "VL615", "creat"),
        ("docker RUN app", "VL615", "RUN"),
        ("docker crate --mount dst=/x app", "VL615", "crate"),
        ("docker run: -e A=1 app", "VL615", "run:"),
        ("docker run --network alias=web app", "VL615", "alias=web"),
        ("docker run --network name=a,links=b app", "VL615", "name=a,links=b"),
        ("docker run --network name=a,mac-address=x app", "VL615", "name=a,mac-address=x"),
        ("docker run --network-alias a app", "VL615", "a"),
        ("docker run --network host --network-alias a app", "VL615", "a"),
        ("docker update web", "VL615", "web"),
        ("docker run --gpus ALL app", "VL615", "ALL"),
        ("docker run --gpus -it app", "VL615", "-it"),
        ("docker run --gpus devices=0 app", "VL615", "devices=0"),
        ("docker update -v web", "VL615", "v"),
        ("docker container update --memory 1x web", "VL615", "1x"),
        ("docker container rename web", "VL615", "rename"),
        ("docker rm -f", "VL615", "rm"),
        ("docker rm --all web", "VL615", "--all"),
        ("docker stop --time", "VL615", "--time"),
        ("docker exec -it web", "VL615", "exec"),
        ("docker system prune -af web", "VL615", "web"),
        ("podman run -v data:/x:consistent app", "VL601", "consistent"),
        ("podman run --tmpfs /t --mount dst=/t app", "VL602", "/t"),
    ],
)
def test_the_smallest_wrong_token_is_named(text: str, code: str, place: str) -> None:
    found = refusal(text)
    assert found[:2] == (code, place)


def test_a_second_mount_points_at_the_first() -> None:
    (problem,) = run("docker run -v a1:/x --mount src=b1,dst=/x app").problems
    assert problem.labels[0].span.text() == "a1:/x"
    assert (problem.target, problem.container) == ("/x", "app")


@pytest.mark.parametrize(
    "text",
    [
        "docker run -e =hunter2 app",
        "docker run -env PASSWORD=hunter2 app",
        "docker run --envs=hunter2 app",
        "docker run -e A=hunter2 --label =hunter2 app",
        "docker run --mount src=d1,dst=/x,volume-opt=type=cifs,volume-opt=o=password=hunter2 app",
        "docker volume create --opt o=password=hunter2 x1",
        "docker volume create --opt foo=hunter2 x1",
    ],
)
def test_a_secret_is_in_no_message(text: str) -> None:
    found = run(text)
    assert found.refused
    for problem in found.problems:
        assert "hunter2" not in problem.message + problem.help


def test_starting_is_not_creating() -> None:
    found = run("docker run --tmpfs /t:bogus app")
    assert not found.refused
    assert [problem.span.text() for problem in found.problems] == ["bogus"]
    found = run("docker run -v / app")
    assert not found.refused
    assert found.problems


def test_what_only_one_version_refuses_is_a_note() -> None:
    new = "docker run --mount type=bind,src=/a,dst=/b,bind-create-src app"
    (note,) = run(new).problems
    assert (note.level, run(new).refused, run(new, version="28").refused) == ("note", False, True)
    assert "28" in note.message
    old = "docker run --mount dst=/b,readonly app"
    assert run(old, version="28").refused
    assert not run(old).refused
    assert len(run("docker run --mount type=bind,src=/a,dst=b app").problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "docker run --help",
        "docker run -v a1:/x --help app",
        "docker ps -a",
        "docker volume list -q",
        "docker update --memory 1g web",
        "docker remove --help",
        "docker network create app",
        "docker image run --help",
        "docker image $COMMAND",
        "docker image size",
        "docker 29.1",
        "docker mcp -x",
        "docker scout --org x",
        "docker runn -v data:/x app",
        "docker buildx frobnicate x",
        "docker trust anything",
        "docker",
        "docker -v",
        "docker containers run -v data:/x app",
        "git run -v data:/x app",
        "podman --help",
    ],
)
def test_some_lines_create_nothing(text: str) -> None:
    assert run(text) == Interpreted(None)


# -- what is unknown ---------------------------------------------------------------------------


def test_an_unknown_directory_is_a_bind_mount() -> None:
    one = mount("docker run -v $PWD/conf:/etc/app:ro app")
    assert one.source is not None
    assert (one.kind, one.source.value, one.unresolved) == (MountKind.BIND, "$PWD/conf", ("PWD",))
    assert one.resolved_source is None
    assert [span.text() for span in one.unquoted] == ["$PWD"]
    assert mount('docker run -v "$PWD":/x app').unquoted == ()


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("$DATA_DIR:/x", MountKind.BIND),
        ("${DATA_DIR:-/a:b}:/x", MountKind.BIND),
        ("$VOLUME:/x", MountKind.VOLUME),
        ("$VOLUME_NAME:/x", MountKind.VOLUME),
        ("$PROJECT-data:/x", MountKind.VOLUME),
        ("app-$ENV:/x", MountKind.VOLUME),
        ("${DATA:-pgdata}:/x", MountKind.VOLUME),
        ("${VOLUME_DIR:-./data}:/x", MountKind.BIND),
        ("./$ENV:/x", MountKind.BIND),
        ("~/conf:/x", MountKind.BIND),
    ],
)
def test_what_a_variable_may_stand_for(spec: str, kind: MountKind) -> None:
    one = mount(f"docker run -v {spec} app")
    assert (one.kind, one.target.value) == (kind, "/x")


def test_unknown_parts_refuse_nothing() -> None:
    for text in (
        "docker run -v $A:$B app",
        "docker run -v /a:/b:$MODE app",
        "docker run --mount type=bind,src=$A,dst=/b,readonly=$RO app",
        "docker run --mount type=$T,src=a1,dst=/b app",
        "docker run --mount $SPEC app",
        "docker run -p $PORT:80 -m $MEMORY --restart $R app",
        "docker run -v $NAME:/x $IMAGE",
        "docker run --env-file $FILE -e $NAME=1 app",
        "podman run -v $A:/x:$MODE --mount type=bind,src=$A,dst=$B app",
    ):
        found = run(text)
        assert not found.refused, (text, found.problems)
        assert isinstance(found.thing, Container)


def test_variables_that_hide_flags() -> None:
    one = container("docker run $OPTS -v a1:/x app")
    assert (one.unresolved, len(one.mounts)) == (("OPTS",), 1)
    assert one.image is not None
    assert one.image.value == "app"
    assert container("docker run --rm $IMAGE").image is not None
    one = container("docker run --rm $MY_IMAGE bash")
    assert [word.value for word in one.command or ()] == ["bash"]
    # `-d:` cannot be a flag, so `$1` must be the image.
    one = container("docker run --rm $1 -d: /x")
    assert [word.value for word in one.command or ()] == ["-d:", "/x"]
    one = container('docker run "$@" app')
    assert one.unresolved == ("@",)
    one = container("docker run -v $VOLUMES app")
    assert (one.mounts, one.unresolved) == ((), ("VOLUMES",))


def test_a_tilde_that_the_shell_expands() -> None:
    one = mount("docker run -v ~/conf:/etc/app app", home="/home/dev")
    assert (one.tilde, one.resolved_source) == (True, "/home/dev/conf")
    assert mount("docker run -v ~/conf:/etc/app app").resolved_source is None
    assert interpret(words_of(["docker", "run", "-v", "~/x:/x", "app"])).refused


def test_a_relative_source_needs_a_directory() -> None:
    assert mount("docker run -v ./a:/x app").resolved_source is None
    assert mount("docker run -v ../a:/x app", cwd="/srv/proj").resolved_source == "/srv/a"
    one = mount("docker run --mount type=bind,src=.,dst=/x app", cwd="/srv/proj")
    assert one.resolved_source == "/srv/proj"


# -- donors, env files -------------------------------------------------------------------------


def test_a_known_donor_gives_its_mounts() -> None:
    one = container("docker run --volumes-from donor:ro app", donors={"donor": donor()})
    assert [entry.name.value for entry in one.volumes_from] == ["donor"]
    assert [(m.target.value, m.read_only, m.donor) for m in one.mounts] == [
        ("/donor/vol", True, "donor"),
        ("/donor/ro", True, "donor"),
    ]
    assert {m.syntax for m in one.mounts} == {Syntax.VOLUMES_FROM}
    assert container("docker run --volumes-from other app").mounts == ()


# -- other commands ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "operands", "options"),
    [
        ("docker volume rm -f a1 b1", CommandKind.VOLUME_RM, ["a1", "b1"], {"force": ["true"]}),
        ("docker volume prune -af", CommandKind.VOLUME_PRUNE, [], {"all": ["true"]}),
        (
            "podman volume prune --filter label!=keep",
            CommandKind.VOLUME_PRUNE,
            [],
            {"filter": ["label!=keep"]},
        ),
        ("docker system prune -a --volumes", CommandKind.SYSTEM_PRUNE, [], {"volumes": ["true"]}),
        ("docker remove -fv web", CommandKind.CONTAINER_RM, ["web"], {"volumes": ["true"]}),
        ("docker rm -f $NAMES", CommandKind.CONTAINER_RM, ["$NAMES"], {}),
        ("docker exec $TARGET", CommandKind.CONTAINER_EXEC, ["$TARGET"], {}),
        ("podman rm --all", CommandKind.CONTAINER_RM, [], {"all": ["true"]}),
        ("docker rm -fv web", CommandKind.CONTAINER_RM, ["web"], {"volumes": ["true"]}),
        ("docker container rm web -v", CommandKind.CONTAINER_RM, ["web"], {"volumes": ["true"]}),
        ("docker stop -t 5 web", CommandKind.CONTAINER_STOP, ["web"], {"time": ["5"]}),
        (
            "docker exec -it web psql -f x",
            CommandKind.CONTAINER_EXEC,
            ["web", "psql", "-f", "x"],
            {"tty": ["true"]},
        ),
        (
            "docker build -t app --build-arg A=1 -f ci/Dockerfile .",
            CommandKind.BUILD,
            ["."],
            {"file": ["ci/Dockerfile"], "build-arg": ["A=1"]},
        ),
        (
            "docker buildx build --load --target x ctx",
            CommandKind.BUILD,
            ["ctx"],
            {"target": ["x"], "load": ["true"]},
        ),
        ("docker buildx bake web", CommandKind.OTHER, ["web"], {}),
        (
            "docker stack deploy -c a.yml shop",
            CommandKind.STACK_DEPLOY,
            ["shop"],
            {"compose-file": ["a.yml"]},
        ),
        (
            "docker compose -f a.yml -f b.yml -p shop --profile x up -d web",
            CommandKind.COMPOSE_UP,
            ["web"],
            {"file": ["a.yml", "b.yml"], "project-name": ["shop"], "detach": ["true"]},
        ),
        ("docker-compose down -v", CommandKind.COMPOSE_DOWN, [], {"volumes": ["true"]}),
        (
            "podman-compose --env-file x.env down --volumes",
            CommandKind.COMPOSE_DOWN,
            [],
            {"env-file": ["x.env"], "volumes": ["true"]},
        ),
        ("docker compose build --pull", CommandKind.COMPOSE_OTHER, [], {"pull": ["true"]}),
        ("docker compose rm -fsv", CommandKind.COMPOSE_RM, [], {"volumes": ["true"]}),
        ("docker compose -f a.yml config", CommandKind.COMPOSE_OTHER, [], {"file": ["a.yml"]}),
    ],
)
def test_commands(
    text: str, kind: CommandKind, operands: list[str], options: dict[str, list[str]]
) -> None:
    found = command(text)
    assert found.kind is kind
    assert [word.value for word in found.operands] == operands
    for name, values in options.items():
        assert [value.value for value in found.options[name]] == values
    assert found.span.text() == text
    assert [word.value for word in found.arguments] == text.split(" ")[1:]


def test_volume_create_declares_a_volume() -> None:
    found = command(
        "docker volume create -d local -o type=nfs -o device=:/x -o o=addr=h --label a=b data"
    )
    assert found.volume is not None
    volume = found.volume
    assert (volume.name.value, volume.driver and volume.driver.value) == ("data", "local")
    assert {name: value.value for name, value in volume.driver_opts.items()} == {
        "type": "nfs",
        "device": ":/x",
        "o": "addr=h",
    }
    assert volume.driver_opts["o"].span.text() == "addr=h"
    assert volume.labels == {"a": "b"}
    assert command("docker volume create").volume is None
    assert run("docker volume create --opt type=nfs data").refused


def test_compose_run_is_a_container_of_its_own() -> None:
    one = container("docker compose -f a.yml run --rm -v ./a:/x:ro web sh -v", cwd="/srv")
    (only,) = one.mounts
    assert (one.name.value, one.remove, one.program) == ("web", True, "compose")
    assert (only.kind, only.resolved_source, only.read_only) == (MountKind.BIND, "/srv/a", True)
    assert one.image is None
    assert run("docker compose run -v a/b: web").refused


def test_a_service_is_a_container_with_replicas() -> None:
    one = container(
        "docker service create --name web --replicas 3 --mount type=volume,src=data,dst=/x app sh"
    )
    (only,) = one.mounts
    assert (one.replicas, one.name.value, only.kind) == (3, "web", MountKind.VOLUME)


def test_the_socket_of_the_engine() -> None:
    one = mount("docker run --use-api-socket app")
    assert (one.syntax, one.resolved_source, one.read_only) == (
        Syntax.API_SOCKET,
        "/var/run/docker.sock",
        False,
    )
    assert one.span.text() == "--use-api-socket"


def test_podman_secrets_are_mounts() -> None:
    one = mount("podman run --secret pw,target=db app")
    assert (one.kind, one.target.value, one.syntax) == (
        MountKind.SECRET,
        "/run/secrets/db",
        Syntax.SECRET,
    )
    assert container("podman run --secret pw,type=env app").mounts == ()


def test_hidden_mounts_are_listed() -> None:
    one = container("docker run --tmpfs /t --mount type=bind,src=/s,dst=/t app")
    assert [(m.kind, m.shadowed) for m in one.mounts] == [
        (MountKind.TMPFS, False),
        (MountKind.BIND, True),
    ]
    assert len(container("docker run -v /x -v data:/x -v data:/x app").mounts) == 1


WORDS = st.sampled_from(
    [
        "docker",
        "podman",
        "run",
        "create",
        "-v",
        "--mount",
        "--tmpfs",
        "-it",
        "--rm",
        "-e",
        "--name",
        "--volumes-from",
        "--",
        "-",
        "app",
        "a:b",
        "data:/x",
        "/a:/b:ro,z",
        "type=bind,src=/a,dst=/b",
        "dst=/x,",
        "$X",
        "$X:/y",
        "~/x:/y",
        "compose",
        "down",
        "up",
        "-f",
        "volume",
        "rm",
        "system",
        "prune",
        "--volumes",
        ":",
        "::",
        ",,",
        "=",
        "--volume=",
        "-v=",
        '"',
        "'",
        "C:\\x:/y",
        "é",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["docker", "podman", "nerdctl", "docker-compose"]),
    st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=9),
)
def test_any_words_can_be_read(program: str, rest: list[str]) -> None:
    argv = [program, *(word.replace(" ", "_") for word in rest)]
    for words in (words_of(argv), line(" ".join(argv).replace("${", "$"))):
        for version in ("28", "29"):
            found = interpret(words, version=version, cwd="/srv")
            assert found.refused <= bool(found.problems)


def test_a_line_takes_a_fraction_of_a_millisecond() -> None:
    words = line(
        "docker run -d --name web -p 8080:80 -v data:/var/lib/x -v ./conf:/etc/nginx:ro -e A=1 "
        "--mount type=bind,src=/a,dst=/b,readonly --tmpfs /tmp:size=64m --restart always nginx:1.27"
    )
    best = 1.0
    for _ in range(30):
        begin = time.process_time()
        interpret(words, cwd="/srv")
        best = min(best, time.process_time() - begin)
    assert best < 0.002


def test_mounts_that_an_update_adds() -> None:
    text = "docker service update --mount-add type=bind,src=/a,dst=/b --env-add A=1 --force web"
    one = container(text)
    assert (one.name.value, one.image, one.mounts[0].target.value) == ("web", None, "/b")
    assert [variable.name.value for variable in one.env] == ["A"]
    assert container(text.replace(" --force web", " web --force")).name.value == "web"
    assert refusal("docker service update --mount-add type=bind,dst=/b web")[0] == "VL601"
    assert run("docker service update --image app:2 --mount-rm /b web") == Interpreted(None)


def test_blanks_behind_a_backslash() -> None:
    found = interpret(words_of(["docker", "run", "-v", "a1:/x", " "]))
    assert found.problems[0].help == "take away the blanks behind the '\\' that ends the line"


@pytest.mark.parametrize("image", ["app:app:latest", "registry.example.com:5000/app:1:2"])
def test_a_reference_with_two_tags_is_told_how_one_is_written(image: str) -> None:
    found = run(f"docker run {image} serve")
    assert found.problems[0].help.startswith("a reference has one ':' with a tag behind it")


# -- dialects ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "operands", "options"),
    [
        (
            "podman-compose --in-pod=1 --podman-run-args=--log-driver=k8s-file up -d web",
            CommandKind.COMPOSE_UP,
            ["web"],
            {"in-pod": ["1"], "detach": ["true"]},
        ),
        (
            "podman-compose --in-pod false --podman-args --x -f a.yml --no-cleanup --dry-run down -v",
            CommandKind.COMPOSE_DOWN,
            [],
            {"file": ["a.yml"], "volumes": ["true"], "podman-args": ["--x"]},
        ),
        (
            "podman-compose --parallel 2 --no-ansi up --no-hosts --build-arg A=1 web",
            CommandKind.COMPOSE_UP,
            ["web"],
            {"build-arg": ["A=1"], "parallel": ["2"]},
        ),
        (
            "podman compose --in-pod x -f a.yml up",
            CommandKind.COMPOSE_UP,
            [],
            {"in-pod": ["x"], "file": ["a.yml"]},
        ),
        (
            "nerdctl -n k8s.io compose --ipfs-address x -f a.yml up --ipfs -d",
            CommandKind.COMPOSE_UP,
            [],
            {"file": ["a.yml"], "ipfs": ["true"]},
        ),
        (
            "nerdctl compose down --file a.yml -v",
            CommandKind.COMPOSE_DOWN,
            [],
            {"file": ["a.yml"], "volumes": ["true"]},
        ),
        ("podman-compose --newer-flag up", CommandKind.COMPOSE_UP, [], {}),
    ],
)
def test_each_compose_has_flags_of_its_own(
    text: str, kind: CommandKind, operands: list[str], options: dict[str, list[str]]
) -> None:
    found = command(text)
    assert found.kind is kind
    assert [word.value for word in found.operands] == operands
    for name, values in options.items():
        assert [value.value for value in found.options[name]] == values


def test_docker_compose_has_no_flags_of_podman_compose() -> None:
    for program in ("docker compose", "docker-compose"):
        assert refusal(f"{program} --in-pod=1 up")[:2] == ("VL615", "--in-pod")


def test_compose_run_of_a_dialect() -> None:
    one = container("podman-compose --in-pod=0 run -T --rm -v ./a:/b:U web sh", cwd="/srv")
    assert (one.name.value, one.remove) == ("web", True)
    assert one.mounts[0].resolved_source == "/srv/a"
    one = container("nerdctl compose run --entrypoint sh --publish 1:2 -v a1:/b web")
    assert (one.name.value, one.mounts[0].kind) == ("web", MountKind.VOLUME)


def test_nerdctl_takes_what_docker_refuses() -> None:
    text = "nerdctl run -v sub/x:/a:rro,foo -v a1:/b -v b1:/b --security-opt x --systemd=always app"
    one = container(text, cwd="/srv")
    assert [(m.kind, m.read_only, m.resolved_source) for m in one.mounts] == [
        (MountKind.BIND, True, "/srv/sub/x"),
        (MountKind.VOLUME, False, None),
    ]
    assert one.mounts[0].mode is not None
    assert one.mounts[0].mode.value == "rro,foo"
    assert mount("nerdctl run -v $DIR:/a:Z app").kind is MountKind.BIND
    assert mount("nerdctl run -v data app").target.value == "data"
    assert container("nerdctl run --cgroup-conf a=b --network ns:/x app").name.value == "app"
    assert refusal("nerdctl run -w rel app")[:2] == ("VL615", "rel")
