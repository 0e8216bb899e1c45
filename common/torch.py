"""The lessons' functions for PyTorch: ``from common import torch as d2l``."""

import inspect
import math
from unittest.mock import patch

from common import MissingFrameworkError

try:
    import torch
except ImportError as error:
    raise MissingFrameworkError("PyTorch", error) from None

from common.harness import (
    build_optimizer,
    fit,
    get_data,
    initial_params,
    train_2d,
)
from common.play import play_2d
from common.plotting import (
    label_axes,
    plt,
    set_figsize,
    show_arrows_2d,
    show_trace_2d,
)

arange, zeros = torch.arange, torch.zeros


def numpy(tensor):
    """Return a tensor's values as a NumPy array."""
    return tensor.detach().numpy()


def _split(array, batch_size):
    return torch.from_numpy(array).split(batch_size)


def get_data_ch11(batch_size=10, n=1500, seed=0):
    """Return minibatches of the airfoil data and its number of features."""
    return get_data(batch_size, n, seed, _split)


def squared_loss(y_hat, y):
    """Return the mean of (y_hat - y)² / 2 over the rows, a scalar tensor."""
    # Huber's loss, a parabola within delta: in one operation, not one more to halve.
    return torch.nn.functional.huber_loss(y_hat, y.reshape(-1, 1), delta=math.inf)


def _initial_params(data_iter, feature_dim=None):
    arrays = initial_params(data_iter, feature_dim)
    return [torch.from_numpy(array).requires_grad_() for array in arrays]


def _train(params, update, data_iter, num_epochs, live):
    """Train ``params = [w, b]``; ``update()`` is called after every backward."""
    w, b = params

    def step(X, y):
        for p in params:
            p.grad = None
        squared_loss(torch.addmm(b, X, w), y).backward()
        update()

    def loss():
        with torch.no_grad():
            return squared_loss(data_iter.X @ w + b, data_iter.y).item()

    return fit(step, loss, data_iter, num_epochs, live)


def train_ch11(
    trainer_fn,
    states,
    hyperparams,
    data_iter,
    feature_dim,
    num_epochs=2,
    live=False,
):
    """Train a linear regression with an optimizer written by hand.

    ``trainer_fn(params, states, hyperparams)`` updates ``params = [w, b]`` in place
    from ``p.grad``. Every call starts from the same weights and meets the same
    minibatches. Returns ``(times, losses)`` as described in ``common.harness.fit``,
    which also draws the curve.
    """
    params = _initial_params(data_iter, feature_dim)

    def update():
        trainer_fn(list(params), states, hyperparams)

    return _train(params, update, data_iter, num_epochs, live)


def train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2, live=False):
    """Train the same model, from the same start, with an optimizer of PyTorch.

    ``trainer`` is a class of ``torch.optim`` or its name, ``hyperparams`` its keyword
    arguments. The loss is (y_hat - y)² / 2, as in ``train_ch11``: d2l trains on twice
    that. Returns ``(times, losses)``.
    """
    params = _initial_params(data_iter)
    # What is unwrapped here imports torch.compile: over a second and 80 MB in vain.
    add_params = inspect.unwrap(torch.optim.Optimizer.add_param_group)
    with patch.object(torch.optim.Optimizer, "add_param_group", add_params):
        optimizer = build_optimizer(trainer, vars(torch.optim), params, **hyperparams)
    # To ask at every step whether many tensors go faster together takes long for two.
    for group in optimizer.param_groups:
        group["foreach"] = hyperparams.get("foreach", False)
    step = inspect.unwrap(type(optimizer).step)

    def update():
        with torch.no_grad():
            step(optimizer)

    return _train(params, update, data_iter, num_epochs, live)
