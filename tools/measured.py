"""What `make bench` measures: one lesson, beside the page of the book on it.

All that the bench knows of an optimizer or of a lesson stands here.
"""

LESSON = "rmsprop"
# The cells that a call needs: they end in the lesson's update.
CELLS = ("imports", "states", "rmsprop")
UPDATE, STATES = "rmsprop", "init_rmsprop_states"  # what the cells define
FIGURE = "bowl"  # the cell with the first figure; it needs the imports only
# As `facts.yml` calls them. A long run takes a lower rate.
HYPERPARAMS = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}
LONG_RUN = {**HYPERPARAMS, "lr": 0.001}

PAGE = "rmsprop"  # part of the name of the book's page
# What the book's pages say after their imports.
BOOK_SETUP = {"mxnet": "from mxnet import npx\nnpx.set_np()"}
# The update as the book's pages write it: values assigned to whole slices. There is no
# such page, and no d2l beside ours, for a framework that is not in here.
BOOK_UPDATE = {
    "mxnet": """
def book_update(params, states, hyperparams):
    lr, gamma, eps = hyperparams['lr'], hyperparams['gamma'], 1e-6
    for p, s in zip(params, states):
        s[:] = gamma * s + (1 - gamma) * mx.np.square(p.grad)
        p[:] -= lr * p.grad / mx.np.sqrt(s + eps)""",
    "pytorch": """
def book_update(params, states, hyperparams):
    lr, gamma, eps = hyperparams['lr'], hyperparams['gamma'], 1e-6
    for p, s in zip(params, states):
        with torch.no_grad():
            s[:] = gamma * s + (1 - gamma) * torch.square(p.grad)
            p[:] -= lr * p.grad / torch.sqrt(s + eps)
        p.grad.data.zero_()""",
    "tensorflow": """
def book_update(params, grads, states, hyperparams):
    lr, gamma, eps = hyperparams['lr'], hyperparams['gamma'], 1e-6
    for p, g, s in zip(params, grads, states):
        s[:].assign(gamma * s + (1 - gamma) * tf.square(g))
        p[:].assign(p - lr * g / tf.sqrt(s + eps))""",
}
# At least so many times faster than d2l is a whole call, with its figure.
TARGETS = {"mxnet": 8, "pytorch": 12, "tensorflow": 30}
