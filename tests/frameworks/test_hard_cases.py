"""What a reader may try: it works, or one sentence says why not."""

import math
import subprocess
import sys

import numpy as np
import pytest

HYPER = {"lr": 0.01, "gamma": 0.9}


@pytest.fixture
def rule(adapter):
    """Return RMSProp as a rule for ``adapter.by_hand``."""

    def rule(p, g, state, hp):
        s = hp["gamma"] * state[0] + (1 - hp["gamma"]) * g * g
        return p - hp["lr"] * g / adapter.sqrt(s + 1e-6), (s,)

    return rule


@pytest.fixture
def train(adapter, d2l):
    """Return train(trainer_fn, hyperparams), which returns the losses."""

    def train(trainer_fn, hyperparams=HYPER, num_epochs=1, states=None):
        data_iter, dim = d2l.get_data_ch11()
        if states is None:
            states = [(adapter.state(np.zeros(shape)),) for shape in ((dim, 1), 1)]
        args = (trainer_fn, states, hyperparams, data_iter, dim, num_epochs)
        return d2l.train_ch11(*args)[1]

    return train


@pytest.fixture
def expected(adapter, rule, train):
    return train(adapter.by_hand(rule))


def sentence(call, *args):
    """Return the sentence with which a call is refused."""
    with pytest.raises(ValueError) as caught:
        call(*args)
    told = str(caught.value)
    assert told.endswith(".") and "\n" not in told
    assert caught.value._render_traceback_() == [told]
    return told


def test_an_update_may_return_new_values(adapter, rule, train, expected):
    returning = adapter.returning(rule)
    np.testing.assert_allclose(train(returning), expected, rtol=0, atol=1e-7)


def test_an_update_may_put_new_parameters_into_its_list(framework, adapter, train):
    if framework in ("tensorflow", "jax"):
        pytest.skip("an update gets its gradients as an argument; told apart below")

    def replace(params, states, hyperparams):
        for i, p in enumerate(params):
            params[i] = p - 0.1 * p.grad

    in_place = adapter.by_hand(lambda p, g, s, hp: (p - 0.1 * g, s))
    np.testing.assert_allclose(train(replace), train(in_place), rtol=0, atol=1e-7)


def test_new_values_may_stand_for_plain_tensors(adapter, d2l, rule, train, expected):
    states = [[d2l.zeros((5, 1))], [d2l.zeros(1)]]
    found = train(adapter.returning(rule), states=states)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)
    assert not d2l.numpy(states[0][0]).any()


def test_a_new_state_may_be_the_old_parameter(adapter, train):
    """So has momentum that is told by the last two points."""

    def momentum(copied):
        def rule(p, g, state, hp):
            old = p * 1 if copied else p
            return p - hp["lr"] * g + 0.1 * (p - state[0]), (old,)

        return train(adapter.returning(rule))

    np.testing.assert_allclose(momentum(False), momentum(True), rtol=0, atol=1e-7)


@pytest.mark.parametrize("returned", [[1, 2], (1, 2), (1, 2, 3), 4.0])
def test_an_update_that_returns_something_else_is_told(train, returned):
    assert "return the pair (new params, new states)" in sentence(
        train, lambda *_: returned
    )


def test_the_hyperparameters_stay_the_callers(adapter, rule, train):
    hyperparams = dict(HYPER, name="any", flag=True)
    train(adapter.by_hand(rule), hyperparams)
    assert hyperparams == dict(HYPER, name="any", flag=True)
    assert type(hyperparams["lr"]) is float


def test_an_array_of_the_framework_is_a_hyperparameter(adapter, rule, train, expected):
    found = train(adapter.by_hand(rule), dict(HYPER, lr=adapter.state([0.01])))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("shape", [(), (1,)])
def test_an_array_of_numpy_is_a_number_or_refused(
    adapter, rule, framework, train, expected, shape
):
    update, hyperparams = adapter.by_hand(rule), dict(HYPER, lr=np.full(shape, 0.01))
    if framework in ("tensorflow", "jax"):
        found = train(update, hyperparams)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)
    else:
        assert sentence(train, update, hyperparams).startswith("lr is an array")


