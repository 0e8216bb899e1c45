"""What a call costs, in counts, which do not depend on the machine."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "mxnet", "tensorflow", "keras", "pandas", "scipy", "d2l"}
HEAVY |= {"ipywidgets", "IPython"}
# Python calls per step of training; a tenth more than were counted.
CALLS_PER_STEP = {"mxnet": 575, "pytorch": 31, "tensorflow": 37}


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
    d2l, train, counted, monkeypatch, batch_size
):
    calls, evaluations, fit = counted(d2l, "squared_loss"), [], d2l.fit

    def watched_fit(step, loss, *args):
        def watched_loss():
            before = len(calls)
            value = loss()
            evaluations.append(calls[before:])
            return value

        return fit(step, watched_loss, *args)

    monkeypatch.setattr(d2l, "fit", watched_fit)
    train(batch_size=batch_size)
    assert [len(calls) for calls in evaluations] == [1] * 15
    for (call,) in evaluations:
        assert 1500 in {len(a) for a in call if getattr(a, "shape", ())}


def test_the_update_is_called_once_a_step_or_compiled(framework, lesson, train):
    calls = []

    def count(*args):
        calls.append(1)
        lesson.values["rmsprop"](*args)

    train(count)
    # TensorFlow runs the first step as it is, and traces the update once.
    assert len(calls) == (2 if framework == "tensorflow" else 300)


def test_a_step_makes_few_python_calls(framework, train):
    def count(num_epochs):
        calls = 0

        def profile(frame, event, arg):
            nonlocal calls
            calls += event == "call"

        sys.setprofile(profile)
        try:
            train(num_epochs=num_epochs)
        finally:
            sys.setprofile(None)
        return calls

    train()  # what is imported or made once is not counted
    per_step = (count(4) - count(2)) / 300
    assert per_step < CALLS_PER_STEP[framework]


def test_the_module_brings_nothing_heavy_beside_its_framework(facts):
    code = (
        f"import sys, {facts['module']}; before = set(sys.modules); "
        f"import common.{facts['module']}; print(set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    brought = {name.split(".")[0] for name in eval(done.stdout)}
    assert not brought & HEAVY - {facts["module"]}


def test_training_with_the_built_in_optimizer_imports_no_compiler(facts):
    trainer = facts["call"].split(".")[-1].strip("'")
    code = (
        f"import sys; from common import {facts['module']} as d2l; "
        f"d2l.train_concise_ch11('{trainer}', {{'{facts['lr']}': 0.01}}, "
        "d2l.get_data_ch11()[0], num_epochs=1); print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"
