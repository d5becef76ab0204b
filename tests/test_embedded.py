"""What is found in hosts other than scripts: one smallest example for each shape, and its places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volint.parse.embedded import Block, commands
from volint.source import Kind, Source, Word


def blocks(text: str, kind: Kind, path: str = "x") -> list[Block]:
    found, problems = commands(Source(path, text, kind))
    assert not problems
    return found


def argvs(text: str, kind: Kind, path: str = "x") -> list[list[str]]:
    return [
        [word.value for word in command.words]
        for block in blocks(text, kind, path)
        for command in block.commands
    ]


def words(text: str, kind: Kind) -> tuple[Word, ...]:
    (block,) = blocks(text, kind)
    (command,) = block.commands
    return command.words


# -- Makefiles


def test_a_recipe_is_read_as_make_passes_it_to_the_shell() -> None:
    text = (
        "IMG := postgres:16\n"
        "OPTS = -v data:/x \\\n\t--rm\n"
        "run: build\n"
        "\t@docker run $(OPTS) -e A=$$HOME \\\n"
        "\t  ${IMG} # $(pwd)\n"
        "\t-docker volume rm data\n"
        "# docker run commented\n"
        "other:\n"
        "\techo docker run no\n"
    )
    (block,) = blocks(text, Kind.MAKEFILE)
    assert (block.title, block.dialect, block.host) == ("run", "sh", "makefile")
    first, second = block.commands
    assert [word.value for word in first.words] == [
        "docker", "run", "-v", "data:/x", "--rm", "-e", "A=$HOME", "postgres:16",
    ]  # fmt: skip
    assert first.words[3].span.text() == "data:/x"
    assert first.words[7].span.text() == "postgres:16"
    assert first.words[6].unresolved() == ("HOME",)
    assert [word.value for word in second.words] == ["docker", "volume", "rm", "data"]


@pytest.mark.parametrize(
    ("text", "value", "names"),
    [
        ("a:\n\tdocker run $(UNKNOWN)/x\n", "$(UNKNOWN)/x", ("UNKNOWN",)),
        ("a:\n\tdocker run $(shell pwd)/x\n", "$(shell pwd)/x", ("PWD",)),
        ("a:\n\tdocker run $(CURDIR)/x\n", "$(CURDIR)/x", ("PWD",)),
        ("a:\n\tdocker run $$(pwd)/x\n", "$(pwd)/x", ("$(pwd)",)),
        ("a:\n\tdocker run $(pwd)/x\n", "$(pwd)/x", ("$(pwd)",)),
        ("a:\n\tdocker run $(shell id -u)\n", "$(shell id -u)", ("$(shell id -u)",)),
        ("a:\n\tdocker run $@\n", "a", ()),
        ("X ?= b\na:\n\tdocker run $(X)\n", "b", ()),
        ("X = b\nifdef Y\nX = c\nendif\na:\n\tdocker run $(X)\n", "$(X)", ("X",)),
        ("export X = b\na:\n\tdocker run $$X\n", "b", ()),
        ("define run\ndocker run $(1)\nendef\na:\n\t$(call run,b)\n", "b", ()),
        ("D ?= docker\na:\n\t$(D) run b\n", "b", ()),
        ("a: ; docker run b\n", "b", ()),
        (".ONESHELL:\na:\n\tX=b\n\tdocker run $$X\n", "b", ()),
        ("a:\r\n\tdocker run b\r\n", "b", ()),
    ],
)
def test_make_variables(text: str, value: str, names: tuple[str, ...]) -> None:
    word = words(text, Kind.MAKEFILE)[2]
    assert word.value == value
    assert word.unresolved() == names


def test_the_lines_of_a_canned_recipe_are_lines_of_the_rule() -> None:
    text = (
        "define RUN\n"
        "@docker volume create $(1)\n"
        "-@docker run -v $(1):/x \\\n\t\t$(IMG) # it's\n"
        "endef\n"
        "IMG = alpine\n"
        "one:\n"
        "\t@$(call RUN,data)\n"
        "two:\n"
        "\t$(RUN)\n"
    )
    one, two = blocks(text, Kind.MAKEFILE)
    assert [[word.value for word in command.words] for command in one.commands] == [
        ["docker", "volume", "create", "data"],
        ["docker", "run", "-v", "data:/x", "alpine"],
    ]
    assert one.commands[1].words[4].span.text() == "alpine"
    assert two.commands[1].words[3].unresolved() == ("1",)


def test_recipes_may_begin_with_another_sign() -> None:
    text = ".RECIPEPREFIX = >\na:\n> docker run b\n>docker run c\n"
    assert argvs(text, Kind.MAKEFILE) == [["docker", "run", "b"], ["docker", "run", "c"]]


def test_each_line_of_a_recipe_is_a_shell_of_its_own() -> None:
    (block,) = blocks("a:\n\tcd sub\n\tdocker run x\n\tcd sub && docker run y\n", Kind.MAKEFILE)
    assert [command.cwd for command in block.commands] == ["", "sub"]


# -- justfiles


def test_just_recipes() -> None:
    text = (
        'img := "alpine"\n'
        "run name='x': build\n"
        "    @docker run -v {{name}}:/x \\\n"
        "      {{img}}\n"
        "script:\n"
        "    #!/usr/bin/env bash\n"
        "    V=data\n"
        "    docker run -v $V:/x {{ img }}\n"
    )
    assert argvs(text, Kind.JUSTFILE) == [
        ["docker", "run", "-v", "{{name}}:/x", "alpine"],
        ["docker", "run", "-v", "data:/x", "alpine"],
    ]


# -- CI


def test_github_steps_containers_and_services() -> None:
    text = """\
