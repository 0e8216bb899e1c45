"""PyTorch, as the tests see it."""

import numpy as np
import torch


def parameter(value):
    return torch.tensor(np.asarray(value, np.float32), requires_grad=True)


def state(value):
    return torch.tensor(np.asarray(value, np.float32))


def update_by_hand(trainer_fn, p, grad, states, hyperparams):
    p.grad = torch.tensor(np.asarray(grad, np.float32))
    trainer_fn([p], states, hyperparams)


def built_in(optimizer, p, **hyperparams):
    """Return apply(grad, lr=None), one step of a framework's optimizer on p.

    A learning rate holds from that step on.
    """
    optimizer = optimizer([p], **hyperparams)

    def apply(grad, lr=None):
        if lr is not None:
            optimizer.param_groups[0]["lr"] = lr
        p.grad = torch.tensor(np.asarray(grad, np.float32))
        optimizer.step()

    return apply


def loss_value(y_hat, y):
    """Return the value of the loss named in the table of facts."""
    return torch.nn.MSELoss()(torch.tensor(y_hat), torch.tensor(y)).item()


def sqrt(x):
    return torch.sqrt(x)


def by_hand(rule):
    """Make a trainer_fn of ``rule(p, g, state, hyperparams) -> new p, new state``."""

    def trainer_fn(params, states, hyperparams):
        for p, s in zip(params, states):
            with torch.no_grad():
                new_p, new_s = rule(p, p.grad, s, hyperparams)
                for old, new in zip((p, *s), (new_p, *new_s)):
                    old.copy_(new)
            p.grad.zero_()
        if "t" in hyperparams:
            hyperparams["t"] += 1

    return trainer_fn


def returning(rule):
    """Make a trainer_fn of a rule that returns new arrays and changes none."""

    def trainer_fn(params, states, hyperparams):
        with torch.no_grad():
            new = [rule(p, p.grad, s, hyperparams) for p, s in zip(params, states)]
        return [p for p, _ in new], [s for _, s in new]

    return trainer_fn


def keep(params, kept):
    """Put the parameters into a list."""
    kept[:] = params


OPTIMIZERS = {
    "momentum": ("SGD", {"lr": 0.005, "momentum": 0.9}),
    "adagrad": ("Adagrad", {"lr": 0.1, "eps": 1e-7}),
    "adadelta": ("Adadelta", {"lr": 1.0, "rho": 0.9, "eps": 1e-5}),
    "adam": ("Adam", {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}),
}


def probe(X, W):
    """Return what a layer and its gradient are, as NumPy arrays."""
    W = torch.tensor(W, requires_grad=True)
    y_hat = torch.softmax(torch.tensor(X) @ W, 1)
    (y_hat**2).mean().backward()
    return y_hat.detach().numpy(), W.grad.numpy()
