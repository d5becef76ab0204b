"""What the shell reader finds and what it makes of words: bash is the reference."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volint.parse.shell import ShellCommand, created_paths, is_list, parse
from volint.source import Kind, Source


def commands(text: str, **known: object) -> list[ShellCommand]:
    return parse(Source("x.sh", text), **known)[0]  # type: ignore[arg-type]


def argvs(text: str, **known: object) -> list[list[str]]:
    return [[word.value for word in command.words] for command in commands(text, **known)]


def one(text: str) -> ShellCommand:
    found = commands(text)
    assert len(found) == 1, found
    return found[0]


FOUND_IN = [
    "docker run a",
    "if docker run a; then :; fi",
    "if x; then docker run a; elif y; then :; else :; fi",
    "while :; do docker run a; done",
    "until docker run a; do :; done",
    "for i in *.txt; do docker run a; done",
    "for ((i=0; i<3; i++)); do docker run a; done",
    "select x in a b; do docker run a; done",
    "case $1 in a|b) docker run a;; esac",
    "case $1 in (a) x;; *) docker run a ;& esac",
    "f() { docker run a; }",
    "function f { docker run a; }",
    "f() ( docker run a )",
    "(cd x && docker run a)",
    "{ docker run a; } > out 2>&1",
    "x && docker run a",
    "x || docker run a",
    "x; docker run a",
    "x & docker run a",
    "! docker run a",
    "time docker run a",
    "time -p docker run a",
    "x | docker run a",
    "docker run a |& tee log",
    "x=$(docker run a)",
    "x=`docker run a`",
    'echo "$(docker run a)"',
    'echo "${x:-$(docker run a)}"',
    "diff <(docker run a) /dev/null",
    "a=($(docker run a))",
    "cat <<EOF\n$(docker run a)\nEOF",
    "[[ -n $(docker run a) ]]",
    "[[ $x =~ ^(a|b)$ ]] && docker run a",
    "bash -c 'docker run a'",
    'sh -ec "docker run a"',
    "sudo -u root bash -lc 'cd /x && docker run a'",
    "eval 'docker run a'",
    "ssh host docker run a",
    "ssh -tt -p 22 -o A=b -i key me@host -- docker run a",
    'ssh "$HOST" "cd /x && docker run a"',
    "trap 'docker run a' EXIT",
    "trap -- 'docker run a' INT TERM",
    "concurrently -n x,y 'docker run a' 'npm run x'",
    "npx --yes concurrently 'docker run a'",
    "sudo docker run a",
    "sudo -E -u me docker run a",
    "env -i A=b docker run a",
    "A=b docker run a",
    "exec docker run a",
    "command docker run a",
    "nohup docker run a &",
    "nice -n 5 docker run a",
    "timeout -k 5 60 docker run a",
    "echo | xargs -r docker run a",
    "\\docker run a",
    "'docker' run a",
    "dock'er' run a",
    "D=docker; $D run a",
    'DOCKER=${DOCKER:-docker}\n"$DOCKER" run a',
    "if x; then E=podman; else E=docker; fi; $E run a",
    "$CONTAINER_ENGINE run a",
    'run() { echo + $*; "$@"; }\nrun docker run a',
    "docker \\\n  run \\\n  a",
    "docker run a # comment",
    "echo it\\'s; docker run a",
    "echo 'a\nb'; docker run a",
    "fi; done; docker run a",
    "{% if x %}\ndocker run a\n{% endif %}",
    "echo $((1 + (2)))\ndocker run a",
    "((x++))\ndocker run a",
    "cat <<'E O F' <<-\tB\ndocker in\nE O F\n\tdocker in\n\tB\ndocker run a",
    "cat <<EOF\n`docker run a`\nEOF",
    "x=(1 2 # docker run b\n 3)\ndocker run a",
    "docker run a\r\n",
    "coproc docker run a",
]

NOT_FOUND_IN = [
    "# docker run a",
    "echo docker run a",
    "echo 'docker run a'",
    "cat <<EOF\ndocker run a\nEOF",
    "cat <<'EOF'\n$(docker run a)\nEOF",
    "cat <<-EOF\n\tdocker run a\n\tEOF",
    "ssh docker run a",
    "bash <<EOF\ndocker run a\nEOF",
    "ssh host <<EOF\ndocker run a\nEOF",
    "trap docker",
    "trap -p 'docker run a'",
    "command -v docker run",
    "which docker",
    "x='docker run a'",
    "x=(docker run a)",
    "docker-compose.yaml",
    "[[ $x == docker ]]",
    "dockerd run a",
    "mydocker run a",
]


@pytest.mark.parametrize("text", FOUND_IN)
def test_a_command_is_found_wherever_it_runs(text: str) -> None:
    found = [words for words in argvs(text) if words[1:3] == ["run", "a"]]
    assert len(found) == 1


@pytest.mark.parametrize("text", NOT_FOUND_IN)
def test_what_only_looks_like_a_command_is_none(text: str) -> None:
    assert argvs(text) == []


EXPANDED = [
    ("docker run -v 'a b':/x", ["-v", "a b:/x"]),
    (r"docker run a\ b \
 c", ["a b", "c"]),
    (r'docker run "\$x \a"', [r"$x \a"]),
    ("docker run $'a\\tb\\x41'", ["a\tbA"]),
    ("docker run {a,b}:/x {1..3}", ["a:/x", "b:/x", "1", "2", "3"]),
    ('docker run "{a,b}" {x}', ["{a,b}", "{x}"]),
    ("X=1; docker run $X ${X} \"$X\" '$X'", ["1", "1", "1", "$X"]),
    ("X='-v a:/b'; docker run $X \"$X\"", ["-v", "a:/b", "-v a:/b"]),
    ('A=(-v "a b:/x"); docker run "${A[@]}" i', ["-v", "a b:/x", "i"]),
    ("A=(1); A+=(2 3); docker run ${A[1]} ${#A[@]} ${A[@]:1}", ["2", "3", "2", "3"]),
    ("X=a/b.c; docker run ${X##*/} ${X%.*} ${X/b/d} ${X^^}", ["b.c", "a/b", "a/d.c", "A/B.C"]),
    ("N=2; docker run $((N * 512))m", ["1024m"]),
    ("if x; then A=1; else A=1; fi; docker run $A", ["1"]),
    ("if x; then A=1; fi; docker run $A", ["$A"]),
    ("A=1; if x; then A=2; exit; fi; docker run $A", ["1"]),
    ("A=1; (A=2); docker run $A", ["1"]),
    ("A=1; echo | A=2; docker run $A", ["1"]),
    ("A=1; while x; do A=2; done; docker run $A", ["$A"]),
    ("A=1; x && A=2; docker run $A", ["$A"]),
    ("A=1; source lib.sh; docker run $A", ["$A"]),
    ("source lib.sh; A=1; docker run $A", ["1"]),
    ("A=1; read -r A; docker run $A", ["$A"]),
    ("f() { local A=2; B=3; }; A=1; f; docker run $A $B", ["1", "3"]),
    ("f() { docker run $2 $1; }; f a b", ["b", "a"]),
    ("set -- a 'b c'; docker run \"$@\" $#", ["a", "b c", "2"]),
    ("A=(a); if x; then A+=(b); fi; docker run \"${A[@]}\" i", ["a", "${A[@]}", "i"]),
    ("O='-a'; if x; then O=\"$O -b\"; fi; docker run $O i", ["-a", "$O", "i"]),
    ("A=1 docker run $A", ["$A"]),
    ("docker run $(cat x) `id -u` <(ls)", ["$(cat x)", "`id -u`", "<(ls)"]),
    ("docker run [a] %x% 'q\"q'", ["[a]", "%x%", 'q"q']),
    ("docker run a 2>&1 >out <in b", ["a", "b"]),
    ("docker run $\"a b\"", ["a b"]),
    ("docker run ''", [""]),
    ("cd /srv; docker run -v $PWD:/x -v $(pwd)/a:/y", ["-v", "/srv:/x", "-v", "/srv/a:/y"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "arguments"), EXPANDED)
def test_words_are_those_bash_would_pass(text: str, arguments: list[str]) -> None:
    assert argvs(text)[-1][2:] == arguments


def test_a_literal_list_is_run_through() -> None:
    assert argvs("for v in a b; do docker run -v $v:/x i; done") == [
        ["docker", "run", "-v", "a:/x", "i"],
        ["docker", "run", "-v", "b:/x", "i"],
    ]


def test_unknown_text_says_whose_it_is_and_whether_it_is_quoted() -> None:
    word = one('docker run -v $DATA/"$(cat x)":/x').words[3]
    assert word.value == "$DATA/$(cat x):/x"
    assert word.unresolved() == ("DATA", "$(cat x)")
    assert [piece.unquoted for piece in word.pieces if piece.unresolved] == [True, False]


def test_a_tilde_is_the_home_only_where_bash_says_so() -> None:
    words = one('docker run ~/x "~/x" -v=~/x a=~/x').words[2:]
    assert [word.tilde for word in words] == [True, False, False, False]
    assert words[3].unresolved() == ("HOME",)


def test_places_are_exact() -> None:
    text = "é; docker run -v da\"ta\":/x 'q r' a\\ b $X"
    words = one(text).words
    assert [word.span.text() for word in words] == [
        "docker",
        "run",
        "-v",
        'da"ta":/x',
        "q r",
        "a\\ b",
        "$X",
    ]
    assert words[3].slice(3, 6).span.text() == 'a":/'
    assert words[3].slice(5).span.text() == "/x"


def test_a_word_from_a_variable_stands_where_it_was_written() -> None:
    text = 'V="data:/x"\nA=(-v "b c:/y")\ndocker run "$V" "${A[@]}" x$V'
    words = one(text).words[2:]
    assert [word.span.text() for word in words] == ["data:/x", "-v", "b c:/y", "x$V"]


def test_the_program_stands_where_it_is_used() -> None:
    command = one("D=docker\n$D run a")
    assert command.words[0].span.text() == "$D"
    assert command.span.text() == "$D run a"


def test_what_stands_around_a_command_is_kept() -> None:
    command = one("f() { A=1 sudo -u x docker run a >out; }")
    assert [word.value for word in command.prefix] == ["sudo", "-u", "x"]
    assert [word.value for word in command.assignments] == ["A=1"]
    assert command.function == "f"
    assert command.span.text() == "A=1 sudo -u x docker run a"


@pytest.mark.parametrize(
    ("text", "cwd"),
    [
        ("docker run a", ""),
        ("cd sub/dir && docker run a", "sub/dir"),
        ("cd a; cd ../b; docker run a", "b"),
        ("cd /x; cd y; docker run a", "/x/y"),
        ("(cd a); docker run a", ""),
        ("cd $X; docker run a", "$X"),
        ("if x; then cd a; fi; docker run a", None),
        ("cd -; docker run a", None),
        ('cd "$(dirname "$0")/.." && docker run a', '$(dirname "$0")/..'),
    ],
)
def test_the_directory_is_followed(text: str, cwd: str | None) -> None:
    assert one(text).cwd == cwd


def test_the_scripts_own_directory_has_one_name() -> None:
    spellings = [
        '$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)',
        '"$( cd -- "$( dirname -- "${BASH_SOURCE[0]}" )" >/dev/null 2>&1 && pwd -P )"',
        "$(dirname $0)",
        '$(dirname "$(readlink -f "$0")")',
    ]
    for spelling in spellings:
        word = one(f'D={spelling}\ndocker run -v "$D/x":/y').words[3]
        assert word.value == '$(dirname "$0")/x:/y'
        assert word.unresolved() == ('$(dirname "$0")',)


@pytest.mark.parametrize("text", ["cd /x; ssh h '{}'", "ssh h {}", "trap '{}' EXIT; cd /x"])
def test_the_directory_of_another_host_or_of_a_trap_is_not_known(text: str) -> None:
    command = one(text.format("docker run -v ./a:/b c"))
    assert command.nested
    assert command.cwd is None
    assert command.words[3].span.text() == "./a:/b"


def test_variables_of_this_host_are_those_the_shell_puts_in() -> None:
    text = """A=1; ssh h "docker run $A" '$A'"""
    assert [word.value for word in one(text).words] == ["docker", "run", "1", "$A"]


def test_a_captured_directory_is_not_the_one_of_later() -> None:
    word = one('R=$(pwd); cd sub; docker run -v "$R":/x').words[3]
    assert word.value == "$R:/x"
    assert word.unresolved() == ("R",)


def test_what_is_never_closed_is_said_and_costs_only_itself() -> None:
    text = 'docker run a "b\ndocker run c\n'
    found, problems = parse(Source("x.sh", text))
    assert [command.words[2].value for command in found] == ["a", "c"]
    (problem,) = problems
    assert (problem.code, problem.level, problem.span.start) == ("VL001", "note", 13)


def test_words_that_may_be_many() -> None:
    words = one('docker run $O "$O" "$@" "${A[@]}" x$O').words[2:]
    assert [is_list(word) for word in words] == [True, False, True, True, False]


def test_a_nested_script_keeps_its_places() -> None:
    text = 'bash -c "docker run -v \\"a b\\":/x $I"'
    command = one(text)
    assert [word.value for word in command.words[2:]] == ["-v", "a b:/x", "$I"]
    assert command.words[4].span.text() == "$I"
    assert command.words[4].unresolved() == ("I",)
    assert command.nested


def test_created_paths() -> None:
    text = (
        "mkdir -p -m 755 data/{db,web} /srv/x $UNKNOWN\n"
        "cd sub && sudo touch a; cp -r ../b c; install -d d e\n"
        "git clone https://x/y/repo.git; curl -o f https://z; docker run mkdir no\n"
    )
    found = created_paths(Source("x.sh", text, Kind.SHELL))
    assert [path.value for path in found] == [
        "data/db", "data/web", "/srv/x", "sub/a", "sub/c", "sub/d", "sub/e", "sub/repo", "sub/f",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "paths"),
    [
        (Kind.MAKEFILE, "up:\n\t@mkdir -p a/{b,c} \\\n\t  d && docker compose up\n", "a/b a/c d"),
        (Kind.CI, "      - run: cd sub && touch x\n      - mkdir y\n", "sub/x y"),
        (Kind.CI, "    steps:\n      - run: |\n          install -d z\n", "z"),
        (Kind.PACKAGE_JSON, '{"scripts": {\n "setup": "cd a && mkdir b",\n "x": "y"}}', "a/b"),
        (Kind.MARKDOWN, "1. Run `cd a; mkdir b`\n\n    $ cd c && mkdir d\n", "a/b c/d"),
        (Kind.UNIT, "[Service]\nExecStartPre=-mkdir -p data/db\n", "data/db"),
        (Kind.TASKFILE, "tasks:\n  a:\n    cmds:\n      - 'git clone https://h/o/r.git'\n", "r"),
        (Kind.JUSTFILE, "up:\n  @cp -r x $OUT/y\n  cp -r x y\n", "y"),
    ],
)
def test_paths_made_by_lines_of_other_files(kind: Kind, text: str, paths: str) -> None:
    found = created_paths(Source("host", text, kind))
    assert [path.value for path in found] == paths.split()


def test_what_xargs_adds_is_not_known() -> None:
    first, second = commands("ls | xargs docker rm -v; ls | xargs -I X docker run -v X:/x i")
    assert is_list(first.words[-1])
    assert second.words[3].value == "X:/x"
    assert second.words[3].unresolved() == ("xargs",)


def test_bashlex_is_imported_for_intricate_commands_only() -> None:
    for name in [name for name in sys.modules if name.startswith("bashlex")]:
        del sys.modules[name]
    commands('docker run -v "$PWD/x":/x --rm \\\n  -it alpine sh -c "echo $HOME"')
    assert "bashlex" not in sys.modules
    commands("docker run -v $(cat x | head):/x alpine")
    assert "bashlex" in sys.modules


@pytest.mark.parametrize(
    "text",
    [
        "docker " + '"$(' * 3000,
        "docker " + "${a:-" * 3000,
        "docker " + "$((" * 3000,
        "docker " + "`" * 3001,
        "docker " + "{a," * 3000,
        "docker " + "{a,b}" * 300,
        "docker " + "(" * 3000,
        "if docker; then " * 2000,
        "docker " + '"$(")' * 2000,
        "docker <<A " * 2000,
        "docker\n" + "X=$X$X\n" * 300 + "docker $X\n" * 300,
        "docker\n" + "f() { g; g; }; g() { f; f; docker x; }; f\n" * 200,
        "docker\n" + "for i in 1 2 3 4; do " * 40 + "docker $i" + "; done" * 40,
        "docker run " + "a\\\n" * 20000,
    ],
    ids=range(14),
)
def test_time_stays_linear(text: str) -> None:
    started = time.process_time()
    commands(text)
    assert time.process_time() - started < 3


_ATOMS = st.sampled_from(
    [
        "docker",
        "run",
        "podman",
        '"',
        "'",
        "`",
        "$(",
        ")",
        "${",
        "}",
        "$((",
        "))",
        "{",
        ",",
        "}",
        "<<EOF",
        "EOF",
        "\n",
        ";",
        "&",
        "|",
        "&&",
        "||",
        "(",
        "[[",
        "]]",
        "if",
        "then",
        "fi",
        "case",
        "in",
        "esac",
        ";;",
        "for",
        "do",
        "done",
        "while",
        "x=(",
        ")",
        "+=",
        "$x",
        '"$@"',
        "~",
        "#",
        "\\",
        "\\\n",
        "$'",
        "bash",
        "-c",
        "eval",
        "cd",
        "function",
        "f()",
        "é",
        "\r\n",
        "A=1",
        "sudo",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_ATOMS, max_size=40).map(" ".join) | st.lists(_ATOMS, max_size=40).map("".join))
def test_any_text_is_read_and_places_lie_inside(text: str) -> None:
    text = "docker " + text
    for command in commands(text):
        assert 0 <= command.span.start <= command.span.end <= len(text)
        for word in (*command.words, *command.prefix, *command.assignments):
            assert 0 <= word.span.start <= word.span.end <= len(text)
            at = 0
            for piece in word.pieces:
                assert piece.at >= at
                assert 0 <= piece.start <= piece.end <= len(text)
                at = piece.at
            for offset in range(len(word.value)):
                part = word.slice(offset, offset + 1).span
                assert 0 <= part.start <= part.end <= len(text)
            if not word.pieces:
                assert word.span.text() == word.value


def test_commands_that_a_function_runs_stand_where_it_is_called() -> None:
    text = 'run() { "$@"; }\n' + "".join(f"run docker run i{n}\n" for n in range(20))
    found = commands(text + "run docker run $X\n")
    assert [command.words[2].value for command in found] == [f"i{n}" for n in range(20)] + ["$X"]
    assert found[3].span.text() == "docker run i3"


def test_a_command_in_a_variable_stands_where_it_is_used() -> None:
    command = one("C='docker run -v a:/x'\necho\n$C i\n")
    assert command.span.text() == "$C i"
    assert [word.span.text() for word in command.words] == ["$C", "run", "-v", "a:/x", "i"]


def test_calls_that_differ_are_commands_of_their_own() -> None:
    text = 'dc() { docker compose -f a.yml "$@"; }\ndc up -d\ndc exec $X sh\ndc up -d\n'
    assert argvs(text) == [
        ["docker", "compose", "-f", "a.yml", "up", "-d"],
        ["docker", "compose", "-f", "a.yml", "exec", "$X", "sh"],
    ]