on: push
env: {TAG: "1.2"}
jobs:
  test:
    container:
      image: node:20
      volumes: [cache:/root/.npm]
      options: --cpus 1 --mount "type=volume,src=a,dst=/b"
    services:
      db:
        image: postgres:${{ matrix.pg }}
        env: {POSTGRES_PASSWORD: secret}
        volumes:
          - /data
    steps:
      - name: go
        working-directory: sub
        run: |
          docker run -v "${{ github.workspace }}:/w" \\
            a:$TAG
      - shell: pwsh
        run: |
          docker run -v ${PWD}:/w `
            b
      - shell: python
        run: docker run no
"""
    found = blocks(text, Kind.CI)
    assert [block.title for block in found] == ["test", "db", "go", "test"]
    got = [[word.value for word in command.words] for block in found for command in block.commands]
    assert got == [
        ["docker", "create", "-v", "cache:/root/.npm", "--cpus", "1", "--mount",
         "type=volume,src=a,dst=/b", "node:20"],
        ["docker", "create", "--name=db", "-v", "/data", "-e", "POSTGRES_PASSWORD=secret",
         "postgres:${{ matrix.pg }}"],
        ["docker", "run", "-v", "${{ github.workspace }}:/w", "a:1.2"],
        ["docker", "run", "-v", "${PWD}:/w", "b"],
    ]  # fmt: skip
    mount = found[2].commands[0].words[3]
    assert mount.unresolved() == ("github.workspace",)
    assert mount.span.text() == "${{ github.workspace }}:/w"
    assert found[2].commands[0].cwd == "sub"
    assert found[0].commands[0].words[3].span.text() == "cache:/root/.npm"
    assert found[0].commands[0].words[7].span.text() == "type=volume,src=a,dst=/b"
    assert found[1].commands[0].words[6].slice(18).span.text() == "secret"


def test_gitlab_scripts_share_a_shell_with_before_script() -> None:
    text = """\
variables: {V: data}
.base: &base
  before_script:
    - cd sub
job:
  <<: *base
  script:
    - docker run -v $V:/x a
    - [docker run b, echo]
  after_script: docker run c
"""
    found = blocks(text, Kind.CI)
    got = [(c.words[-1].value, c.cwd) for block in found for c in block.commands]
    assert got == [("a", "sub"), ("b", "sub"), ("c", "")]
    assert found[0].commands[0].words[3].value == "data:/x"


def test_circleci_runs() -> None:
    text = """\
version: 2.1
jobs:
  build:
    steps:
      - run: docker run a
      - run: {name: n, command: "docker run << parameters.tag >>"}
      - when: {condition: x, steps: [{run: docker run c}]}
"""
    assert [words[2] for words in argvs(text, Kind.CI)] == ["a", "<< parameters.tag >>", "c"]


def test_azure_scripts_and_container_resources() -> None:
    text = """\
trigger: [main]
resources:
  containers:
    - container: pg
      image: postgres:16
      volumes: [/data]
stages:
  - stage: a
    jobs:
      - job: b
        steps:
          - script: docker run -v $(Build.SourcesDirectory):/x a
          - bash: docker run -v $(pwd):/x b
"""
    found = [block.commands[0].words for block in blocks(text, Kind.CI)]
    assert [word.value for word in found[0]] == [
        "docker",
        "create",
        "--name=pg",
        "-v",
        "/data",
        "postgres:16",
    ]
    assert found[1][3].unresolved() == ("Build.SourcesDirectory",)
    assert found[2][3].unresolved() == ("$(pwd)",)


def test_taskfile_commands() -> None:
    text = """\
version: '3'
vars: {IMG: alpine}
tasks:
  run:
    dir: sub
    cmds:
      - docker run -v {{.DATA}}:/x {{.IMG}}
      - cmd: docker run b
      - task: other
  one: docker run c
"""
    found = blocks(text, Kind.TASKFILE)
    got = [
        [word.value for word in command.words[2:]] for block in found for command in block.commands
    ]
    assert got == [["-v", "{{.DATA}}:/x", "alpine"], ["b"], ["c"]]
    assert found[0].commands[0].cwd == "sub"
    assert found[0].commands[0].words[3].unresolved() == ("DATA",)


# -- JSON


def test_package_scripts() -> None:
    text = '{"scripts": {"db": "docker run -v \\"a b\\":/x \\u0070ostgres", "x": 1}}'
    (block,) = blocks(text, Kind.PACKAGE_JSON)
    assert block.title == "db"
    found = block.commands[0].words
    assert [word.value for word in found[2:]] == ["-v", "a b:/x", "postgres"]
    assert found[3].span.text() == 'a b\\":/x'
    assert found[4].span.text() == "\\u0070ostgres"


# -- systemd


def test_a_script_for_cmd_keeps_its_variables() -> None:
    (block,) = blocks('{"scripts": {"a": "docker run -v %cd%:/x b"}}', Kind.PACKAGE_JSON)
    assert block.commands[0].words[3].unresolved() == ("PWD",)
    assert argvs('{"scripts": {"a": "cross-env A=1 docker run b"}}', Kind.PACKAGE_JSON) == [
        ["docker", "run", "b"]
    ]


def test_prefixes_and_escapes_of_unit_commands() -> None:
    text = (
        "[Service]\n"
        "ExecStart=@/usr/bin/docker name run -v a:/%%x b sh -c 'echo $$HOME'\n"
        "ExecStart=:/usr/bin/docker run -v a$B:/x b\n"
    )
    assert argvs(text, Kind.UNIT) == [
        ["/usr/bin/docker", "run", "-v", "a:/%x", "b", "sh", "-c", "echo $HOME"],
        ["/usr/bin/docker", "run", "-v", "a$B:/x", "b"],
    ]


def test_unit_commands() -> None:
    text = (
        "[Service]\n"
        'Environment=IMG=alpine "DATA=/srv/my data"\n'
        "ExecStartPre=-/usr/bin/docker rm -f x\n"
        "ExecStart=/usr/bin/docker run --rm \\\n"
        "  # a comment in between\n"
        "  -v ${DATA}:/x -v %h/y:/y \\\n"
        "  $OPTS $IMG 'a b'\n"
        "ExecStop=/bin/sh -c 'docker stop x && docker rm y'\n"
    )
    (block,) = blocks(text, Kind.UNIT)
    got = [[word.value for word in command.words] for command in block.commands]
    assert got == [
        ["/usr/bin/docker", "rm", "-f", "x"],
        ["/usr/bin/docker", "run", "--rm", "-v", "/srv/my data:/x", "-v", "%h/y:/y", "$OPTS", "alpine", "a b"],
        ["docker", "stop", "x"],
        ["docker", "rm", "y"],
    ]  # fmt: skip
    run = block.commands[1].words
    assert run[6].unresolved() == ("%h",)
    assert run[7].unresolved() == ("OPTS",)
    assert run[6].slice(3, 4).span.text() == "y"


# -- Markdown


def shell(text: str) -> list[list[str]]:
    return [words[1:] for words in argvs(text, Kind.MARKDOWN, "x.md")]


@pytest.mark.parametrize(
    "text",
    [
        "```bash\ndocker run a\n```\n",
        "~~~sh\ndocker run a\n~~~",
        "````sh title=x\ndocker run a\n```\n````",
        "- list\n\n  ```shell\n  docker run a\n  ```",
        "1. ```bash\n   docker run a\n   ```",
        "> ```bash\n> docker run a\n> ```\n\nText",
        "```{code-block} bash\ndocker run a\n```",
        "```console\n$ docker run a\nUnable to find image\n$ echo docker run b\n```",
        "```console\nuser@host:~$ docker run \\\n> a\noutput docker run b\n```",
        "```\n$ docker run a\n```",
        "```\ndocker run a\n```",
        "```text\ndocker run \\\n  a\nsome words\n```",
        "```console\n# docker run a\n```",
        "```powershell\nPS C:\\> docker run `\n  a\n```",
        "```sh\ndocker run a\nit's\n```",
        "Text\n\n    docker run a\n",
        "Text `docker run a` text.",
        "| x | `docker run a` |",
        "```bash\ndocker run a",
        "---\ntitle: docker run b\n---\n```sh\ndocker run a\n```",
    ],
)
def test_a_command_in_a_document_is_found(text: str) -> None:
    assert shell(text) == [["run", "a"]]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ('docker run -e A="[1,\n2]" a\nsome words\n', [["run", "-e", "A=[1,\n2]", "a"]]),
        (
            "docker run a sh -c '\n  x\n'\ndocker run b",
            [["run", "a", "sh", "-c", "\n  x\n"], ["run", "b"]],
        ),
        ("docker run a  # it's\nthat's all", [["run", "a"]]),
        ("docker run it's\ndocker run b", [["run", "it's"], ["run", "b"]]),
    ],
)
def test_a_quote_may_go_over_lines(text: str, runs: list[list[str]]) -> None:
    assert shell(f"```\n{text}\n```\n") == runs
    assert shell("\n".join(f"    {line}" for line in text.splitlines())) == runs


