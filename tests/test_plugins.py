"""Rule packs: how installed ones are found, and what is said of those that cannot be used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from realcommand import Run, distribution, pack, rule, tree, volint

from volint.plugins import PluginError, load_packs, table
from volint.rule import Level, Pack, Part, RuleEntry

COMPOSE = "services:\n  web:\n    image: nginx\n"
ENTRY = RuleEntry("QA1", "image-qa1", Level.WARNING, (Part.CONTAINERS,), "nowhere", "QA1")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of installed distributions that Python imports from."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def names(folder: Path) -> list[str]:
    return [f"{loaded.pack.name} of {loaded.distribution}" for loaded in load_packs([str(folder)])]


def test_packs_are_sorted_the_built_in_one_first(site: Path) -> None:
    distribution(site, "zz_one", pack("zz"))
    distribution(site, "aa_one", pack("aa"))
    distribution(site, "vl_like", pack("volint"))
    (site / "vl_like-1.0.dist-info").rename(site / "volint-1.0.dist-info")
    assert names(site) == ["volint of volint", "aa of aa-one", "zz of zz-one"]


def test_only_the_groups_own_section_counts(site: Path) -> None:
    distribution(site, "sections", pack("sections"))
    tree(
        site,
        {
            "sections-1.0.dist-info/entry_points.txt": (
                "[console_scripts]\nrun = nowhere:main\n\n"
                "# volint.rules\n[ volint.rules ]\n[volint.rules]\n; none = x:y\nsections = sections:pack\n"
                "\n[other]\nelse = nowhere:pack\n"
            )
        },
    )
    assert names(site) == ["sections of sections"]


def test_the_first_of_two_installs_counts(tmp_path: Path, site: Path) -> None:
    distribution(site, "twice", pack("first"))
    other = tmp_path / "other"
    distribution(other, "twice", pack("second"))
    (site / "leftover-2.egg-info").mkdir()
    found = load_packs([str(site), str(other), str(tmp_path / "missing")])
    assert [loaded.pack.name for loaded in found] == ["first"]


def test_no_pack_at_all(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"no rules are installed: .* install volint with pip"):
        load_packs([str(tmp_path)])


@pytest.mark.parametrize(
    ("module", "target", "said"),
    [
        ("import nothing_of_that_name", "pack", "ModuleNotFoundError: No module named"),
        ("raise RuntimeError('no licence')", "pack", "RuntimeError: no licence"),
        ("def pack(: pass", "pack", "SyntaxError"),
        ("x = 1", "pack", "AttributeError"),
        ("pack = 7", "pack", "TypeError"),
        ("def pack(): return 7", "pack", "gives a int, not a volint.api.Pack"),
        ("def pack(): return 7", "", "AttributeError"),
        ("raise SystemExit(3)", "pack", "SystemExit"),
    ],
)  # fmt: skip
def test_a_pack_that_cannot_be_loaded(site: Path, module: str, target: str, said: str) -> None:
    distribution(site, "broken", module, target)
    sys.modules.pop("broken", None)
    with pytest.raises(PluginError) as caught:
        load_packs([str(site)])
    assert said in str(caught.value)
    assert "uninstall" in str(caught.value)


def test_the_same_code_or_name_in_two_packs(site: Path) -> None:
    distribution(site, "one", pack("one", rule("QA1")))
    distribution(site, "two", pack("two", rule("QA1")))
    with pytest.raises(
        PluginError, match=r"rule QA1 \(image-qa1\) of 'two' is also defined by 'one'; rename"
    ):
        table(load_packs([str(site)]))


def test_the_same_name_under_another_code() -> None:
    from volint.plugins import LoadedPack

    other = ENTRY._replace(code="ZZ1")
    packs = [
        LoadedPack(Pack("one", "1", (ENTRY,)), "one"),
        LoadedPack(Pack("two", "1", (other,)), "two"),
    ]
    with pytest.raises(PluginError, match="is also defined by 'one'"):
        table(packs)


def test_rules_are_in_code_order(site: Path) -> None:
    distribution(site, "three", pack("three", rule("ZZ1"), rule("AA1")))
    distribution(site, "four", pack("four", rule("MM1")))
    assert list(table(load_packs([str(site)]))) == ["AA1", "MM1", "ZZ1"]


def test_the_built_in_pack_is_found_like_any_other() -> None:
    found = load_packs()
    assert found[0].pack.name == "volint"
    assert found[0].distribution == "volint"


# Through the command


def run(folder: Path, site: Path, *arguments: str) -> Run:
    tree(folder, {"compose.yaml": COMPOSE})
    return volint(folder, *arguments, env={"PYTHONPATH": str(site)})


def test_a_third_partys_rule_runs(tmp_path: Path) -> None:
    distribution(tmp_path / "site", "qa", pack("qa", rule("QA1")))
    done = run(tmp_path / "work", tmp_path / "site", "--select", "QA1", "--format", "json")
    assert done.places() == ["compose.yaml:3:12 QA1"]
    assert "pack: qa 1.0" in run(tmp_path / "work", tmp_path / "site", "rule", "QA1").out


BROKEN = (
    "error: entry point 'broken = broken:pack' of 'broken' cannot be loaded: ModuleNotFoundError: "
    "No module named 'nothing_of_that_name'; reinstall or uninstall 'broken'\n"
)


@pytest.mark.parametrize(
    ("words", "shown"), [(["check"], "QA1"), (["rules"], "VL101"), (["rule", "VL101"], "VL101")]
)
def test_a_broken_pack_costs_only_its_rules(tmp_path: Path, words: list[str], shown: str) -> None:
    distribution(tmp_path / "site", "broken", "import nothing_of_that_name")
    distribution(tmp_path / "site", "qa", pack("qa", rule("QA1")))
    done = run(tmp_path / "work", tmp_path / "site", *words)
    assert done.status == 2
    assert done.err.startswith(BROKEN)
    assert shown in done.out
    assert run(tmp_path / "work", tmp_path / "site", "mounts").status == 0


def test_a_broken_pack_is_in_what_programs_read(tmp_path: Path) -> None:
    distribution(tmp_path / "site", "broken", "import nothing_of_that_name")
    done = run(tmp_path / "work", tmp_path / "site", "--format", "json")
    [note] = done.json()["notifications"]
    assert (note["code"], note["level"]) == ("VL000", "error")
    assert f"error: {note['message']}\n" == BROKEN
    done = run(tmp_path / "work", tmp_path / "site", "--format", "sarif")
    [invocation] = done.json()["runs"][0]["invocations"]
    assert "nothing_of_that_name" in str(invocation["toolExecutionNotifications"])


def test_a_rule_may_be_unknown_because_its_pack_is_broken(tmp_path: Path) -> None:
    distribution(tmp_path / "site", "broken", "import nothing_of_that_name")
    done = run(tmp_path / "work", tmp_path / "site", "--select", "QA1")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(BROKEN + "error: --select: there is no rule 'QA1'")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (pack("qa", rule("VL102")), "the code 'VL102' is volint's own; give it letters of your own"),
        (pack("qa", rule("VL999")), "the code 'VL999' is volint's own"),
        (pack("qa", rule("Qa1")), "the code 'Qa1' is not capital letters and then digits"),
        (pack("qa", rule("QA1", name="'Image QA'")), "the name 'Image QA' is not small letters"),
        (pack("volint", rule("QA1")), "the name 'volint' is volint's own; rename the pack"),
        (
            "from volint.api import Pack\ndef pack(): return Pack('qa', '1', (), api=99)\n",
            "is written for version 99 of volint's interface, and this volint has 1; upgrade volint",
        ),
    ],
)  # fmt: skip
def test_a_pack_takes_nothing_that_is_volints_own(tmp_path: Path, module: str, said: str) -> None:
    distribution(tmp_path / "site", "qa", module)
    done = run(tmp_path / "work", tmp_path / "site", "--select", "VL102")
    assert done.status == 2
    assert said in done.err
    assert run(tmp_path / "work", tmp_path / "site", "rule", "VL102").out.startswith(
        "VL102 anonymous-volume"
    )


def test_sarif_names_the_pack(tmp_path: Path) -> None:
    distribution(tmp_path / "site", "qa", pack("qa", rule("QA1")))
    done = run(tmp_path / "work", tmp_path / "site", "--format", "sarif")
    packs = {
        item["id"]: item["properties"].get("pack")
        for item in done.json()["runs"][0]["tool"]["driver"]["rules"]
    }
    assert packs["QA1"] == "qa 1.0"
    assert packs["VL102"] is None


def test_two_packs_with_one_code(tmp_path: Path) -> None:
    for name in ("one", "two"):
        distribution(tmp_path / "site", name, pack(name, rule("QA1")))
    done = run(tmp_path / "work", tmp_path / "site")
    assert (done.status, done.out) == (2, "")
    assert "rule QA1 (image-qa1) of 'two' is also defined by 'one'" in done.err


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('secret-value')", "QA1 of 'qa' failed: ValueError in qa.py, line 8"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("yield 7", "yield what `self.finding(...)` returns"),
        ("yield self.finding(Span(project.sources[0], 5, 10**6), 'x')", "lies outside of its file"),
        ("yield self.finding('here', 'x')", "the place of a finding is str; give a span"),
        ("yield self.finding(Span(project.sources[0], 0, 1), 5)", "the message or help of a finding is no string"),
        ("yield self.finding(Span(project.sources[0], 0, 1), 'x', fix='y')", "the fix of a finding is str; make it a `Fix`"),
        ("return 1 / 0", "ZeroDivisionError in qa.py"),
        ("self.check(project).send(None) if False else (_ for _ in ()).throw(SystemExit(5))", "SystemExit"),
    ],
)  # fmt: skip
def test_a_rule_that_raises_costs_only_itself(tmp_path: Path, body: str, said: str) -> None:
    distribution(tmp_path / "site", "qa", pack("qa", rule("QA1", body), rule("QA2")))
    done = run(tmp_path / "work", tmp_path / "site", "--select", "QA", "--format", "json")
    assert done.status == 2
    assert "QA2" in done.codes()
    [failure] = [found for found in done.json()["findings"] if found["code"] == "VL000"]
    assert said in failure["message"]
    assert "leave it out with --ignore QA1" in failure["help"]
    assert "secret-value" not in done.out + done.err
    assert (
        run(tmp_path / "work", tmp_path / "site", "--select", "QA", "--ignore", "QA1", "-q").status
        == 1
    )


@pytest.mark.parametrize("arguments", [("--format", "sarif"), ("--format", "json")])
def test_a_rule_that_cannot_be_loaded(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    module = (
        "from volint.api import Level, Pack, Part, RuleEntry\n"
        "def pack():\n"
        "    return Pack('qa', '1', (RuleEntry('QA1', 'gone', Level.NOTE, (Part.CONTAINERS,), 'not_there', 'X'),))\n"
    )
    distribution(tmp_path / "site", "qa", module)
    done = run(tmp_path / "work", tmp_path / "site", "--select", "QA1", *arguments)
    assert done.status == 2
    assert "QA1 of 'qa' failed: ModuleNotFoundError: No module named 'not_there'" in done.out
    listed = run(tmp_path / "work", tmp_path / "site", "rules")
    assert "This rule cannot be loaded: ModuleNotFoundError" in listed.out
    assert "VL101" in listed.out
    tree(tmp_path / "work", {"volint.yaml": "rules: {QA1: {limit: 3}}\n"})
    done = run(tmp_path / "work", tmp_path / "site", *arguments)
    assert (done.status, done.out) == (2, "")
    assert "QA1 has options set and cannot be loaded" in done.err
