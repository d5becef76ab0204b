"""The language server as an editor meets it: the real process, and a client that knows the protocol."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from realcommand import environment, tree, volint

pytest.importorskip("pygls.lsp.server", reason="needs the extra volint[lsp]")
pytest.importorskip("pytest_lsp", reason="needs pytest-lsp")

from lspclient import Editor
from lsprotocol import types

from volint.lsp.bench import Bench
from volint.lsp.documents import Document, path_of
from volint.lsp.positions import Positions
from volint.lsp.run import Cancelled, Run
from volint.lsp.settings import ClientSettings, read_settings
from volint.source import Source

PROJECTS = Path(__file__).parent / "fixtures" / "projects"
COMPOSE = """\
services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf
      - /srv/uploads
"""


def run(scenario: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 120))


def shown(diagnostics: list[types.Diagnostic]) -> list[str]:
    return sorted(
        f"{each.range.start.line + 1}:{each.range.start.character + 1} {each.code}"
        for each in diagnostics
    )


def test_an_editor_shows_what_the_command_line_finds(tmp_path: Path) -> None:
    names = sorted(path.name for path in PROJECTS.iterdir() if path.is_dir())[:8]
    folders = [tmp_path / name for name in names]
    for folder in folders:
        shutil.copytree(PROJECTS / folder.name, folder)

    async def scenario() -> None:
        async with Editor(*folders) as editor:
            for folder in folders:
                compose = next(
                    path for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".yml")
                )
                await editor.actions(editor.open(compose), 0)
                found = volint(folder, "--format", "json").json()["findings"]
                expected: dict[str, list[str]] = {}
                for each in found:
                    places = expected.setdefault((folder / each["file"]).as_uri(), [])
                    places.append(f"{each['line']}:{each['column']} {each['code']}")
                actual = {
                    uri: shown(diagnostics)
                    for uri, diagnostics in editor.client.diagnostics.items()
                    if uri.startswith(folder.as_uri() + "/") and diagnostics
                }
                assert actual == {uri: sorted(places) for uri, places in expected.items()}
            assert any(editor.client.diagnostics.values())

    run(scenario())


def test_findings_follow_what_is_typed(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE, "nginx.conf": "", "more.yaml": "services: {}\n"})
    path = tmp_path / "compose.yaml"

    async def scenario() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(path)
            assert await editor.codes(uri) == ["VL204", "VL102"]
            diagnostic = editor.client.diagnostics[uri][0]
            assert diagnostic.source == "volint"
            assert diagnostic.severity is types.DiagnosticSeverity.Information
            assert editor.client.diagnostics[uri][1].severity is types.DiagnosticSeverity.Warning
            assert diagnostic.message.startswith("'./nginx.conf' is configuration")
            assert "\nhelp: " in diagnostic.message
            assert diagnostic.code_description is not None
            assert diagnostic.code_description.href.endswith("/docs/rules/VL204.md")
            editor.type(uri, COMPOSE.replace("nginx.conf\n", "nginx.conf:ro\n"))
            assert await editor.codes(uri) == ["VL102"]
            # A text that does not parse is what the command line would say, too.
            editor.type(uri, COMPOSE + "  : [\n")
            assert await editor.codes(uri) == ["VL001"]
            editor.type(uri, COMPOSE)
            assert await editor.codes(uri) == ["VL204", "VL102"]
            # What was not saved is forgotten with the document.
            editor.type(uri, "services: {}\n")
            assert await editor.codes(uri) == []
            other = editor.open(tmp_path / "more.yaml")
            editor.close(uri)
            assert await editor.codes(other, path) == ["VL204", "VL102"]

    run(scenario())


def test_other_files_show_what_a_change_does_to_them(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  web:\n    image: nginx:1.27\n    volumes: [html:/usr/share/nginx/html:ro]\n"
            "volumes:\n  html:\n",
            "compose.override.yaml": "services:\n  web:\n    volumes: [cache:/var/cache/nginx]\nvolumes:\n  cache:\n",
        },
    )
    base, override = tmp_path / "compose.yaml", tmp_path / "compose.override.yaml"

    async def scenario() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(override)
            assert await editor.codes(uri, base) == []
            editor.type(uri, "services:\n  web:\n    volumes: !reset []\n")
            assert await editor.codes(uri, base) == ["VL106"]
            (unused,) = editor.client.diagnostics[base.as_uri()]
            assert list(unused.tags or ()) == [types.DiagnosticTag.Unnecessary]
            assert unused.severity is types.DiagnosticSeverity.Information
            editor.type(uri, override.read_text())
            assert await editor.codes(uri, base) == []

    run(scenario())


def test_the_disk_is_looked_at_again_when_it_changes(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE, "nginx.conf": ""})

    async def scenario() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(tmp_path / "compose.yaml")
            assert await editor.codes(uri) == ["VL204", "VL102"]
            (tmp_path / "volint.yaml").write_text("ignore: [VL102]\n")
            editor.changed_on_disk(tmp_path / "volint.yaml")
            assert await editor.codes(uri) == ["VL204"]
            (tmp_path / "volint.yaml").write_text("ignore:\n  - VL999\n")
            editor.changed_on_disk(tmp_path / "volint.yaml")
            assert await editor.codes(uri) == []
            (mistake,) = editor.client.diagnostics[(tmp_path / "volint.yaml").as_uri()]
            assert "there is no rule 'VL999'" in mistake.message
            assert (mistake.range.start.line, mistake.range.start.character) == (1, 4)
            assert any("there is no rule 'VL999'" in text for text in editor.messages())
            (tmp_path / "volint.yaml").unlink()
            editor.changed_on_disk(tmp_path / "volint.yaml")
            assert await editor.codes(uri) == ["VL204", "VL102"]
            assert not editor.client.diagnostics[(tmp_path / "volint.yaml").as_uri()]
            # Nobody says so here; a saved file is an occasion to look.
            (tmp_path / "volint.yaml").write_text("ignore: [VL204]\n")
            editor.type(uri, COMPOSE.replace("  web:", "  web:  # the proxy"))
            editor.save(uri)
            assert await editor.codes(uri) == ["VL102"]

    run(scenario())


def test_places_count_as_the_client_counts(tmp_path: Path) -> None:
    text = 'services:\n  web:\n    image: nginx:1.27\n    volumes: ["logs:/😀é", "/srv/😀"]\nvolumes: {logs: }\n'
    tree(tmp_path, {"compose.yaml": text})
    line = text.split("\n")[3]
    start = line.index("/srv")

    async def scenario(encoding: str, units: int) -> None:
        async with Editor(tmp_path, encodings=[encoding]) as editor:
            assert editor.server.capabilities.position_encoding == encoding
            uri = editor.open(tmp_path / "compose.yaml")
            (found,) = await editor.diagnostics(uri)
            first, width = len(line[:start].encode(encoding)), len("/srv/😀".encode(encoding))
            assert found.range.start == types.Position(3, first // units)
            assert found.range.end == types.Position(3, (first + width) // units)
            assert "anonymous" in await editor.hover(uri, 3, first // units + 2)

    run(scenario("utf-8", 1))

    async def sixteen() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(tmp_path / "compose.yaml")
            (found,) = await editor.diagnostics(uri)
            assert found.range.start.character == len(line[:start].encode("utf-16-le")) // 2
            assert found.range.end.character == found.range.start.character + 7
            # With carriage returns, and a byte order mark that the client keeps.
            crlf = "\ufeff" + text.replace("\n", "\r\n")
            editor.type(uri, crlf)
            (again,) = await editor.diagnostics(uri)
            assert again.range == found.range
            action = await editor.action(uri, 3, "ignore it here")
            assert editor.apply(action.edit)[uri] == crlf.replace(
                "    volumes: [", "    # volint: ignore[VL102] <reason>\r\n    volumes: ["
            )
            flat = '\ufeffservices: {web: {image: "nginx:1.27", volumes: [/srv/x]}}\n'
            editor.type(uri, flat)
            (first,) = await editor.diagnostics(uri)
            assert first.range.start == types.Position(0, flat.index("/srv"))
            assert "anonymous" in await editor.hover(uri, 0, flat.index("]") - 1)

    run(sixteen())


def test_texts_that_are_in_no_file(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": "services: {}\n"})
    outside = tmp_path / "elsewhere"
    root = tmp_path / "root"
    tree(root, {"compose.yaml": "services: {}\n"})
    tree(outside, {"Dockerfile": "FROM alpine\nVOLUME /proc/x\n"})

    async def scenario() -> None:
        async with Editor(root) as editor:
            untitled = editor.open("untitled:Untitled-1", COMPOSE)
            assert await editor.hover(untitled, 4, 10) == ""
            editor.type(untitled, COMPOSE + "\n")
            await editor.actions(untitled, 0)
            new = editor.open(root / "sub" / "compose.yaml", COMPOSE)
            assert "VL102" in await editor.codes(new)
            editor.type(new, "services: {}\n")
            assert await editor.codes(new) == []
            # A file outside of all folders is looked at by itself.
            alone = editor.open(outside / "Dockerfile", language="dockerfile")
            assert await editor.codes(alone) == ["VL409"]
            script = editor.open(
                outside / "new.sh", "docker run -d --name web -v /srv/x nginx\n", "shellscript"
            )
            assert await editor.codes(script) == ["VL102"]
            editor.close(alone)
            assert await editor.codes(script) == ["VL102"]
            assert not editor.client.diagnostics[alone]
            assert untitled not in editor.client.diagnostics
            assert await editor.hover((root / "nothing.yaml").as_uri(), 0, 0) == ""
            assert await editor.actions(new, 99) == []

    run(scenario())


def test_each_folder_has_its_own_configuration(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    tree(one, {"compose.yaml": COMPOSE, "nginx.conf": ""})
    tree(two, {"compose.yaml": COMPOSE, "nginx.conf": "", "volint.yaml": "ignore: [VL204]\n"})

    async def scenario() -> None:
        async with Editor(one) as editor:
            first = editor.open(one / "compose.yaml")
            assert await editor.codes(first) == ["VL204", "VL102"]
            folder = types.WorkspaceFolder(two.as_uri(), "two")
            change = types.WorkspaceFoldersChangeEvent([folder], [])
            editor.client.workspace_did_change_workspace_folders(
                types.DidChangeWorkspaceFoldersParams(change)
            )
            second = editor.open(two / "compose.yaml")
            assert await editor.codes(second) == ["VL102"]
            editor.close(second)
            await editor.actions(first, 0)
            change = types.WorkspaceFoldersChangeEvent([], [folder])
            editor.client.workspace_did_change_workspace_folders(
                types.DidChangeWorkspaceFoldersParams(change)
            )
            assert await editor.codes(first) == ["VL204", "VL102"]
            assert not editor.client.diagnostics[second]

    run(scenario())


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_a_folder_that_is_opened_through_a_link(tmp_path: Path) -> None:
    text = "services: {web: {image: 'nginx:1.27', volumes: [/srv/x]}}\n"
    tree(tmp_path / "real", {"a/compose.yaml": text, "b/compose.yaml": text})
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")

    async def scenario() -> None:
        async with Editor(link) as editor:
            uri = editor.open(link / "a" / "compose.yaml")
            other = link / "b" / "compose.yaml"
            assert await editor.codes(uri) == await editor.codes(uri, other) == ["VL102"]
            assert editor.client.diagnostics.keys() == {uri, other.as_uri()}
            assert "read-write" in await editor.hover(uri, 0, text.index("/srv"))

    run(scenario())


def test_settings_of_the_client(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE, "nginx.conf": ""})
    path = tmp_path / "compose.yaml"
    tree(tmp_path / "b", {"compose.yaml": COMPOSE})

    async def scenario() -> None:
        options = {"volint": {"select": ["VL102"], "ignoreReason": "ask the operators"}}
        async with Editor(tmp_path, options=options, settings={"openFilesOnly": True}) as editor:
            uri = editor.open(path)
            assert await editor.codes(uri) == ["VL102"]
            # The settings are asked for while the first check may run: what it said of closed files is taken back.
            other = (tmp_path / "b/compose.yaml").as_uri()
            for _ in range(50):
                if not editor.client.diagnostics.get(other):
                    break
                await asyncio.sleep(0.02)
            assert not editor.client.diagnostics.get(other)
            action = await editor.action(uri, 5, "ignore it here")
            assert "# volint: ignore[VL102] ask the operators\n" in editor.apply(action.edit)[uri]
            for settings, message in (
                ({"personna": "auditor"}, "no setting 'volint.personna'; did you mean 'persona'?"),
                ({"select": "VL102"}, "'volint.select' is no list of strings"),
                ({"args": ["--fix"]}, "'fix' is not for editors"),
                ({"args": ["--nothing"]}, "there is no option"),
                ({"persona": "boss"}, "'boss' is not one of"),
            ):
                editor.client.set_configuration({"volint": settings})
                editor.client.workspace_did_change_configuration(
                    types.DidChangeConfigurationParams(None)
                )
                # The answer to this comes after the server has asked for the settings.
                for _ in range(50):
                    await editor.actions(uri, 0)
                    if any(message in text for text in editor.messages()):
                        break
                    await asyncio.sleep(0.02)
                assert any(message in text for text in editor.messages()), message
            editor.client.set_configuration(
                {"volint": {"args": ["--select", "VL204"], "select": []}}
            )
            editor.client.workspace_did_change_configuration(
                types.DidChangeConfigurationParams(None)
            )
            for _ in range(50):
                if await editor.codes(uri) == ["VL204"]:
                    break
                await asyncio.sleep(0.02)
            assert await editor.codes(uri) == ["VL204"]

    run(scenario())


def test_quick_fixes(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE, "nginx.conf": ""})
    path = tmp_path / "compose.yaml"

    async def scenario() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(path)
            await editor.codes(uri)
            assert [each.title for each in await editor.actions(uri, 0, "quickfix")] == []
            fixes = await editor.actions(uri, 4, "quickfix")
            assert [each.title for each in fixes] == [
                "VL204: mount it read-only",
                "VL204: ignore it here ('volint: ignore[VL204] <reason>')",
            ]
            assert [each.is_preferred for each in fixes] == [True, False]
            assert list(fixes[0].diagnostics or ()) == [editor.client.diagnostics[uri][0]]
            assert await editor.client.code_action_resolve_async(fixes[0]) == fixes[0]
            assert not editor.messages()
            changed = editor.apply(fixes[0].edit)[uri]
            assert changed == COMPOSE.replace("nginx.conf\n", "nginx.conf:ro\n")
            editor.type(uri, changed)
            assert await editor.codes(uri) == ["VL102"]
            unsafe = await editor.action(uri, 5, "unsafe")
            assert unsafe.is_preferred is False
            editor.type(uri, editor.apply(unsafe.edit)[uri])
            assert await editor.codes(uri) == []

    run(scenario())


def test_a_fix_that_makes_a_file(tmp_path: Path) -> None:
    tree(tmp_path, {"Dockerfile": "FROM alpine\nCOPY . /app\n", ".git/HEAD": "", "a.txt": ""})

    async def scenario(*, creates: bool) -> None:
        async with Editor(tmp_path, creates=creates) as editor:
            uri = editor.open(tmp_path / "Dockerfile", language="dockerfile")
            assert await editor.codes(uri) == ["VL403"]
            fixes = [
                each for each in await editor.actions(uri, 1, "quickfix") if each.edit is not None
            ]
            assert bool(fixes) is creates
            if fixes:
                made = editor.apply(fixes[0].edit)
                assert made.keys() == {(tmp_path / ".dockerignore").as_uri()}
                assert ".git" in made[(tmp_path / ".dockerignore").as_uri()]

    run(scenario(creates=True))
    run(scenario(creates=False))


def test_all_safe_fixes_are_those_of_the_command_line(tmp_path: Path) -> None:
    shutil.copytree(PROJECTS / "shop", tmp_path / "editor")
    shutil.copytree(PROJECTS / "shop", tmp_path / "shell")
    volint(tmp_path / "shell", "--fix", "-q")
    expected = (tmp_path / "shell/compose.yaml").read_text()
    assert expected != (tmp_path / "editor/compose.yaml").read_text()

    async def scenario(*, resolves: bool) -> None:
        async with Editor(tmp_path / "editor", resolves=resolves) as editor:
            uri = editor.open(tmp_path / "editor/compose.yaml")
            await editor.codes(uri)
            for only in ("source.fixAll.volint", "source.fixAll", "source"):
                (action,) = await editor.actions(uri, 0, only)
                assert action.kind == "source.fixAll.volint"
                assert (action.edit is None) is resolves
            if resolves:
                action = await editor.client.code_action_resolve_async(action)
            assert editor.apply(action.edit) == {uri: expected}
            editor.type(uri, expected)
            assert await editor.actions(uri, 0, "source.fixAll") == []
            assert await editor.actions(uri, 0, "refactor") == []

    run(scenario(resolves=True))
    run(scenario(resolves=False))


def test_ignore_comments(tmp_path: Path) -> None:
    script = "docker run -d \\\n  --name web \\\n  -v /srv/x \\\n  nginx\n"
    tree(
        tmp_path, {"run.sh": script, "broken.yaml": "services:\n  a: [\n", "compose.yaml": COMPOSE}
    )

    async def scenario() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(tmp_path / "run.sh", language="shellscript")
            assert await editor.codes(uri) == ["VL102"]
            action = await editor.action(uri, 2, "ignore it here")
            # Not between lines that the shell joins.
            assert editor.apply(action.edit)[uri] == f"# volint: ignore[VL102] <reason>\n{script}"
            editor.type(uri, editor.apply(action.edit)[uri])
            assert await editor.codes(uri) == []
            # An action for a text that has changed since comes to nothing.
            again = editor.open(tmp_path / "compose.yaml")
            (stale,) = [
                each
                for each in await editor.actions(again, 5, "quickfix")
                if "ignore" in each.title
            ]
            editor.type(again, "# more\n" + COMPOSE)
            resolved = await editor.client.code_action_resolve_async(stale)
            assert resolved.edit is None
            assert any("no comment can hide VL102" in text for text in editor.messages())
            # What cannot be read is to be mended.
            broken = editor.open(tmp_path / "compose.yaml.dist", "x")
            assert await editor.actions(broken, 0) == []
            editor.type(again, COMPOSE + "  : [\n")
            (unread,) = await editor.diagnostics(again)
            assert unread.code == "VL001"
            assert await editor.actions(again, unread.range.start.line, "quickfix") == []

    run(scenario())


SECRETS = """\
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: gT5pLx9qRw2ZkV8n
    secrets: [pw]
    volumes:
      - data:/var/lib/postgresql/data
      - nas:/backup:ro
  backup:
    image: alpine
    volumes: ["data:/from:ro"]