@pytest.mark.parametrize(
    "text",
    [
        "docker run a",
        "```python\ndocker run a\n```",
        "```bash\n# docker run a\n```",
        "<!--\n```bash\ndocker run a\n```\n-->",
        "```\ndocker is a program to run containers\n```",
        "`docker`",
        "`docker-compose.yaml`",
        "`--rm`",
        "```yaml\nrun: docker run a\n```",
        "Cached with `--mount=type=cache,target=/root/.npm`",
        "```\n--mount type=secret,id=key,target=/key\n```",
        "`--mount src=~/x` is one part, `--mount volume-driver=` another",
    ],
)
def test_what_is_no_command_in_a_document(text: str) -> None:
    assert shell(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Run <code>docker run a</code> now",
        "| x | <kbd class='y'>docker run a</kbd> |",
        "<pre>\ndocker run a\n</pre>",
        "<pre><code class='x'>docker run a\n</code></pre>",
        '<div class="y"><pre>docker run a</pre></div>',
    ],
)
def test_code_in_html_is_code(text: str) -> None:
    assert argvs(text, Kind.MARKDOWN) == [["docker", "run", "a"]]
    ((word, *_),) = [
        command.words for block in blocks(text, Kind.MARKDOWN) for command in block.commands
    ]
    assert word.span.text() == "docker"


