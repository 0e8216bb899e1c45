"""What the solution of the exercise computes."""

SETTINGS = {"0.9"}


def claims(solutions):
    """Return what the prose states of the solutions: nothing."""
    return []