def test_a_built_in_optimizer_takes_an_array_of_one_number(adapter, d2l, facts):
    data_iter, _ = d2l.get_data_ch11()
    trainer = facts["call"].split(".")[-1].strip("'")

    def losses(value):
        return d2l.train_concise_ch11(trainer, {facts["lr"]: value}, data_iter, 1)[1]

    for value in (np.array(0.01), np.array([0.01]), adapter.state([0.01])):
        np.testing.assert_allclose(losses(value), losses(0.01), rtol=0, atol=1e-7)
    assert sentence(losses, np.ones(2)) == (
        f"{facts['lr']} is an array, but must be one number."
    )


def test_an_optimizer_may_be_a_function(d2l, facts):
    from tests.fixtures import resolve

    data_iter, _ = d2l.get_data_ch11()
    optimizer, hyperparams = resolve(facts["optimizer"]), {facts["lr"]: 0.01}

    def make(*args, **kwargs):
        return optimizer(*args, **kwargs)

    for trainer in (optimizer, make):
        _, losses = d2l.train_concise_ch11(trainer, hyperparams, data_iter, 1)
        assert losses == d2l.train_concise_ch11(optimizer, hyperparams, data_iter, 1)[1]


@pytest.mark.parametrize("num_epochs", [0, -1, 1.5, "2"])
def test_a_number_of_epochs_that_is_none_is_told(train, num_epochs):
    told = sentence(train, None, {}, num_epochs)
    assert (
        told == f"num_epochs is {num_epochs!r}, but must be a whole number from 1 on."
    )


def test_many_tensors_at_once_are_no_other_result(d2l, framework):
    if framework != "pytorch":
        pytest.skip("foreach is PyTorch's")
    data_iter, _ = d2l.get_data_ch11()
    runs = [
        d2l.train_concise_ch11("RMSprop", {"lr": 0.01, "foreach": each}, data_iter)[1]
        for each in (True, False)
    ]
    np.testing.assert_allclose(*runs, rtol=0, atol=1e-7)


@pytest.fixture
def tf(framework):
    if framework != "tensorflow":
        pytest.skip("graphs are TensorFlow's")
    import tensorflow

    yield tensorflow
    tensorflow.config.run_functions_eagerly(False)


def test_without_graphs_the_result_is_the_same(tf, adapter, rule, train, expected):
    tf.config.run_functions_eagerly(True)
    found = train(adapter.by_hand(rule))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def entry(g):
    return math.exp(g[(0,) * len(g.shape)])


def text(g):
    return float(f"{g[(0,) * len(g.shape)]:.6f}")


@pytest.mark.parametrize("function", [lambda g: g.numpy(), np.sign, list, entry, text])
def test_an_update_that_no_graph_holds_is_refused_or_runs_without(tf, train, function):
    def update(params, grads, states, hyperparams):
        for p, g in zip(params, grads):
            p.assign(p - hyperparams["lr"] * np.asarray(function(g)))

    told = sentence(train, update)
    assert told.startswith("TensorFlow cannot compile this update (")
    assert "tf.config.run_functions_eagerly(True)" in told
    tf.config.run_functions_eagerly(True)
    assert len(train(update)) == 8


def test_an_update_that_creates_a_variable_is_refused_or_runs_without(tf, train):
    def update(params, grads, states, hyperparams):
        rate = tf.Variable(0.01)
        for p, g in zip(params, grads):
            p.assign_sub(rate * g)

    told = sentence(train, update)
    assert "only supports singleton tf.Variables" in told
    assert "make its variables before" in told
    tf.config.run_functions_eagerly(True)
    assert len(train(update)) == 8


@pytest.mark.parametrize("eagerly", [False, True])
def test_an_update_may_replace_what_its_lists_hold(tf, rule, train, expected, eagerly):
    tf.config.run_functions_eagerly(eagerly)
    states = [[tf.zeros((5, 1))], [tf.zeros(1)]]

    def update(params, grads, states, hyperparams):
        for i, g in enumerate(grads):
            params[i], states[i] = rule(params[i], g, states[i], hyperparams)

    found = train(update, states=states)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert not any(s.numpy().any() for [s] in states)


@pytest.mark.parametrize("states", [[], [0, 0], [None, None]])
def test_a_state_that_is_no_tensor_at_first_is_refused(tf, train, states):
    def replace(params, grads, states, hyperparams):
        states[:] = grads

    assert "tensors or variables of TensorFlow from the start" in sentence(
        train, replace, HYPER, 1, states
    )


