"""What is right in these exercises, and what helps whoever got it wrong."""

from common.check import Check, is_close

LIMITS = {(0.0, 4.0): 0.5, (0.5, 4.0): 0.75, (0.9, 4.0): 0.95, (0.9, 0.2): 19.0}
NESTEROV = 2 * (1 + 0.9) / (4 * (1 + 2 * 0.9))


def judge_limits(largest_eta):
    found = [largest_eta(*arguments) for arguments in LIMITS]
    if all(eta is None for eta in found):
        return None
    for (beta, h), eta in zip(LIMITS, found):
        if not is_close(eta, LIMITS[beta, h], 1e-2):  # found by experiment
            return beta, h
    return True


def judge_steps(update, expected):
    """Judge two steps from (-5, -2), given (x1, x2) after each."""
    state = (-5.0, -2.0, 0.0, 0.0)
    for point in expected:
        state = update(*state)
        if state is None:
            return None
        if not is_close(state[:2], point):
            return False
    return True


CHECKS = {
    "largest_eta": Check(
        judge_limits,
        {
            "en": "at β = {0} and h = {1} the limit is another one: a run that begins "
            "at x = 1 has to come closer to 0 just below it, and to leave just above.",
            "vi": "với β = {0} và h = {1} thì giới hạn khác: xuất phát từ x = 1, điểm "
            "phải tiến gần 0 khi ở ngay dưới giới hạn, và rời xa khi ở ngay trên.",
        },
    ),
    "nesterov_2d": Check(
        lambda update: judge_steps(update, ((-4.81, -0.48), (-4.54622, 0.5328))),
        {
            "en": "first v ← β v + g, then x ← x − η (g + β v) with the new v.",
            "vi": "trước hết v ← β v + g, sau đó x ← x − η (g + β v) với v mới.",
        },
    ),
    "nesterov_limit": Check(
        lambda eta: None if eta is None else is_close(eta, NESTEROV, 1e-2),
        {
            "en": "it is the largest η at which x₂, of curvature 4, still comes closer "
            "to 0 in the long run; it is below 0.5.",
            "vi": "đó là η lớn nhất mà x₂, tọa độ có độ cong 4, về lâu dài vẫn tiến "
            "gần 0; nó nhỏ hơn 0,5.",
        },
    ),
    "average_2d": Check(
        lambda update: judge_steps(update, ((-4.8, -0.4), (-4.508, 0.72))),
        {
            "en": "the gradient enters the average with the weight 1 − β.",
            "vi": "gradient vào trung bình với trọng số 1 − β.",
        },
    ),
    "same_eta": Check(
        lambda eta: None if eta is None else is_close(eta, 0.8),
        {
            "en": "the average is 1 − β times the sum, at every step, and η has to "
            "make up for that.",
            "vi": "ở mọi bước, trung bình bằng 1 − β lần tổng, và η phải bù lại điều "
            "đó.",
        },
    ),
}