secrets:
  pw: {file: ./pw.txt}
volumes:
  data: {name: the-data}
  nas:
    driver_opts: {type: cifs, device: "//nas/x", o: "username=u,password=gT5pLx9qRw2ZkV8n"}
"""


def test_hover(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": SECRETS, "pw.txt": "", "compose.prod.yaml": "services: {}\n"})
    lines = SECRETS.split("\n")

    async def scenario() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(tmp_path / "compose.yaml")

            async def below(word: str, nth: int = 0) -> str:
                places = [number for number, line in enumerate(lines) if word in line]
                line = places[nth]
                return await editor.hover(uri, line, lines[line].index(word) + 1)

            mount = await below("data:/var")
            assert "**volume `data` → `/var/lib/postgresql/data`**, read-write" in mount
            assert "- Docker knows it as `the-data`" in mount
            assert "declared at compose.yaml:16" in mount
            assert "in `db`" in mount
            assert "Used as well by:\n- `backup` at `/from`, read-only" in mount
            volume = await below("data: {")
            assert volume.startswith("**volume `data`**")
            assert "- `db` at `/var/lib/postgresql/data`, read-write" in volume
            secret = await below("pw: {")
            assert f"from the file `{tmp_path / 'pw.txt'}`" in secret
            assert "- `db` at `/run/secrets/pw`, read-only" in secret
            assert "**secret `pw` → `/run/secrets/pw`**" in await below("pw]")
            service = await below("db:")
            assert service.startswith("**`db`** mounts in project")
            assert "- volume `nas` → `/backup`, read-only" in service
            options = await below("nas:")
            assert "type=cifs" in options
            assert "o=username=u,password=***" in options
            page = await below("POSTGRES_PASSWORD")
            assert page.startswith("# VL302 secret-in-environment")
            assert "docs/rules/VL302.md" in page
            assert await below("services:") == ""
            everything = [mount, volume, secret, service, options, page]
            everything += [each.message for each in editor.client.diagnostics[uri]]
            assert not any("gT5p" in text for text in everything)

    run(scenario())


def test_related_places(tmp_path: Path) -> None:
    text = COMPOSE.replace("/srv/uploads", "./b:/etc/nginx/nginx.conf:ro")
    tree(tmp_path, {"compose.yaml": text, "nginx.conf": "", "b": ""})

    async def scenario() -> None:
        async with Editor(tmp_path, options={"select": ["VL602"]}) as editor:
            uri = editor.open(tmp_path / "compose.yaml")
            (found,) = await editor.diagnostics(uri)
            assert found.related_information is not None
            assert {each.location.uri for each in found.related_information} == {uri}
            lines = {each.location.range.start.line for each in found.related_information}
            assert found.range.start.line not in lines

    run(scenario())


def test_a_text_that_is_too_long(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE, "volint.yaml": "max-file-size: 1000\n"})

    async def scenario() -> None:
        async with Editor(tmp_path) as editor:
            uri = editor.open(tmp_path / "compose.yaml")
            assert "VL102" in await editor.codes(uri)
            editor.type(uri, COMPOSE + "#" * 1000)
            assert await editor.codes(uri) == ["VL001"]

    run(scenario())


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of POSIX")
def test_ctrl_c_on_a_terminal() -> None:
    import pty

    main, other = pty.openpty()
    command = [sys.executable, "-m", "volint", "lsp"]
    with subprocess.Popen(
        command, stdin=other, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    ) as server:
        assert server.stderr is not None
        assert b"an editor starts this" in server.stderr.readline()
        time.sleep(1)
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 130
    os.close(main)
    os.close(other)


def test_a_client_that_goes_away(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "volint", "lsp", "--stdio"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_without_the_extra(tmp_path: Path) -> None:
    code = "import sys; sys.modules['pygls'] = None; from volint.cli import main; main(['lsp'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'volint[lsp]'" in done.stderr


# Checks, without an editor


class Host:
    """Who a bench works for, with the documents that are open."""

    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(1)
        self.documents: list[Document] = []
        self.seen: list[set[str] | None] = []

    def documents_of(self, bench: Bench) -> list[Document]:
        return self.documents

    def options(self, bench: Bench) -> dict[str, Any]:
        return {"persona": "auditor"}

    def progress_of(self, bench: Bench) -> None:
        return None

    def show(self, bench: Bench, files: Collection[str] | None) -> None:
        self.seen.append(None if files is None else {Path(file).parent.name for file in files})

    def ended(self, error: BaseException | None) -> None:
        if error is not None:
            raise error

    def type(self, path: Path, text: str) -> None:
        self.documents = [Document(path.as_uri(), str(path), str(path), text, 1)]


def one_per_folder(root: Path, number: int) -> list[Path]:
    """Make a compose file in each of some folders, with a finding in each."""
    text = "services:\n  web:\n    image: nginx:1.27\n    volumes: [/srv/x]\n"
    tree(root, {f"p{index}/compose.yaml": text for index in range(number)})
    return [root / f"p{index}" / "compose.yaml" for index in range(number)]


def test_a_big_folder_is_looked_at_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("volint.lsp.bench._LONG", 0.0)
    monkeypatch.setattr("volint.lsp.bench._QUIET", 0.05)
    paths = one_per_folder(tmp_path, 5)

    async def scenario() -> None:
        host = Host()
        bench = Bench(host, str(tmp_path))
        bench.changed(None)
        await bench.settled()
        assert bench.full is not None
        assert len(bench.full.findings) == 5
        host.type(paths[3], "services: {}\n")
        bench.changed(str(paths[3]))
        await bench.settled()
        # Its own project at once, without its neighbours.
        assert host.seen == [None, {"p3"}]
        narrow = bench.snapshot(str(paths[3]))
        assert narrow is not None
        assert narrow is not bench.full
        assert narrow.findings == {}
        assert bench.snapshot(str(paths[1])) is bench.full
        # Everything when it is quiet.
        for _ in range(200):
            if len(host.seen) == 3:
                break
            await asyncio.sleep(0.02)
        assert host.seen[2] is None
        assert bench.snapshot(str(paths[3])) is bench.full
        assert len(bench.full.findings) == 4
        bench.close()

    run(scenario())


def test_a_change_calls_off_the_check_that_runs(tmp_path: Path) -> None:
    paths = one_per_folder(tmp_path, 40)

    async def scenario() -> None:
        host = Host()
        bench = Bench(host, str(tmp_path))
        for number in range(6):
            host.type(paths[0], f"services: {{}}\n# {number}\n")
            bench.changed(str(paths[0]), delay=0)
            await asyncio.sleep(0.02)
        await bench.settled()
        # Changes came faster than a check takes: not each is checked, and the last is what is seen.
        assert set(host.seen) == {None}
        assert len(host.seen) < 6
        snapshot = bench.snapshot(str(paths[0]))
        assert snapshot is not None
        assert snapshot.sources[str(paths[0])].text.endswith("# 5\n")
        assert len(snapshot.findings) == 39

    run(scenario())


def test_a_run_ends_where_it_is_called_off(tmp_path: Path) -> None:
    one_per_folder(tmp_path, 3)
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        Run({"paths": (".",)}, str(tmp_path)).start({}, stop).check()


NEOVIM = """\
local out = {}
local function say(word) table.insert(out, word) end
local function codes()
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do table.insert(found, each.code or each.user_data.lsp.code) end
  table.sort(found)
  return table.concat(found, " ")