@pytest.mark.parametrize(
    "text",
    [
        "<code>docker run &lt;image&gt;</code>",
        "<pre>\ndocker run <b>a</b>\n</pre>",
        "<pre>\ndocker run a &amp;&amp; b\n</pre>",
        "<code>docker run a",
    ],
)
def test_html_with_markup_in_code_is_left_out(text: str) -> None:
    assert argvs(text, Kind.MARKDOWN) == []


def test_names_in_braces_are_to_be_filled_in() -> None:
    text = "```sh\ndocker run -v {my-volume}:/x --name {{n}} ${A} a{b} {c,d}\n```"
    found = words(text, Kind.MARKDOWN)
    assert found[3].unresolved() == ("{my-volume}",)
    assert [word.unresolved() for word in found[4:]] == [(), (), ("A",), (), (), ()]


def test_each_fence_is_a_block_under_its_heading() -> None:
    text = "# One\n```sh\nV=a\ndocker run $V\n```\n## Two ##\n```sh\ndocker run $V\n```\n"
    found = blocks(text, Kind.MARKDOWN)
    assert [(block.title, block.commands[0].words[2].value) for block in found] == [
        ("One", "a"),
        ("Two", "$V"),
    ]


def test_placeholders_are_no_redirections() -> None:
    (found,) = blocks(
        "```sh\ndocker run -v <your path>:/x [OPTIONS] <image> >log\n```", Kind.MARKDOWN
    )
    words = found.commands[0].words
    assert [word.value for word in words[2:]] == ["-v", "<your path>:/x", "[OPTIONS]", "<image>"]
    assert words[3].unresolved() == ("<your path>",)


