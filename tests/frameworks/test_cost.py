"""What a call costs, in counts, which do not depend on the machine."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "mxnet", "tensorflow", "keras", "pandas", "scipy", "d2l"}
HEAVY |= {"jax", "ipywidgets", "IPython"}


@pytest.fixture
def train(d2l, lesson):
    """Return train(), one call of `train_ch11`."""

    def train(trainer_fn=lesson.values["rmsprop"], batch_size=10, num_epochs=2):
        data_iter, feature_dim = d2l.get_data_ch11(batch_size)
        states = lesson.values["init_rmsprop_states"](feature_dim)
        hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}
        return d2l.train_ch11(
            trainer_fn, states, hyperparams, data_iter, feature_dim, num_epochs
        )

    return train


@pytest.fixture
def counted(monkeypatch):
    """Return counted(module, name): the list of arguments it is called with."""

    def counted(module, name):
        calls, function = [], getattr(module, name)

        def counting(*args, **kwargs):
            calls.append([*args])
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, counting)
        return calls

    return counted


def test_one_figure_is_drawn_for_each_call(d2l, train, counted):
    figures = counted(d2l.plt, "figure")
    train()
    assert len(figures) == 1


@pytest.mark.parametrize("batch_size", [10, 100])
def test_the_loss_is_evaluated_fifteen_times_on_all_rows_at_once(
    framework, d2l, train, monkeypatch, batch_size
):
    evaluations, training = [], d2l.Training

    def watched(data_iter, num_epochs, evaluate, live):
        def watched_evaluate():
            evaluations.append(evaluate())
            return evaluations[-1]

        return training(data_iter, num_epochs, watched_evaluate, live)

    monkeypatch.setattr(d2l, "Training", watched)
    rows, loss = [], d2l.squared_loss

    def watched_loss(y_hat, y):
        rows.append(y.shape[0])
        return loss(y_hat, y)

    monkeypatch.setattr(d2l, "squared_loss", watched_loss)
    if framework == "jax":  # it compiles the loss, once for each number of rows
        d2l.jax.clear_caches()
    _, losses = train(batch_size=batch_size)
    assert losses == evaluations and len(losses) == 15
    assert rows.count(1500) == (1 if framework == "jax" else 15)


def test_the_update_is_called_once_a_step_or_compiled(framework, lesson, train):
    calls = []

    def count(*args):
        calls.append(1)
        return lesson.values["rmsprop"](*args)

    train(count)
    # Where it is compiled, it is traced once, however often its hyperparameters change.
    assert len(calls) == (1 if framework in ("tensorflow", "jax") else 300)


def test_each_minibatch_is_a_tensor_cut_once_an_epoch(d2l, train, counted):
    """Not converted row by row, as a loader of single samples does."""
    cuts = counted(d2l, "split")
    train()
    assert sum(len(array) > 0 for array, _ in cuts) == 2 + 2 * 2  # all rows, 2 epochs


def test_the_module_brings_nothing_heavy_beside_its_framework(facts):
    """What the import of the framework alone does not load, `common` does not."""
    module = facts["module"]
    code = (
        f"import sys, common.numpy2, {module}; before = set(sys.modules); "
        f"import common.{module}; print(set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    brought = {name.split(".")[0] for name in eval(done.stdout)}
    assert not brought & HEAVY - {module}
