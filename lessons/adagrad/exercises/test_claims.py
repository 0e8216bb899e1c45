"""What the solutions' prose states, computed from what their cells leave behind."""

import numpy as np

SETTINGS = {"0.1", "0.01", "0.4", "20", "25", "40", "45", "100", "3.2", "0.2"}


def claims(solutions):
    """Return parts of sentences of the solutions, with the numbers computed."""
    values = solutions.values
    best, medians, steps = values["best"], values["medians"], values["steps"]
    digit, exponent = f"{best['adagrad_2d']:.0e}".split("e")
    return [
        f"it reaches ${np.nanmin(medians['clock']):.3f}$, "
        f"Adagrad ${np.nanmin(medians['adagrad']):.3f}$",
        f"it takes {steps[0][2]} steps at every scale; from $0.1$ it takes "
        f"{steps[0.1][0]}, {steps[0.1][1]} and {steps[0.1][2]}.",
        f"At $\\eta = 4$ it takes {values['steps_needed'](4, 0.1, 0.01)} steps",
        f"$\\eta / \\sqrt{{0.1}} > 2 / {4 * 0.01:.2f}$, "
        f"from $\\eta = {2 * 0.1**0.5 / 0.04:.1f}$ on",
        rf"Adagrad reaches ${digit} \cdot 10^{{{int(exponent)}}}$ against "
        f"${best['gd_2d']:.2f}$ for gradient descent, in the turned one "
        f"${best['adagrad_rotated']:.1f}$ against ${best['gd_rotated']:.1f}$",
    ]


def test_the_scale_does_not_matter_from_zero(solutions):
    assert len(set(solutions.values["steps"][0])) == 1


def test_the_run_is_the_same_with_the_start_scaled(solutions):
    values = solutions.values
    answer = (values["eta_same"], values["start_same"])
    again = values["steps_needed"](*answer, 0.01)
    assert again == values["steps"][0.1][0]


def test_adagrad_goes_on_where_gradient_descent_diverges(solutions):
    """The count falls on from eta = 4 to 40; the bound is gradient descent's own."""
    counts = [solutions.values["steps_needed"](eta, 0.1, 0.01) for eta in (4, 20, 40)]
    assert counts == sorted(counts, reverse=True) and counts[2] < 20
    assert abs(1 - 15.9 / 0.1**0.5 * 0.04) > 1 > abs(1 - 15.7 / 0.1**0.5 * 0.04)


def test_a_word_makes_its_largest_errors_first(solutions):
    """The first ten errors of a run's frequent words, against all others of theirs."""
    values = solutions.values
    words, y, d = values["words"], values["y"], values["d"]
    x, s = np.zeros((2, d))
    met = [[] for _ in range(d)]
    for row in np.random.default_rng(0).permutation(len(y)):
        i = words[row]
        error = x[i].sum() - y[row]
        step, s[i] = values["adagrad_rule"](error, s[i])
        x[i] -= 0.3 * step
        for word in i:
            met[word].append(error**2)
    long = [errors for errors in met if len(errors) > 20]
    early = np.mean([np.mean(errors[:3]) for errors in long])
    assert early > 2 * np.mean([np.mean(errors[10:]) for errors in long])


def test_in_the_valley_the_sizes_help(solutions):
    """The clock is 0.01 high at best, after as many steps and over as many etas."""
    values = solutions.values

    def lowest(rule):
        heights = []
        for eta in values["doublings"]:
            x, s = np.array([-5.0, -2.0]), np.zeros(2)
            for _ in range(20):
                step, s = rule(np.array([0.2, 4]) * x, s)
                x = x - eta * step
            heights.append(values["f_2d"](*x))
        return min(heights)

    clock, adagrad = (lowest(values[f"{n}_rule"]) for n in ("clock", "adagrad"))
    assert adagrad < 1e-10 < 1e-2 < clock


def test_in_the_turned_valley_both_sums_are_nearly_equal(solutions):
    values = solutions.values
    eta, values["eta"] = values["eta"], 3.2
    state = (-5.0, -2.0, 0.0, 0.0)
    for _ in range(20):
        state = values["adagrad_rotated"](*state)
    values["eta"] = eta
    assert 0.8 < state[2] / state[3] < 1.25


def test_adagrads_best_eta_in_the_turned_valley_is_the_drawn_one(solutions):
    values = solutions.values
    heights = {}
    for name in ("gd_rotated", "adagrad_rotated"):
        eta = 0.2 if name == "gd_rotated" else 3.2
        values["eta"] = eta
        trace = values["run_2d"](values[name], 20, (-5.0, -2.0))
        heights[name] = values["f_rotated"](*trace[-1])
        np.testing.assert_allclose(heights[name], values["best"][name], rtol=1e-9)
