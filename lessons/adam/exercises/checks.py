"""What is right in these exercises, and what helps whoever got it wrong."""

import math

from common.check import Check, function, is_close, value

LENGTHS = {
    (1, 0.9, 0.999): 0.1 / math.sqrt(0.001),
    (12, 0.9, 0.999): (1 - 0.9**12) / math.sqrt(1 - 0.999**12),
    (3, 0.5, 0.75): (1 - 0.5**3) / math.sqrt(1 - 0.75**3),
    (5000, 0.9, 0.99): 1.0,
}
GRADIENTS = (2.0, -1.0, 0.5)  # of three steps from x = 1, and where they lead
POINTS = (0.85, 0.780866, 0.707780)


def judge_adamw(adamw):
    x, v, s = 1.0, 0.0, 0.0
    for t, (g, point) in enumerate(zip(GRADIENTS, POINTS), 1):
        state = adamw(x, v, s, t, g)
        if state is None:
            return None
        x, v, s = state
        if not is_close(x, point):
            return t, x, point
    return True


CHECKS = {
    "step_length": function(
        LENGTHS,
        en="at a gradient of 1, v is 1 − β₁^t and s is 1 − β₂^t; the step is v / √s.",
        vi="khi gradient bằng 1 thì v = 1 − β₁^t và s = 1 − β₂^t; bước là v / √s.",
    ),
    "longest": value(
        12,
        en="try `step_length` for every t from 1 to some hundreds, and give the t at "
        "which it is largest.",
        vi="hãy thử `step_length` với mọi t từ 1 tới vài trăm, và cho biết t mà tại đó "
        "giá trị lớn nhất.",
    ),
    "adamw": Check(
        judge_adamw,
        {
            "en": "step {0} leads to x = {1:.4f} instead of {2:.4f}: shrink x by the "
            "factor 1 − η λ, keep λ out of v and s, and correct both averages.",
            "vi": "bước {0} dẫn tới x = {1:.4f} thay vì {2:.4f}: hãy co x theo hệ số "
            "1 − η λ, đừng cho λ vào v và s, và hiệu chỉnh cả hai trung bình.",
        },
    ),
    "limit": Check(
        # Found with 9000 steps it is 0.462, and 0.472 for infinitely many.
        lambda beta2: None if beta2 is None else is_close(beta2, 0.467, 0.04),
        {
            "en": "`end(beta2)` is positive on one side of the limit and negative on "
            "the other: halve the interval between 0.1 and 0.99.",
            "vi": "`end(beta2)` dương ở một phía của giới hạn và âm ở phía kia: hãy "
            "chia đôi khoảng từ 0,1 tới 0,99.",
        },
    ),
}
