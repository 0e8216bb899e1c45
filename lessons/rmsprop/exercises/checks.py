"""What is right in these exercises, and what helps whoever got it wrong.

Right are answers in single and in double precision, on every processor: the limits
lie between what right and wrong answers gave on many. `answers.py` has both kinds.
"""

import math

import numpy as np

from common.check import Check, function, is_close, value

# The losses of the bowl and of the rotated one after t steps.
LOSSES = {20: (1.1233e-5, 0.33933), 30: (2.4221e-12, 0.018578), 400: (0.0840, 0.32)}
# The losses of the sweep, a row for each gamma, from seed 0.
SWEEP = np.array(
    [
        [0.34109, 0.25189, 0.25069, 0.26371, 0.32699],
        [0.34156, 0.25084, 0.24718, 0.25929, 0.31674],
        [0.33402, 0.24869, 0.24553, 0.25779, 0.30218],
        [0.30622, 0.24454, 0.24568, 0.25780, 0.30466],
        [0.24756, 0.24311, 0.25065, 0.27326, 0.31832],
    ]
).ravel()
# The losses of RMSProp on the small network after an epoch, from seed 0; and
# those at the start.
RACE, START = (1.96286, 1.04239), 2.44552
# How far the training loss of three runs moves in the last epoch, root mean square:
# at least 0.36 at a constant rate, at most 0.0026 with a schedule; and the highest of
# the last three: at least 0.485 at a constant rate, at most 0.36 with a schedule.
RESTLESS, HIGH = 0.03, 0.42


def judge_losses(losses):
    if all(pair is None for pair in losses.values()):
        return None
    return all(
        np.shape(losses[t]) == (2,) and np.allclose(losses[t], LOSSES[t], 1e-2, atol=0)
        for t in LOSSES
    )


def judge_repair(rmsprop_back):
    if rmsprop_back(-5.0, -2.0, 0.0, 0.0) is None:
        return None
    x1, x2, s1, s2 = -5.0, -2.0, 0.0, 0.0
    for _ in range(20):
        x1, x2, s1, s2 = rmsprop_back(x1, x2, s1, s2)
    loss = 0.1 * (x1 + x2) ** 2 + 2 * (x1 - x2) ** 2
    return True if loss < 0.01 else (loss,)


def judge_rate(rate):
    if math.isclose(rate, 0.003, rel_tol=1e-5):  # as it was
        return None
    return True if math.isclose(rate, 0.125, rel_tol=1e-5) else (rate,)


def judge_curves(curves):
    if not any(len(runs) for runs in curves.values()):
        return None
    for name in ("constant", "step", "cosine", "warmup"):
        if [np.shape(run) for run in curves[name]] != [(10, 3)] * 3:
            return (name,)
        losses = np.array(curves[name])[:, :, 0]
        moves = np.sqrt(np.mean((losses[:, -1] - losses[:, -2]) ** 2))
        low = losses[:, -3:].max() < HIGH
        right = moves > RESTLESS if name == "constant" else moves < RESTLESS and low
        if not right:
            return (name,)
    return True


def judge_race(losses):
    if np.allclose(losses, START, 1e-5):  # no step was taken
        return None
    return is_close(losses, RACE)


def judge_sweep(losses):
    if np.size(losses) == 1:  # of a run that never took a step
        return None
    off = np.max(np.abs(losses - SWEEP))
    return True if off < 1e-4 else (off,)


def judge_gamma(gamma_schedule):
    if gamma_schedule(1) is None:
        return None
    values = [float(gamma_schedule(t)) for t in range(1, 301)]
    return 0 <= min(values) < max(values) < 1


