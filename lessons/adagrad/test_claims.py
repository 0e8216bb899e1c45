"""What the lesson's prose states, computed from what its cells leave behind."""

import numpy as np

# What the lesson sets: values of its cells, its data, its years.
SETTINGS = {"0.1", "0.4", "0.01", "1000", "1503", "10", "100", "25", "80", "2010"}
SETTINGS |= {"2011", "2019", "4000"}
CONSTANT, ROOT = "GD, η", "GD, η / √t"
BEST = "GD, η (1 - (t - 1) / T)"  # the best schedule of gradient descent
CALM, NOISY = r"$\sigma = 0$", r"$\sigma = 1$"


def power(x):
    """Return a number with one digit, as the prose writes it: 3 \\cdot 10^{-4}."""
    digit, exponent = f"{x:.0e}".split("e")
    return rf"{digit} \cdot 10^{{{int(exponent)}}}"


def lines(axes):
    """Return {label: heights} of the lines of a figure."""
    return {line.get_label(): line.get_ydata() for line in axes.get_lines()}


def valley(eta, steps):
    """Return the points of Adagrad in the valley, written once more."""
    x, s, path = np.array([-5.0, -2.0]), 0, []
    for _ in range(steps):
        g = np.array([0.2, 4]) * x
        s = s + g**2
        x = x - eta * g / np.sqrt(s + 1e-10)
        path.append(x)
    return np.array(path)


def height(x):
    return 0.1 * x[0] ** 2 + 2 * x[1] ** 2


def way(start, t):
    """Return how far Adagrad walks in t steps at the gradient 0.01, for eta = 1."""
    return np.sum(0.01 / np.sqrt(start + 1e-4 * np.arange(1, t + 1)))


def claims(lesson):
    """Return parts of sentences of the lesson, with the numbers computed."""
    values = lesson.values
    counts = values["counts"]
    ranked = np.sort(counts)[::-1]
    lowest = {name: np.median(values["lowest"][name]) for name in values["rules"]}
    unseen = {n: np.median(values["lowest_online"][n]) for n in values["rules"]}
    floor = float(lesson.printed["lowest"].split("=")[1])
    words = {int(k.strip("$").split()[-1]): v for k, v in clocks(lesson).items()}
    slow, fast = valley(0.4, 400), valley(2, 400)
    calm = [lines(a)[CALM][-1] for a in lesson.axes["noise-figure"]]
    return [
        f"There are {values['d']} words; the most frequent one occurs {ranked[0]} "
        f"times, the median one {np.median(counts):g} times, and "
        f"{np.sum(counts <= 3)} at most 3 times.",
        f"falls from {ranked[0]} at rank 1 through about {round(ranked[19], -2)} at "
        f"rank 20 to {ranked[-1]} at the end",
        f"its first step is {1000**0.5:.0f} times shorter",
        f"reaches {lowest[CONSTANT]:.2f} with constant eta, "
        f"{lowest[ROOT]:.2f} with the root schedule and "
        f"{lowest[BEST]:.2f} with the straight line, Adagrad {lowest['Adagrad']:.2f} "
        f"at eta {values['best_eta']['Adagrad']:.2f}",
        f"Adagrad comes to ${lowest['Adagrad']:.3f}$, against ${lowest[BEST]:.3f}$",
        f"the lowest possible loss, ${floor:.3f}$, Adagrad still stands by "
        f"${lowest['Adagrad'] - floor:.3f}$, and the straight line by "
        f"${lowest[BEST] - floor:.3f}$",
        f"${unseen['Adagrad']:.3f}$ against ${unseen[BEST]:.3f}$",
        f"its $\\eta$ has to be found, here ${values['best_eta']['Adagrad']:.2f}$",
        f"from {words[480][0]:.1f} to {words[480][-1]:.2f}; that of the word with 4 "
        f"occurrences begins at {words[4][0]:.1f} near step "
        f"{round(values['T'] - len(words[4]), -1)}",
        f"leads to $({slow[0][0]:.1f}, {slow[0][1]:.1f})$, and after 20 steps it is at "
        f"$x_1 = {slow[19][0]:.2f}$",
        f"The loss is ${height(slow[19]):.2f}$ after 20 steps and "
        f"${power(height(slow[399]))}$ after 400; at $\\eta = 2$ it is "
        f"${power(height(fast[19]))}$ and then ${power(height(fast[399]))}$.",
        f"the sum levels off at {calm[0]:.1f} and the effective step at {calm[1]:.1f}",
        f"falls from {values['scratch'][0]:.2f} to below 0.25",
        f"stays near {np.median(values['scratch'][5:]):.3f}",
        f"The loss ends at ${values['scratch'][-1]:.4f}$.",
        f"to {way(0, 4000):.0f}; started at 0.1",
        f"reaches {way(0.1, 4000):.0f}.",
        f"ten steps lead ${way(0, 10):.2f}\\,\\eta$ away; from $0.1$, only "
        f"${way(0.1, 10):.2f}\\,\\eta$",
        f"add up to $0.1$ after {0.1 / 0.01**2:.0f} steps",
        f"about ${0.1**-0.5:.2f}\\,\\eta$",
    ]


