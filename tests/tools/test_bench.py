"""The tables of speed are made of the measurements, and by nothing else."""

import json

import pytest

from tools import bench_tables
from weave.lessons import ROOT


@pytest.fixture(scope="module")
def report():
    if not (ROOT / "docs" / "bench.json").exists():
        pytest.skip("nothing was measured yet: make bench")
    return json.loads((ROOT / "docs" / "bench.json").read_text("utf-8"))


@pytest.mark.parametrize("readme", bench_tables.WORDS)
def test_the_table_of_a_readme_is_what_was_measured(report, readme):
    text = (ROOT / readme).read_text("utf-8")
    table = text.split("<!-- bench -->\n")[1].split("<!-- end bench -->")[0]
    assert table == bench_tables.short_table(report, readme)


def test_the_long_tables_are_what_was_measured(report):
    text, _ = bench_tables.tables(report)
    assert (ROOT / "docs" / "bench.md").read_text("utf-8") == text


def test_a_target_that_is_missed_is_named(report):
    measured = report["frameworks"]["pytorch"]
    sides = {"ours": [1.0], "d2l": [2.0], "d2l, our versions": [90.0]}
    slow = {**measured["calls"], "train_ch11, same rule": sides}
    frameworks = {"pytorch": {**measured, "calls": slow}}
    _, missed = bench_tables.tables({**report, "frameworks": frameworks})
    assert "PyTorch, train_ch11, same rule: 2.00 instead of 12" in missed
