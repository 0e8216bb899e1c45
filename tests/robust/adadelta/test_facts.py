"""What the table of facts says beyond names and defaults, found by experiment."""

import pytest

from tests.fixtures import resolve


def test_the_rate_only_scales_the_step(adapter, d2l, facts):
    ends = []
    for rate in (1.0, 0.5):
        p = adapter.parameter([0.0])
        adapter.built_in(resolve(facts["optimizer"]), p, **{facts["lr"]: rate})([1.0])
        ends.append(d2l.numpy(p).item())
    assert ends[1] == pytest.approx(ends[0] / 2)
