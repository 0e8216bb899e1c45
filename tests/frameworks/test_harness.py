"""What `common` does the same in every framework."""

import numpy as np
import pytest


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


def test_the_curve_runs_over_epochs_with_a_point_every_200_rows(d2l, adapter):
    data_iter, _ = d2l.get_data_ch11(batch_size=10)
    trainer, hyperparams = adapter.OPTIMIZERS["momentum"]
    _, losses = d2l.train_concise_ch11(trainer, hyperparams, data_iter)
    drawn = d2l.plt.gcf().axes[0].lines[0]
    np.testing.assert_allclose(drawn.get_xdata(), np.arange(1, 16) * 200 / 1500)
    assert list(drawn.get_ydata()) == losses


def test_a_live_curve_is_shown_after_every_point(d2l, adapter, lesson, monkeypatch):
    shown = []

    def show():
        shown.append(len(d2l.plt.gca().lines[0].get_xdata()))
        d2l.plt.close()

    monkeypatch.setattr(d2l.plt, "show", show)
    data_iter, feature_dim = d2l.get_data_ch11(batch_size=50, n=600)
    trainer, hyperparams = adapter.OPTIMIZERS["momentum"]
    d2l.train_concise_ch11(trainer, hyperparams, data_iter, 1, live=True)
    states = lesson.values["init_rmsprop_states"](feature_dim)
    hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}
    args = lesson.values["rmsprop"], states, hyperparams, data_iter, feature_dim, 1
    d2l.train_ch11(*args, live=True)
    assert shown == 2 * [1, 2, 3]


def test_every_optimizer_that_is_offered_trains_or_is_refused(d2l, facts):
    data_iter, _ = d2l.get_data_ch11(n=100)
    with pytest.raises(ValueError) as caught:
        d2l.train_concise_ch11("nonesuch", {}, data_iter)
    names = str(caught.value).rstrip(".").partition("there are ")[2].split(", ")
    assert len(names) > 10
    for name in names:
        try:
            _, (loss,) = d2l.train_concise_ch11(name, {facts["lr"]: 0.01}, data_iter, 1)
            assert loss < 1, name
        except ValueError as error:
            assert str(error).startswith(f"{name} does not take these"), name
        d2l.plt.close()