CHECKS = {
    "first_step": value(
        (395, 3198),
        en="at γ = 1 the state stays 0, so put g = (−1, −8) into x − η g / √ε.",
        vi="khi γ = 1 trạng thái luôn bằng 0: thay g = (−1, −8) vào x − η g / √ε.",
    ),
    "factors": value(
        (-79, -1599),
        en="put g = 0.2 x₁ and g = 4 x₂ into x − 400 g, and take x out as a factor.",
        vi="thay g = 0,2 x₁ và g = 4 x₂ vào x − 400 g rồi đặt x làm thừa số chung.",
    ),
    "first_nan": Check(
        lambda first: None if first is None else is_close(first, (12, 7), 0),
        {
            "en": "for x₁ and for x₂, give the first t at which `trace` holds nan.",
            "vi": "với x₁ và x₂, hãy cho t đầu tiên mà tại đó `trace` là nan.",
        },
    ),
    "gradient_rotated": function(
        {(-5.0, -2.0): (-13.4, 10.6), (3.0, 3.0): (1.2, 1.2), (1.0, -1.0): (8.0, -8.0)},
        en="with u = x₁ + x₂ and v = x₁ − x₂, x₁ feels both slopes with the same "
        "sign, x₂ with opposite signs.",
        vi="với u = x₁ + x₂ và v = x₁ − x₂, x₁ nhận cả hai độ dốc cùng dấu, còn x₂ "
        "nhận chúng trái dấu.",
    ),
    "losses": Check(
        judge_losses,
        {
            "en": "for each t give the pair (f_2d, f_rotated), each at step t of its "
            "own trace from (−5, −2).",
            "vi": "với mỗi t hãy cho cặp (f_2d, f_rotated), mỗi hàm tính tại bước t "
            "trên quỹ đạo của chính nó từ (−5, −2).",
        },
    ),
    "rmsprop_back": Check(
        judge_repair,
        {
            "en": "after 20 steps from (−5, −2) the loss is {0:.1e}, not below 0.01: "
            "let RMSProp work on u and v, and return x₁ and x₂.",
            "vi": "sau 20 bước từ (−5, −2) mất mát là {0:.1e}, chưa dưới 0,01: hãy cho "
            "RMSProp chạy trên u và v, rồi trả về x₁ và x₂.",
        },
    ),
    "step": function(
        {(0.0,): 1, (0.49,): 1, (0.5,): 0.1, (0.74,): 0.1, (0.75,): 0.01, (1.0,): 0.01},
        en="it is 1 for p < 0.5, then 0.1 for p < 0.75, then 0.01.",
        vi="giá trị là 1 khi p < 0,5, sau đó 0,1 khi p < 0,75, rồi 0,01.",
    ),
    "cosine": function(
        {(k / 8,): (1 + math.cos(math.pi * k / 8)) / 2 for k in range(9)},
        en="half a period of the cosine takes it from 1 at p = 0 to 0 at p = 1.",
        vi="nửa chu kỳ của cosin đưa nó từ 1 tại p = 0 về 0 tại p = 1.",
    ),
    "warmup": function(
        {(0.0,): 0, (0.05,): 0.5, (0.1,): 1, (0.55,): 0.5, (1.0,): 0},
        en="it rises from 0 to 1 up to p = 0.1, and the cosine fills what is left.",
        vi="nó tăng từ 0 đến 1 cho tới p = 0,1, rồi phần còn lại là cosin.",
    ),
    "set_learning_rate": Check(
        judge_rate,
        {
            "en": "the optimizer now has the rate {0}, not the value that it was "
            "given.",
            "vi": "bộ tối ưu đang có tốc độ học {0}, không phải giá trị đã đưa vào.",
        },
    ),
    "curves": Check(
        judge_curves,
        {
            "en": "{0} needs what `train({0}, seed)` returns for three seeds, ten "
            "epochs each; this is of another shape, or looks like another schedule.",
            "vi": "{0} cần kết quả của `train({0}, seed)` với ba hạt giống, mỗi lần "
            "mười epoch; ở đây số lần chạy hay số epoch khác đi, hoặc trông như của "
            "một lịch định thời khác.",
        },
    ),
    "race": Check(
        judge_race,
        {
            "en": "after an epoch the losses are others: pass g, v[k], s[k] and t to "
            "`rule`, keep both states, and subtract eta times the direction.",
            "vi": "sau một epoch các mất mát không như vậy: hãy đưa g, v[k], s[k] và t "
            "vào `rule`, giữ lại cả hai trạng thái, rồi trừ đi eta nhân với hướng.",
        },
    ),
    "sweep": Check(
        judge_sweep,
        {
            "en": "after two epochs a run is off by {0:.1e}: use the mean gradient "
            "over the minibatch, s before it divides, and ε inside the root.",
            "vi": "sau hai epoch có lần chạy lệch {0:.1e}: hãy dùng gradient trung "
            "bình trên minibatch, cập nhật s trước khi chia, và đặt ε trong căn.",
        },
    ),
    "gamma_schedule": Check(
        judge_gamma,
        {
            "en": "for t from 1 to 300 it has to stay in 0 ≤ γ < 1, and to change.",
            "vi": "với t từ 1 đến 300, giá trị phải thỏa 0 ≤ γ < 1 và có thay đổi.",
        },
    ),
}
