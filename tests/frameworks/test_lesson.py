"""What the cells of the lesson compute and draw."""

import re

import numpy as np
import pytest

SHARED_TERM = re.compile(r"\$.+\$|epoch")


def test_the_2d_trace_ends_at_the_minimum(d2l, lesson, capsys):
    x1, x2 = d2l.train_2d(lesson.values["rmsprop_2d"])[-1]
    assert f"{x1:.6f}" == "-0.010599"
    assert abs(x2) < 1e-6
    assert "t = 20, x1: -0.010599" in capsys.readouterr().out


def test_every_figure_has_labelled_axes_in_terms_of_both_languages(lesson):
    figures = [axes for drawn in lesson.axes.values() for axes in drawn]
    assert len(figures) > 10
    for axes in figures:
        assert SHARED_TERM.fullmatch(axes.get_xlabel()), axes.get_xlabel()
        # Panels that share an axis carry its label once, on the left.
        shared = axes.get_shared_y_axes().get_siblings(axes)
        labels = [a.get_ylabel() for a in (*shared, axes) if a.get_ylabel()]
        assert labels and all(map(SHARED_TERM.fullmatch, labels)), labels


def test_every_figure_with_more_than_one_labelled_line_has_a_legend(lesson):
    for drawn in lesson.axes.values():
        for axes in drawn:
            several = len(axes.get_legend_handles_labels()[1]) > 1
            assert (axes.get_legend() is not None) == several


def test_weights_of_the_leaky_average_are_drawn_with_their_half_life(lesson):
    (axes,) = lesson.axes["weights"]
    curves, dots = axes.lines[0::2], axes.lines[1::2]
    for curve, dot, gamma in zip(curves, dots, (0.95, 0.9, 0.8, 0.7)):
        k, weights = curve.get_data()
        np.testing.assert_allclose(weights, (1 - gamma) * gamma**k)
        (half_life,), (height,) = dot.get_data()
        assert gamma**half_life == pytest.approx(0.5)
        assert height == pytest.approx(weights[0] / 2)


def test_the_minimum_is_marked_wherever_a_trace_or_arrows_lead_to_it(lesson):
    cells = ("bowl", "scaling", "rmsprop-2d", "three-traces", "play")
    for axes in (axes for cell in cells for axes in lesson.axes[cell]):
        stars = [line for line in axes.lines if line.get_marker() == "*"]
        if axes.get_xlabel() == "$x_1$":
            assert len(stars) == 1
            assert np.abs(stars[0].get_xydata()).max() < 0.1  # the width of a star


def test_every_panel_of_a_comparison_says_its_learning_rate(lesson):
    for cell in ("bowl", "rmsprop-2d", "three-traces"):
        for axes in lesson.axes[cell]:
            assert re.search(r"\$\\eta = \d\.\d\$", axes.get_title())


def test_the_race_has_a_line_and_a_band_for_each_optimizer(lesson):
    for cell, panels in (("race-constant", 3), ("race-lowered", 3), ("race-data", 2)):
        assert len(lesson.axes[cell]) == panels
        names = lesson.axes[cell][0].get_legend().get_texts()
        assert [t.get_text() for t in names] == list(lesson.values["rules"])
        for axes in lesson.axes[cell]:
            assert len(axes.lines) == len(axes.collections) == 4


def test_the_librarys_loop_ends_where_the_lessons_own_loop_ends(lesson):
    """Both print the loss on all rows after one epoch of the same minibatches."""
    own, librarys = (
        float(lesson.printed[cell].removeprefix("L = ")) for cell in ("loop", "library")
    )
    assert librarys == pytest.approx(own, abs=1.1e-4)
    assert own < 0.25


def test_adagrads_cell_adds_up_all_squared_gradients(lesson, monkeypatch):
    for name, value in (("eta", 6.4), ("eps", 1e-6)):
        monkeypatch.setitem(lesson.values, name, value)
    x, s = np.array([-5.0, -2.0]), np.zeros(2)
    found = (-5.0, -2.0, 0.0, 0.0)
    for _ in range(5):
        g = np.array([0.2, 4]) * x
        s = s + g**2
        x = x - 6.4 * g / np.sqrt(s + 1e-6)
        found = lesson.values["adagrad_2d"](*found)
    assert found == pytest.approx((*x, *s))


def test_the_figure_of_eps_draws_the_divisors_it_names(lesson):
    (axes,) = lesson.axes["eps-figure"]
    curves = [(eps, inside) for eps in (1e-2, 1e-8) for inside in (True, False)]
    assert len(axes.lines) == len(curves)
    for line, (eps, inside) in zip(axes.lines, curves):
        root_s, drawn = line.get_data()
        expected = np.sqrt(root_s**2 + eps) if inside else root_s + eps
        np.testing.assert_allclose(drawn, expected)


def test_a_trace_may_be_of_any_length_and_leave_the_window(d2l):
    d2l.show_trace_2d(lambda x1, x2: x1**2 + x2**2, [(-5, -2), (395, 3198)])
    (axes,) = d2l.plt.gcf().axes
    assert axes.get_xlim()[1] > 395 and axes.get_ylim()[1] > 3198


