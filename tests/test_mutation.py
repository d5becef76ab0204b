"""The mutation check of benchmarks/mutation.py: a sample over own projects, and over a corpus where there is one."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures" / "mutation"
SCRIPT = HERE.parent / "benchmarks" / "mutation.py"
CORPUS = os.environ.get("VOLINT_CORPUS", "")


def load() -> Any:
    spec = spec_from_file_location("mutation", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault("mutation", module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


mutation = load()
TABLE = mutation.read_table(str(SCRIPT.with_suffix(".tsv")))


@pytest.fixture(scope="module")
def run() -> Any:
    return mutation.Run(str(FIXTURES))


def test_the_fixtures_are_clean_before_and_spoilt_after(run: Any) -> None:
    """One mutation of every rule."""
    chosen = {rule: run.choose(rule, 1) for rule in run.mutations}
    assert [rule for rule, seeds in chosen.items() if not seeds] == []
    assert [seed for (seed,) in chosen.values() if not run.is_clean(seed)] == []
    assert [seed for (seed,) in chosen.values() if not run.is_found(seed)] == []


def test_a_defect_that_is_none_is_missed(run: Any) -> None:
    run.mutations["VL204"].append({"in": "compose", "sub": ["17.2", "17.1"]})
    number = len(run.mutations["VL204"])
    assert not run.is_found(mutation.Seed("VL204", number, "shop/compose.yaml"))


def test_the_table_has_enough_of_every_rule(run: Any) -> None:
    assert TABLE.keys() == run.mutations.keys()
    for rule, seeds in TABLE.items():
        assert len({seed.file for seed in seeds}) >= mutation.WANTED, rule
        assert all(seed.mutation <= len(run.mutations[rule]) for seed in seeds), rule


@pytest.mark.skipif(not CORPUS, reason="VOLINT_CORPUS names no directory of repositories")
def test_a_sample_of_the_corpus() -> None:
    run = mutation.Run(CORPUS)
    sample = [seed for seeds in TABLE.values() for seed in seeds][::9]
    assert [seed for seed in sample if not run.is_clean(seed)] == []
    assert [seed for seed in sample if not run.is_found(seed)] == []
