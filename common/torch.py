"""The lessons' functions for PyTorch: ``from common import torch as d2l``."""

from common import MissingFrameworkError

try:
    import torch
except ImportError as error:
    raise MissingFrameworkError("PyTorch", 'pip install ".[pytorch]"', error) from None

from common.harness import (
    Training,
    build_optimizer,
    check_hyperparams,
    get_data,
    initial_params,
    new_values,
    train_2d,
)
from common.play import play_2d
from common.plotting import label_axes, plt, set_figsize, show_arrows_2d, show_trace_2d

arange, zeros = torch.arange, torch.zeros


def numpy(tensor):
    """Return a tensor's values as a NumPy array."""
    return tensor.detach().numpy()


def split(array, batch_size):
    """Cut a NumPy array into tensors of ``batch_size`` rows."""
    return torch.from_numpy(array).split(batch_size)


def get_data_ch11(batch_size=10, n=1500, seed=0):
    """Return minibatches of the airfoil data and its number of features."""
    return get_data(batch_size, n, seed, split)


def squared_loss(y_hat, y):
    """Return the mean of (y_hat - y)² / 2 over the rows, a scalar tensor."""
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2


def train_ch11(
    trainer_fn, states, hyperparams, data_iter, feature_dim, num_epochs=2, live=False
):
    """Train a linear regression with an optimizer written by hand.

    ``trainer_fn(params, states, hyperparams)`` updates ``params = [w, b]`` and the
    states in place from ``p.grad``, or returns the pair (new params, new states).
    Every call starts from the same weights and meets the same minibatches. Draws the
    curve of the loss; returns ``(times, losses)`` as described in
    ``common.harness.Training``.
    """
    check_hyperparams(hyperparams)
    arrays = initial_params(data_iter, feature_dim)
    w, b = (torch.from_numpy(array).requires_grad_() for array in arrays)

    def evaluate():
        with torch.no_grad():
            return squared_loss(data_iter.X @ w + b, data_iter.y).item()

    training = Training(data_iter, num_epochs, evaluate, live)
    for X, y in training:
        loss = squared_loss(X @ w + b, y)
        w.grad = b.grad = None
        loss.backward()
        params = [w, b]
        returned = trainer_fn(params, states, hyperparams)
        if returned is not None:
            params, states = new_values(returned)
        if params[0] is not w or params[1] is not b:
            w, b = (p.detach().requires_grad_() for p in params)
    return training.times, training.losses


def train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2, live=False):
    """Train the same model, from the same start, with an optimizer of PyTorch.

    ``trainer`` is a class of ``torch.optim``, its name, or a function that takes the
    parameters and ``hyperparams`` as keyword arguments and returns an optimizer. The
    loss is (y_hat - y)² / 2, as in ``train_ch11``: d2l trains on twice that.
    """
    w, b = map(torch.from_numpy, initial_params(data_iter))
    net = torch.nn.Linear(len(w), 1)
    net.load_state_dict({"weight": w.T, "bias": b})
    known = {k: v for k, v in vars(torch.optim).items() if isinstance(v, type)}
    # In turn: evaluates the loss itself, wants matrices, sparse gradients, is abstract.
    for name in ("LBFGS", "Muon", "SparseAdam", "Optimizer"):
        known.pop(name, None)
    optimizer = build_optimizer(trainer, known, net.parameters(), **hyperparams)

    def evaluate():
        with torch.no_grad():
            return squared_loss(net(data_iter.X), data_iter.y).item()

    training = Training(data_iter, num_epochs, evaluate, live)
    for X, y in training:
        optimizer.zero_grad()
        loss = squared_loss(net(X), y)
        loss.backward()
        optimizer.step()
    return training.times, training.losses