def test_a_state_that_is_dropped_is_refused(tf, adapter, rule, train):
    def drop(*args):
        return adapter.returning(rule)(*args)[0], []

    assert sentence(train, drop).startswith("An update cannot add or drop states")


@pytest.fixture
def jnp(framework):
    if framework != "jax":
        pytest.skip("JAX compiles, and has arrays that cannot be changed")
    return pytest.importorskip("jax.numpy")


def test_an_update_of_jax_in_place_is_told(jnp, train):
    def with_index(params, grads, states, hyperparams):
        for p, g in zip(params, grads):
            p[:] -= 0.1 * g

    def in_list(params, grads, states, hyperparams):
        states[:] = grads

    for update in (lambda *_: None, with_index, in_list):
        assert "cannot be changed in place" in sentence(train, update)


def test_an_update_that_jax_cannot_compile_is_told(jnp, train):
    def with_numpy(params, grads, states, hyperparams):
        return [p - 0.1 * np.asarray(g) for p, g in zip(params, grads)], states

    def with_condition(params, grads, states, hyperparams):
        return [p - 0.1 * g if jnp.sum(g) > 0 else p for p, g in zip(params, grads)]

    def with_index(params, grads, states, hyperparams):
        return [p - 0.1 * jnp.sum(g[g > 0]) for p, g in zip(params, grads)], states

    for update in (with_numpy, with_condition, with_index):
        assert sentence(train, update).startswith("JAX cannot compile this update")


def test_jax_stays_on_the_cpu(framework):
    if framework != "jax":
        pytest.skip("it would take the memory of a GPU")
    code = (
        "from common import jax as d2l; import os; print(os.environ['JAX_PLATFORMS'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("cpu\n", "")


def unwritten(*args):
    raise NotImplementedError("a gap")


MISTAKES = [
    (KeyError, "gama", lambda *args: args[-1]["gama"]),
    (TypeError, "takes 1 positional argument but", lambda params: None),
    (TypeError, "'tuple' object is not callable", lambda *args: args()),
    (AttributeError, "no attribute 'foo'", lambda *args: args.foo),
    (AttributeError, "no attribute '?nunpy", lambda *args: args[0][0].nunpy),
    (AttributeError, "no attribute 'numpy'", lambda *args: args.numpy()),
    (IndexError, "index out of range", lambda *args: args[9]),
    (ZeroDivisionError, "division by zero", lambda *args: 1 / 0),
    (NotImplementedError, "a gap", unwritten),
]


@pytest.mark.parametrize("kind, words, update", MISTAKES)
def test_a_mistake_in_an_update_is_shown_as_it_is(train, kind, words, update):
    with pytest.raises(kind, match=words) as caught:
        train(update)
    assert not hasattr(caught.value, "_render_traceback_")


def test_an_update_may_ask_for_the_length_of_a_gradient(tf, train):
    """AutoGraph makes a condition of a graph of it: clipping needs no way round."""

    def clip(params, grads, states, hyperparams):
        for p, g in zip(params, grads):
            norm = tf.norm(g)
            if norm > 0.1:
                g = 0.1 * g / norm
            p.assign_sub(hyperparams["lr"] * g)

    def clip_all(params, grads, states, hyperparams):
        for p, g in zip(params, grads):
            p.assign_sub(hyperparams["lr"] * tf.clip_by_norm(g, 0.1))

    np.testing.assert_allclose(train(clip), train(clip_all), rtol=0, atol=1e-6)


def test_many_calls_in_a_row_write_nothing_to_stderr(facts):
    update = "lambda *_: None"
    if facts["module"] == "jax":
        update = "lambda params, grads, states, _: (params, states)"
    code = (
        f"from common import {facts['module']} as d2l\n"
        "data_iter, dim = d2l.get_data_ch11(batch_size=70)\n"
        "for _ in range(8):\n"
        f"    d2l.train_ch11({update}, None, {{'lr': 1}}, data_iter, dim, 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


@pytest.mark.parametrize("tried_first", [True, False])
def test_mxnet_can_be_imported_after_common(framework, tried_first):
    if framework != "mxnet":
        pytest.skip("it is MXNet that needs names which NumPy 2 dropped")
    code = "try:\n    import mxnet\nexcept AttributeError:\n    print('failed')\n"
    code = code * tried_first + (
        "from common import mxnet as d2l\nimport mxnet as mx\n"
        "print(d2l.numpy(mx.np.ones(2)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[1. 1.]"
