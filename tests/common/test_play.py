"""Sliders move what the caller declares, and nothing of the notebook's."""

import math

import pytest
from jupyter_client.manager import start_new_kernel

from common import play
from common.harness import OptionError, run_2d, train_2d
from common.plotting import plt

eta, gamma, eps = 0.4, 0.9, 1e-6


def f_2d(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def rmsprop_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 = gamma * s1 + (1 - gamma) * g1**2
    s2 = gamma * s2 + (1 - gamma) * g2**2
    x1 -= eta / math.sqrt(s1 + eps) * g1
    x2 -= eta / math.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2


def adam_2d(x1, x2, v1, v2, s1, s2, t, lr=0.4):
    g1, g2 = 0.2 * x1, 4 * x2
    v1, v2 = 0.9 * v1 + 0.1 * g1, 0.9 * v2 + 0.1 * g2
    s1, s2 = 0.99 * s1 + 0.01 * g1**2, 0.99 * s2 + 0.01 * g2**2
    a, b = 1 - 0.9**t, 1 - 0.99**t
    x1 -= lr * v1 / a / (math.sqrt(s1 / b) + 1e-8)
    x2 -= lr * v2 / a / (math.sqrt(s2 / b) + 1e-8)
    return x1, x2, v1, v2, s1, s2, t + 1


@pytest.fixture
def live(monkeypatch):
    """Return live(*args, **kwargs): call `play_2d`; return figure, sliders by label."""
    shown = []
    monkeypatch.setattr(play, "has_front_end", lambda: True)
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setattr(plt, "close", lambda figure: shown.append(figure))

    def live(*args, **kwargs):
        play.play_2d(f_2d, *args, **kwargs)
        figure, box = shown[-2:]
        return figure, {bar.description: bar for bar in box.children[1:]}

    yield live
    monkeypatch.undo()
    plt.close("all")


def test_what_a_logarithmic_slider_cannot_show_is_refused():
    with pytest.raises(OptionError, match="eps is 0, but its slider is logarithmic"):
        play.play_2d(f_2d, rmsprop_2d, eta=eta, gamma=gamma, eps=0)


def end(figure):
    return figure.axes[0].lines[-1].get_xydata()[-1]


def test_sliders_begin_where_the_call_says(live):
    _, sliders = live(rmsprop_2d, eta=0.4, gamma=0.9, eps=1e-6)
    values = {name: bar.value for name, bar in sliders.items()}
    assert values == {"η": 0.4, "γ": 0.9, "ε": 1e-6, "x₁": -5, "x₂": -2}


def test_the_range_of_a_slider_includes_the_value_to_begin_with(live):
    for values in ({"eta": 2.5, "eps": 100.0}, {"eta": 0.001, "eps": 1e-12}):
        _, sliders = live(rmsprop_2d, gamma=0.9, **values)
        assert [sliders["η"].value, sliders["ε"].value] == [*values.values()]
        eta, eps = sliders["η"], sliders["ε"]
        ends = [(eta.min, eta.max), (10**eps.min, 10**eps.max)]
        usual = [(0.01, 1.0), (1e-10, 10.0)]
        for end, value, (low, high) in zip(ends, values.values(), usual):
            assert end == pytest.approx((min(low, value), max(high, value)))


@pytest.mark.parametrize("label, value", [("η", 0.1), ("γ", 0.5), ("x₁", 3.0)])
def test_a_slider_moves_the_trace_and_leaves_the_notebook_alone(live, label, value):
    figure, sliders = live(rmsprop_2d, eta=0.4, gamma=0.9, eps=1e-6)
    before = tuple(end(figure))
    sliders[label].value = value
    assert tuple(end(figure)) != before
    assert (eta, gamma, eps) == (0.4, 0.9, 1e-6)


def test_the_slider_of_eps_is_logarithmic(live, monkeypatch):
    figure, sliders = live(rmsprop_2d, eta=0.4, gamma=0.9, eps=1e-6)
    sliders["ε"].value = 1e-2
    monkeypatch.setitem(globals(), "eps", 1e-2)
    assert tuple(end(figure)) == run_2d(rmsprop_2d, 20, (-5.0, -2.0))[-1]
    for value, nearest in ((0, 1e-10), (99, 10)):
        sliders["ε"].value = value
        assert sliders["ε"].value == pytest.approx(nearest)


def test_weights_stand_beside_an_optimizer_with_gamma_only(live):
    figure, sliders = live(rmsprop_2d, eta=0.4, gamma=0.9, eps=1e-6)
    sliders["γ"].value = 0.5
    weights = figure.axes[1].lines[0].get_ydata()
    assert list(weights[:3]) == [0.5, 0.25, 0.125]
    figure, _ = live(adam_2d, states=(0, 0, 0, 0, 1), sliders={"lr": LR}, lr=0.4)
    assert len(figure.axes) == 1


LR = ("lr", 0.1, 1, 0.1)


def test_states_of_any_number_and_a_step_number(live):
    states = (0, 0, 0, 0, 1)
    figure, sliders = live(adam_2d, states=states, sliders={"lr": LR}, lr=0.4)
    trace = train_2d(adam_2d, start=(-5, -2), states=states)
    assert tuple(end(figure)) == pytest.approx(trace[-1])
    sliders["lr"].value = 0.2
    assert tuple(end(figure)) != pytest.approx(trace[-1])


def test_a_name_without_a_range_is_told():
    with pytest.raises(ValueError, match="There is no slider for lr: pass on sliders="):
        play.play_2d(f_2d, adam_2d, lr=0.1)


def test_a_trainer_with_a_closure_works_where_it_can(live):
    def make(slope):
        def trainer(x1, x2, s1, s2):
            return x1 - eta * slope * x1, x2, s1, s2

        return trainer

    figure, sliders = live(make(0.2), eta=0.4)
    sliders["η"].value = 1.0
    assert end(figure)[0] == pytest.approx(-5 * 0.8**20)


def test_what_a_closure_holds_is_refused():
    def make(eta):
        def trainer(x1, x2, s1, s2):
            return x1 - eta * x1, x2, s1, s2

        return trainer

    with pytest.raises(ValueError, match="No slider can move eta: write the update so"):
        play.play_2d(f_2d, make(0.1), eta=0.1)


def descent_2d(x1, x2, s1, s2, **hp):
    return x1 - hp["eta"] * 0.2 * x1, x2 - eta * hp.get("slope", 4) * x2, s1, s2


def test_a_trainer_may_take_any_hyperparameter(live):
    figure, sliders = live(descent_2d, eta=0.2)
    assert end(figure) == pytest.approx((-5 * 0.96**20, -2 * 0.2**20))
    sliders["η"].value = 0.1
    assert end(figure) == pytest.approx((-5 * 0.98**20, -2 * 0.6**20))


def unused_2d(x1, x2, s1, s2, beta=0.9, **hp):
    return x1 - eta * x1, x2, s1, s2


@pytest.mark.parametrize(
    "trainer, name",
    [(rmsprop_2d, "beta"), (unused_2d, "beta"), (unused_2d, "gamma")],
)
def test_a_hyperparameter_that_moves_nothing_is_refused(trainer, name, monkeypatch):
    figures = []
    monkeypatch.setattr(plt, "subplots", lambda *args, **kwargs: figures.append(args))
    with pytest.raises(ValueError) as caught:
        play.play_2d(f_2d, trainer, **{"eta": 0.4, name: 0.5})
    assert str(caught.value).startswith(f"No slider can move {name}: write the update")
    assert not figures and (eta, gamma, eps) == (0.4, 0.9, 1e-6)


def test_what_a_condition_or_a_helper_asks_for_is_used(live):
    def slope():
        return gamma

    def trainer(x1, x2, s1, s2):
        if abs(x1) > eps:
            x1 = x1 * slope()
        if eta:
            x2 = x2 / 2
        return x1, x2, s1, s2

    _, sliders = live(trainer, eta=0.1, gamma=0.5, eps=1e-6)
    assert len(sliders) == 5


def test_an_update_that_forgets_a_state_is_told():
    with pytest.raises(ValueError, match="returned 2 values, but x1, x2 and the state"):
        train_2d(lambda x1, x2, s1, s2: (x1, x2))


@pytest.mark.parametrize("metadata, shown", [({"cellId": "a"}, True), ({}, False)])
def test_sliders_are_for_a_front_end_only(metadata, shown):
    """A front end names the cell that runs; nbconvert and nbgrader do not."""
    manager, client = start_new_kernel()
    try:
        code = "from common.play import has_front_end\nprint(has_front_end())"
        content = {"code": code, "silent": False}
        message = client.session.msg("execute_request", content, metadata=metadata)
        client.shell_channel.send(message)
        while True:
            told = client.get_iopub_msg(timeout=60)
            if told["msg_type"] == "stream":
                break
        assert told["content"]["text"] == f"{shown}\n"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_script_has_no_front_end():
    assert not play.has_front_end()