end
local function until_codes(wanted)
  vim.wait(30000, function() return codes() == wanted end, 20)
  say(codes())
end
local function choose(line, words)
  vim.api.nvim_win_set_cursor(0, { line, 10 })
  vim.ui.select = function(items, _, chosen)
    for number, item in ipairs(items) do
      local action = item.action or item[2]
      if action.title:find(words, 1, true) then chosen(item, number) end
    end
  end
  vim.lsp.buf.code_action()
end
until_codes("VL102 VL204")
vim.api.nvim_win_set_cursor(0, { 5, 12 })
local client = (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1]
local position = vim.lsp.util.make_position_params(0, client.offset_encoding)
local answers = vim.lsp.buf_request_sync(0, "textDocument/hover", position, 20000)
for _, answer in pairs(answers or {}) do say(vim.split(answer.result.contents.value, "\\n")[1]) end
choose(5, "mount it read-only")
until_codes("VL102")
choose(6, "ignore it here")
until_codes("")
vim.cmd("write")
vim.fn.writefile(out, vim.env.VOLINT_OUT)
vim.cmd("qa!")
"""


def page() -> str:
    return (Path(__file__).parent.parent / "docs" / "editors.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the blocks of code of docs/editors.md in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page(), re.M | re.S)


def test_the_page_about_editors() -> None:
    (code,) = blocks("json")
    settings = json.loads(code)
    command = [settings["glspc.server.command"], *settings["glspc.server.commandArguments"]]
    assert command == ["volint", "lsp"]
    assert read_settings(settings["glspc.server.initializationOptions"])[1] == []
    (code,) = blocks("toml")
    for line in ('command = "volint"', 'args = ["lsp"]'):
        assert line in code
    table = re.findall(r"^\| (`.*?) \|", page(), re.M)
    named = [name for row in table for name in re.findall(r"`(\w+)`", row)]
    (message,) = read_settings({"": 1})[1]
    assert sorted(named) == sorted(re.findall(r"\w+", message.partition("there are")[2]))


@pytest.mark.skipif(shutil.which("nvim") is None, reason="needs Neovim")
def test_neovim(tmp_path: Path) -> None:
    version = subprocess.run(["nvim", "--version"], capture_output=True, text=True, check=True)
    new, old = blocks("lua")
    found = re.search(r"v0\.(\d+)", version.stdout)
    setup = old if found and int(found[1]) < 11 else new
    files = {"compose.yaml": COMPOSE, "nginx.conf": "", ".git/HEAD": ""}
    tree(tmp_path, {**files, "init.lua": setup, "try.lua": NEOVIM})
    options = ["--headless", "-u", "init.lua", "-i", "NONE", "-n"]
    subprocess.run(
        ["nvim", *options, "compose.yaml", "-c", "luafile try.lua"],
        cwd=tmp_path,
        env=environment(
            {
                "HOME": str(tmp_path / "home"),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "VOLINT_OUT": str(tmp_path / "out.txt"),
            }
        ),
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert (tmp_path / "out.txt").read_text().splitlines() == [
        "VL102 VL204",
        "**bind `./nginx.conf` → `/etc/nginx/nginx.conf`**, read-write",
        "VL102",
        "",
    ]
    assert (tmp_path / "compose.yaml").read_text() == COMPOSE.replace(
        "nginx.conf\n      -", "nginx.conf:ro\n      # volint: ignore[VL102] <reason>\n      -"
    )


# Its parts


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_positions(encoding: str, column: int) -> None:
    source = Source("a", "x\r\né😀z\rlast", file="/a")
    positions = Positions(encoding)
    assert positions.position(source, 5) == types.Position(1, column)
    assert positions.offset(source, types.Position(1, column)) == 5
    assert positions.position(source, 7) == types.Position(2, 0)
    assert positions.offset(source, types.Position(1, 99)) == 6
    assert positions.offset(source, types.Position(0, 99)) == 1
    assert positions.offset(source, types.Position(9, 0)) == len(source.text)
    for offset in (0, 3, 4, 5, 6, 7, len(source.text)):
        assert positions.offset(source, positions.position(source, offset)) == offset
    marked = Positions(encoding, {"/a"})
    assert marked.offset(source, marked.position(source, 1)) == 1
    assert marked.position(source, 0).character > 0
    assert marked.position(source, 5) == types.Position(1, column)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.yaml", "/a/b c.yaml"),
        ("file:///a/../b.yaml", "/b.yaml"),
        ("untitled:Untitled-1", None),
        ("git:/a/compose.yaml?ref", None),
        ("vscode-notebook-cell:/a#x", None),
        ("", None),
        ("file://[", None),
    ],
)
def test_what_file_a_uri_stands_for(uri: str, path: str | None) -> None:
    assert path_of(uri) == path


def test_settings_are_options_of_the_command_line() -> None:
    settings, wrong = read_settings(
        {"persona": "pedantic", "ignore": ["VL102"], "args": ["--cwd", "x"]},
        {"volint": {"persona": "auditor", "config": None, "openFilesOnly": True}},
    )
    assert not wrong
    assert settings.args == ("--persona", "auditor", "--ignore", "VL102", "--cwd", "x")
    assert (settings.open_files_only, settings.ignore_reason) == (True, "<reason>")
    assert read_settings(None, [], 3) == (ClientSettings(), [])
    for given in ({"persona": 3}, {"openFilesOnly": "yes"}, {"ignoreReason": "a -- b"}, {"x": 1}):
        settings, wrong = read_settings(given)
        assert settings == ClientSettings()
        assert len(wrong) == 1
        assert next(iter(given)) in wrong[0]


SLOW = """\
import time
from volint.api import Rule