def test_arange_numpy_and_zeros_are_the_frameworks_own(d2l):
    assert d2l.numpy(d2l.arange(4)).tolist() == [0, 1, 2, 3]
    assert d2l.numpy(d2l.zeros((2, 3))).shape == (2, 3)


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_the_loss_takes_labels_in_a_row_or_in_a_column(d2l, adapter, shape):
    y_hat = adapter.state([[1], [2]])
    y = adapter.state(np.reshape([0, 4], shape))
    assert float(d2l.numpy(d2l.squared_loss(y_hat, y))) == 1.25


def test_set_figsize_sets_the_size_in_inches(d2l):
    before = d2l.plt.rcParams["figure.figsize"]
    d2l.set_figsize((3.5, 2.5))
    assert list(d2l.plt.rcParams["figure.figsize"]) == [3.5, 2.5]
    d2l.set_figsize(before)


def test_minibatches_are_the_same_arrays_in_every_framework(d2l):
    data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)
    X, y = next(iter(data_iter))
    assert feature_dim == 5
    order = np.random.default_rng(0).permutation(1500)
    np.testing.assert_array_equal(d2l.numpy(X), d2l.numpy(data_iter.X)[order[:10]])
    np.testing.assert_array_equal(d2l.numpy(y), d2l.numpy(data_iter.y)[order[:10]])
    assert type(X) is type(d2l.zeros(1))


def test_every_pass_is_a_new_shuffle_of_all_rows(d2l):
    data_iter, _ = d2l.get_data_ch11(batch_size=64, n=200)
    first, second = (
        np.concatenate([d2l.numpy(y) for _, y in data_iter]) for _ in range(2)
    )
    assert [len(y) for _, y in data_iter] == [64, 64, 64, 8]
    assert len(data_iter) == 4
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.sort(first), np.sort(second))
    data_iter.restart()
    again = np.concatenate([d2l.numpy(y) for _, y in data_iter])
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"batch_size": 0}, "batch_size is 0, but must be between 1 and n = 1500."),
        (
            {"batch_size": 9, "n": 8},
            "batch_size is 9, but must be between 1 and n = 8.",
        ),
        ({"n": 1504}, "n is 1504, but must be between 1 and 1503 rows."),
        ({"n": 1e3}, "n is 1000.0, but must be a whole number."),
        ({"batch_size": "9"}, "batch_size is '9', but must be a whole number."),
    ],
)
def test_sizes_out_of_range_are_told(d2l, arguments, sentence):
    with pytest.raises(ValueError) as caught:
        d2l.get_data_ch11(**arguments)
    assert str(caught.value) == sentence


def test_wrong_arguments_of_training_are_told(adapter, d2l):
    data_iter, _ = d2l.get_data_ch11()
    with pytest.raises(ValueError, match="There is no optimizer 'nonesuch'"):
        d2l.train_concise_ch11("nonesuch", {}, data_iter)
    with pytest.raises(ValueError, match="does not take these hyperparameters"):
        d2l.train_concise_ch11(
            adapter.OPTIMIZERS["adam"][0], {"nonesuch": 1}, data_iter
        )
    with pytest.raises(ValueError, match="feature_dim is 4, but"):
        d2l.train_ch11(None, None, {}, data_iter, 4)
    with pytest.raises(ValueError, match="num_epochs is 0"):
        d2l.train_ch11(None, None, {}, data_iter, 5, num_epochs=0)
    with pytest.raises(ValueError, match="data_iter must be what"):
        d2l.train_concise_ch11("Adam", {}, [])


def test_a_run_of_any_length_has_a_loss_at_its_end(d2l, lesson):
    data_iter, feature_dim = d2l.get_data_ch11(batch_size=7, n=50)
    states = lesson.values["init_rmsprop_states"](feature_dim)
    hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}
    times, losses = d2l.train_ch11(
        lesson.values["rmsprop"], states, hyperparams, data_iter, feature_dim, 1
    )
    assert len(times) == len(losses) == 1


def test_a_smaller_last_minibatch_counts_like_the_others(d2l, lesson):
    data_iter, feature_dim = d2l.get_data_ch11(batch_size=20, n=50)
    states = lesson.values["init_rmsprop_states"](feature_dim)
    hyperparams = {"lr": 0.1, "gamma": 0.9, "eps": 1e-6}
    _, losses = d2l.train_ch11(
        lesson.values["rmsprop"], states, hyperparams, data_iter, feature_dim, 2
    )
    data_iter.restart()
    theta, s = np.append(*d2l.initial_params(data_iter)).astype(float), 0
    for X, y in (batch for _ in range(2) for batch in data_iter):
        A = np.c_[d2l.numpy(X), np.ones(len(y))]
        g = A.T @ (A @ theta - d2l.numpy(y)) / len(y)
        s = 0.9 * s + 0.1 * g**2
        theta -= 0.1 * g / np.sqrt(s + 1e-6)
    A = np.c_[d2l.numpy(data_iter.X), np.ones(50)]
    expected = np.mean((A @ theta - d2l.numpy(data_iter.y)) ** 2) / 2
    assert losses[-1] == pytest.approx(expected, rel=1e-5)
