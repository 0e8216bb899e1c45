"""What is right in these exercises, and what helps whoever got it wrong.

The limits lie between what right and wrong answers give; `answers.py` has both kinds.
"""

import numpy as np

from common.check import Check, function, is_close, value

LOWEST = {"adagrad": 0.0969, "clock": 0.0816}  # medians of nine shuffles
STEPS = {0: [111, 111, 111], 0.1: [113, 199, 1179]}
BEST = {
    "gd_2d": 0.0890,
    "adagrad_2d": 8.4e-21,
    "gd_rotated": 0.1745,
    "adagrad_rotated": 0.3676,
}


def rotated_step():
    """Return where the first step from (-5, -2) at eta 0.4 leads, and the states."""
    g = np.array([0.2 * -7 + 4 * -3, 0.2 * -7 - 4 * -3])
    return (*(np.array([-5, -2]) - 0.4 * np.sign(g)), *g**2)


def judge_medians(medians):
    if all(one is None for one in medians.values()):
        return None
    for name, lowest in LOWEST.items():
        if np.shape(medians[name]) != (25,):
            return (name,)
        if not is_close(np.nanmin(medians[name]), lowest, 0.02):
            return (name,)
    return True


def judge_steps(steps):
    if all(one is None for one in steps.values()):
        return None
    for start, counts in STEPS.items():
        if steps[start] is None or np.shape(steps[start]) != (3,):
            return (start,)
        if np.max(np.abs(np.subtract(steps[start], counts))) > 1:
            return (start,)
    return True


def judge_best(best):
    if all(one is None for one in best.values()):
        return None
    for name, lowest in BEST.items():
        if best[name] is None:
            return (name,)
        # A loss near rounding is right within a factor of 100.
        near = (1e-19 > best[name] > 1e-23) if lowest < 1e-10 else None
        if not (is_close(best[name], lowest, 0.02) if near is None else near):
            return (name,)
    return True


def judge_same_run(answer):
    if all(one is None for one in answer):
        return None
    if any(one is None for one in answer):
        return False
    return is_close(answer, (0.4, 1e-5))


CHECKS = {
    "clock_rule": function(
        {
            (2.0, 0): (2, 1),
            (-3.0, 3): (-1.5, 4),
            (0.5, 24): (0.1, 25),
        },
        en="count this occurrence first, then divide g by √n; return the step and n.",
        vi="hãy đếm lần này trước, rồi chia g cho √n; trả về bước và n.",
    ),
    "same": value(
        1,
        en="after n gradients of size c the sum is n c², so compare c / √(n c²) · c "
        "with c / √n.",
        vi="sau n gradient có độ lớn c thì tổng là n c²: hãy so c / √(n c²) · c "
        "với c / √n.",
    ),
    "medians": Check(
        judge_medians,
        {
            "en": "{0} needs the medians over the seeds 0 to 8, one for each of the 25 "
            "learning rates; `np.median(losses, axis=0)` returns them.",
            "vi": "{0} cần trung vị trên các hạt giống từ 0 đến 8, mỗi tốc độ học "
            "trong 25 giá trị có một; `np.median(losses, axis=0)` trả về chúng.",
        },
    ),
    "steps": Check(
        judge_steps,
        {
            "en": "for s₀ = {0} give `steps_needed(0.4, s, scale)` for the three "
            "scales 1, 0.1 and 0.01, in this order.",
            "vi": "với s₀ = {0}, hãy cho `steps_needed(0.4, s, scale)` với ba tỉ lệ "
            "1; 0,1 và 0,01, theo thứ tự ấy.",
        },
    ),
    "same_run": Check(
        judge_same_run,
        {
            "en": "the squared gradients become 100² times smaller; with s₀ as much "
            "smaller the ratio g / √s is what it was, so η can stay what it was.",
            "vi": "bình phương gradient nhỏ đi 100² lần; nếu s₀ cũng nhỏ đi bấy nhiêu "
            "thì tỉ số g / √s vẫn như cũ, vậy η có thể giữ nguyên.",
        },
    ),
    "adagrad_rotated": function(
        {(-5.0, -2.0, 0.0, 0.0): rotated_step()},
        en="take g1 and g2 from `gradient_rotated`, and add their squares to the "
        "states before you divide by the root.",
        vi="lấy g1 và g2 từ `gradient_rotated`, cộng bình phương của chúng vào "
        "trạng thái rồi mới chia cho căn.",
    ),
    "best": Check(
        judge_best,
        {
            "en": "`{0}` needs the lowest loss after 20 steps among the learning rates "
            "of `doublings`.",
            "vi": "`{0}` cần mất mát thấp nhất sau 20 bước trong số các tốc độ học "
            "của `doublings`.",
        },
    ),
}