def clocks(lesson):
    """Return {label: effective steps} of the two words."""
    (axes,) = lesson.axes["clocks"]
    return {k: v for k, v in lines(axes).items() if "n_i" in k}


def test_adagrads_worst_shuffle_is_better_than_the_best_one_of_any_other(lesson):
    lowest = lesson.values["lowest"]
    rivals = [min(lowest[name]) for name in lowest if name != "Adagrad"]
    assert len(rivals) == 3 and max(lowest["Adagrad"]) < min(rivals)


def test_the_straight_line_is_the_best_schedule_of_gradient_descent(lesson):
    medians = {name: np.median(v) for name, v in lesson.values["lowest"].items()}
    del medians["Adagrad"]
    assert min(medians, key=medians.get) == BEST


def test_adagrad_is_best_on_rows_not_seen_yet_too(lesson):
    """The median is compared: there the shuffles differ less than the rules."""
    medians = {n: np.median(v) for n, v in lesson.values["lowest_online"].items()}
    assert min(medians, key=medians.get) == "Adagrad"


def test_each_rule_has_its_best_eta_inside_the_grid(lesson):
    etas = lesson.values["etas"]
    assert len(etas) == 25 and etas[0] == 0.01 and etas[-1] == 10
    for losses in lesson.values["after"].values():
        assert losses.shape == (9, 25)
        assert 0 < np.argmin(np.median(losses, axis=0)) < 24


def test_a_row_is_a_sentence_of_six_words_that_say_what_was_measured(lesson):
    """Two rows share a word where, and only where, they share what it stands for."""
    X, words = lesson.values["load_airfoil"]()[0], lesson.values["words"]
    assert words.shape == (1503, 6) and words.max() == lesson.values["d"] - 1
    columns = [[x] for x in X.T] + [[X[:, 0], X[:, 1]]]
    for column, word in zip(columns, words.T, strict=True):
        kinds = len(set(zip(*column)))
        assert len(set(word)) == len(set(zip(word, *column))) == kinds


def test_the_frequent_word_falls_more_slowly_than_the_schedule(lesson):
    eta, T = lesson.values["best_eta"]["Adagrad"], lesson.values["T"]
    frequent, rare = clocks(lesson).values()
    assert 2 < frequent[-1] / (eta / T**0.5) < 3
    slope = np.log(frequent[-1] / frequent[100]) / np.log(T / 100)
    assert -0.4 < slope < -0.3
    assert rare[-1] / (eta / T**0.5) > 50
    assert 200 < T - len(rare) < 400


def test_the_first_step_is_eta_long_whatever_the_gradient(lesson):
    told = lesson.printed["first-step"].splitlines()
    assert len(told) == 3 and all(line.endswith("= 1.00 η") for line in told)


def test_the_trace_is_the_one_of_the_referee_and_does_not_zigzag(lesson):
    slow, fast = lesson.axes["adagrad-2d"]
    for axes, eta in ((slow, 0.4), (fast, 2)):
        trace = next(np.c_[x] for x in map(points, axes.get_lines()) if len(x) == 21)
        np.testing.assert_allclose(trace[1:], valley(eta, 20), rtol=1e-6, atol=1e-9)
        assert np.all(np.diff(trace[:, 0]) > 0)
        assert np.all(trace[:, 1] < 1e-6)
    assert abs(valley(2, 1)[0][1]) < 1e-9  # at zero after one step


def points(line):
    return np.transpose(line.get_data())


def test_with_noise_the_sum_grows_like_t(lesson):
    sums, steps = lesson.axes["noise-figure"]
    t = np.arange(1, 10_001)
    s = lines(sums)[NOISY]
    assert 0.9 < np.polyfit(np.log(t[99:]), np.log(s[99:]), 1)[0] < 1.1
    step = lines(steps)[NOISY]
    np.testing.assert_allclose(step[999:], 2 / np.sqrt(t[999:]), rtol=0.1)
    assert np.ptp(lines(sums)[CALM][999:]) < 1e-9


def test_a_large_start_is_gradient_descent_at_first(lesson):
    """Within a tenth for the first 300 steps, and no longer after 4000."""
    drawn = lines(lesson.axes["start-figure"][0])
    late, straight = drawn["$s_0 = 0.1$"], drawn[r"$g \, t \, / \sqrt{0.1}$"]
    assert np.all(late[:300] > 0.9 * straight[:300])
    assert late[-1] < 0.7 * straight[-1]
    assert np.all(drawn["$s_0 = 0$"] > late)


def test_half_an_epoch_suffices(lesson):
    """Four points of the curve are half an epoch, seven and a half points one."""
    assert np.all(np.array(lesson.values["scratch"][3:]) < 0.25)