def test_a_mention_is_completed() -> None:
    (run,) = blocks("`docker run -v data:/x`", Kind.MARKDOWN)
    assert [word.value for word in run.commands[0].words] == [
        "docker",
        "run",
        "-v",
        "data:/x",
        "<image>",
    ]
    (flag,) = blocks("Use `-v /path:ro` for it", Kind.MARKDOWN)
    command = flag.commands[0]
    assert [word.value for word in command.words] == ["docker", "run", "-v", "/path:ro", "<image>"]
    assert command.span.text() == "-v /path:ro"
    assert flag.inline


def test_files_in_documents_keep_their_offsets() -> None:
    text = (
        "- x\n\n  ```yaml\n  services:\n    db:\n      image: postgres\n  ```\n\n"
        "> ```dockerfile\n> FROM alpine\n> ```\n"
    )
    compose, dockerfile = blocks(text, Kind.MARKDOWN)
    assert (compose.kind, dockerfile.kind) == ("compose", "dockerfile")
    for block, start in ((compose, "services:"), (dockerfile, "FROM alpine")):
        assert block.source is not None
        at = text.index(start)
        assert block.source.text[at : at + len(start)] == start
        assert block.source.text[:at].strip() == ""
        assert block.source.position(at) == Source("x", text).position(at)


# -- anything

_PARTS = st.sampled_from(
    [
        "docker run -v a:/x",
        "podman create",
        "\n",
        "\n",
        "\t",
        "    ",
        "\\\n",
        "$(X)",
        "${X}",
        "$$X",
        "{{x}}",
        "${{ x }}",
        "<x>",
        "```",
        "~~~",
        "sh",
        "bash",
        "yaml",
        "> ",
        "- ",
        "`",
        "x:",
        "y :=",
        "X =",
        "define A",
        "endef",
        "ifeq",
        "endif",
        "export ",
        "[Service]\n",
        "ExecStart=",
        "Environment=A=b",
        "%h",
        "'",
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        '"scripts": ',
        "jobs:",
        "on: push",
        "steps:",
        "run: ",
        "script: ",
        "tasks:",
        "cmds:",
        "# ",
        "<!--",
        "-->",
        "$ ",
        "services:",
        "image: x",
        "FROM x",
        "é",
        "\r\n",
        "#!/bin/sh",
        "PS C:\\> ",
        "@",
        "version: 3",
        "stages:",
    ]
)
_KINDS = st.sampled_from(
    [
        Kind.MAKEFILE,
        Kind.JUSTFILE,
        Kind.CI,
        Kind.MARKDOWN,
        Kind.PACKAGE_JSON,
        Kind.UNIT,
        Kind.TASKFILE,
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PARTS, max_size=30).map("".join), _KINDS)
def test_any_text_is_read_and_places_lie_inside(text: str, kind: Kind) -> None:
    found, problems = commands(Source("x", text, kind))
    for problem in problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for block in found:
        assert 0 <= block.span.start <= block.span.end <= len(text)
        for command in block.commands:
            assert 0 <= command.span.start <= command.span.end <= len(text)
            for word in (*command.words, *command.prefix, *command.assignments):
                assert 0 <= word.span.start <= word.span.end <= len(text)
                for offset in range(len(word.value)):
                    part = word.slice(offset, offset + 1).span
                    assert 0 <= part.start <= part.end <= len(text)