class Slow(Rule):
    \"\"\"Takes its time.\"\"\"

    code = "SLOW1"
    name = "slow"

    def check(self, project):
        time.sleep(0.4)
        return ()
"""


@pytest.mark.parametrize("shows", [True, False])
def test_a_long_first_check_says_how_far_it_is(tmp_path: Path, shows: bool) -> None:
    here = tree(
        tmp_path,
        {"slow.py": SLOW, **{f"{name}/compose.yaml": COMPOSE for name in "abcde"}},
    )

    async def scenario() -> None:
        settings = {"args": ["--rules", str(here / "slow.py")]}
        editor = Editor(here, options={"volint": settings}, settings=settings, progress=shows)
        async with editor:
            uri = editor.open(here / "a/compose.yaml")
            await editor.codes(uri)
            for _ in range(400):
                kinds = [report.kind for report in editor.progress()]
                if (kinds and kinds[-1] == "end") or not shows:
                    break
                await asyncio.sleep(0.02)
            if not shows:
                assert editor.progress() == []
                return
            assert kinds[0] == "begin"
            assert kinds[-1] == "end"
            begin = editor.progress()[0]
            assert begin.title == f"volint: {here.name}"
            assert re.match(r"checking project \d of 5: ", begin.message)
            editor.type(uri, COMPOSE + "# more\n")
            await editor.codes(uri)
            assert len([each for each in editor.progress() if each.kind == "begin"]) == 1

    asyncio.run(scenario())
