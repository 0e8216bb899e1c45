"""The checks of the exercises: each says in one sentence how an answer stands.

A check prints and never raises, so that a notebook with open gaps runs through. Its
line starts with ✓ (right), ✗ (wrong) or … (not yet answered).
"""

import math

import numpy as np

from common.harness import run_2d

WORDS = {
    "en": {"right": "right.", "open": "not yet answered.", "raised": "it stops with"},
    "vi": {"right": "đúng.", "open": "chưa trả lời.", "raised": "bị dừng vì lỗi"},
}
# What helps when an answer is wrong.
HINTS = {
    "first_step": {
        "en": "at γ = 1 the state stays 0, so put g = (−1, −8) into x − η g / √ε.",
        "vi": "khi γ = 1 trạng thái luôn bằng 0: thay g = (−1, −8) vào x − η g / √ε.",
    },
    "factors": {
        "en": "put g = 0.2 x₁ and g = 4 x₂ into x − 400 g, and take x out as a factor.",
        "vi": "thay g = 0,2 x₁ và g = 4 x₂ vào x − 400 g rồi đặt x làm thừa số chung.",
    },
    "first_nan": {
        "en": "for x₁ and for x₂, give the first t at which `trace` holds nan.",
        "vi": "với x₁ và x₂, hãy cho t đầu tiên mà tại đó `trace` là nan.",
    },
    "gradient_rotated": {
        "en": "with u = x₁ + x₂ and v = x₁ − x₂, x₁ feels both slopes with the same "
        "sign, x₂ with opposite signs.",
        "vi": "với u = x₁ + x₂ và v = x₁ − x₂, x₁ nhận cả hai độ dốc cùng dấu, còn x₂ "
        "nhận chúng trái dấu.",
    },
    "losses": {
        "en": "for each t give the pair (f_2d, f_rotated), each at step t of its own "
        "trace from (−5, −2).",
        "vi": "với mỗi t hãy cho cặp (f_2d, f_rotated), mỗi hàm tính tại bước t trên "
        "quỹ đạo của chính nó từ (−5, −2).",
    },
    "rmsprop_back": {
        "en": "after 20 steps from (−5, −2) the loss is {0:.1e}, not below 0.01: let "
        "RMSProp work on u and v, and return x₁ and x₂.",
        "vi": "sau 20 bước từ (−5, −2) mất mát là {0:.1e}, chưa dưới 0,01: hãy cho "
        "RMSProp chạy trên u và v, rồi trả về x₁ và x₂.",
    },
    "step": {
        "en": "it is 1 for p < 0.5, then 0.1 for p < 0.75, then 0.01.",
        "vi": "giá trị là 1 khi p < 0,5, sau đó 0,1 khi p < 0,75, rồi 0,01.",
    },
    "cosine": {
        "en": "half a period of the cosine takes it from 1 at p = 0 to 0 at p = 1.",
        "vi": "nửa chu kỳ của cosin đưa nó từ 1 tại p = 0 về 0 tại p = 1.",
    },
    "warmup": {
        "en": "it rises from 0 to 1 up to p = 0.1, and the cosine fills what is left.",
        "vi": "nó tăng từ 0 đến 1 cho tới p = 0,1, rồi phần còn lại là cosin.",
    },
    "set_learning_rate": {
        "en": "the optimizer now has the rate {0}, not the value that it was given.",
        "vi": "bộ tối ưu đang có tốc độ học {0}, không phải giá trị đã đưa vào.",
    },
    "curves": {
        "en": "{0} needs three runs of ten epochs that end above 0.7 in accuracy.",
        "vi": "{0} cần ba lần chạy mười epoch, kết thúc với độ chính xác trên 0,7.",
    },
    "sweep": {
        "en": "after two epochs a run is off by {0:.1e}: use the mean gradient over "
        "the minibatch, and s before it divides.",
        "vi": "sau hai epoch có lần chạy lệch {0:.1e}: hãy dùng gradient trung bình "
        "trên minibatch, và cập nhật s trước khi chia.",
    },
    "gamma_schedule": {
        "en": "for t from 1 to 300 it has to stay in 0 ≤ γ < 1, and to change.",
        "vi": "với t từ 1 đến 300, giá trị phải thỏa 0 ≤ γ < 1 và có thay đổi.",
    },
}


def _close(value, expected, tolerance=1e-3):
    value = np.asarray(value, dtype=float)
    return value.shape == np.shape(expected) and np.allclose(
        value, expected, rtol=tolerance, atol=1e-9
    )


class Checker:
    """The checks, one method for each answer; ``language`` is "en" or "vi"."""

    def __init__(self, language):
        self.language = "vi" if language == "vi" else "en"

    def _say(self, name, answered, right, *details):
        """Print the verdict; ``answered`` and ``right`` are functions without input."""
        words = WORDS[self.language]
        try:
            if not answered():
                verdict = f"… {name}: {words['open']}"
            elif right():
                verdict = f"✓ {name}: {words['right']}"
            else:
                hint = HINTS[name][self.language].format(*(d() for d in details))
                verdict = f"✗ {name}: {hint}"
        except Exception as error:  # whatever a reader's code raises
            kind = type(error).__name__
            verdict = f"✗ {name}: {words['raised']} {kind}: {error}"
        print(verdict)

    def _value(self, name, value, expected):
        self._say(name, lambda: value is not None, lambda: _close(value, expected))

    def _function(self, function, points, expected, name=None):
        self._say(
            name or function.__name__,
            lambda: function(*points[0]) is not None,
            lambda: all(_close(function(*p), e) for p, e in zip(points, expected)),
        )

    def first_step(self, first_step):
        self._value("first_step", first_step, (395, 3198))

    def factors(self, factors):
        self._value("factors", factors, (-79, -1599))

    def first_nan(self, first_nan):
        self._value("first_nan", first_nan, (12, 7))

    def gradient(self, gradient_rotated):
        points = [(-5.0, -2.0), (3.0, 3.0), (1.0, -1.0)]
        expected = [(-13.4, 10.6), (1.2, 1.2), (8.0, -8.0)]
        self._function(gradient_rotated, points, expected, "gradient_rotated")

    def losses(self, losses):
        expected = {
            20: (1.1233e-05, 0.33933),
            50: (2.6431e-05, 0.013200),
            100: (0.12269, 0.22998),
        }
        self._say(
            "losses",
            lambda: any(pair is not None for pair in losses.values()),
            lambda: all(_close(losses[t], expected[t]) for t in expected),
        )

    def repair(self, rmsprop_back):
        def loss():
            x1, x2 = run_2d(rmsprop_back, 20, (-5, -2))[-1]
            return 0.1 * (x1 + x2) ** 2 + 2 * (x1 - x2) ** 2

        self._say(
            "rmsprop_back",
            lambda: rmsprop_back(-5.0, -2.0, 0.0, 0.0) is not None,
            lambda: loss() < 0.01,
            loss,
        )

    def step(self, step):
        points = [(0.0,), (0.49,), (0.5,), (0.74,), (0.75,), (1.0,)]
        self._function(step, points, [1, 1, 0.1, 0.1, 0.01, 0.01], "step")

    def cosine(self, cosine):
        points = [(k / 8,) for k in range(9)]
        expected = [(1 + math.cos(math.pi * k / 8)) / 2 for k in range(9)]
        self._function(cosine, points, expected, "cosine")

    def warmup(self, warmup):
        points = [(0.0,), (0.05,), (0.1,), (0.55,), (1.0,)]
        self._function(warmup, points, [0, 0.5, 1, 0.5, 0], "warmup")

    def learning_rate(self, before, after):
        self._say(
            "set_learning_rate",
            lambda: not math.isclose(after, before, rel_tol=1e-5),
            lambda: math.isclose(after, 0.125, rel_tol=1e-5),
            lambda: after,
        )

    def curves(self, curves):
        def incomplete():
            for name, runs in curves.items():
                if np.shape(runs) != (3, 10, 3) or np.min(runs, axis=0)[-1, 2] < 0.7:
                    yield name

        self._say(
            "curves",
            lambda: any(curves.values()),
            lambda: not list(incomplete()),
            lambda: next(incomplete()),
        )

    def sweep(self, losses, problem, schedule):
        def off():
            start, batches, (A_all, y_all) = problem
            x, s = start.astype(float), 0
            for t, (A, y) in enumerate(batches, 1):
                gamma, eta = schedule(t)
                g = A.T @ (A @ x - y) / len(y)
                s = gamma * s + (1 - gamma) * g**2
                x = x - eta / np.sqrt(s + 1e-6) * g
            expected = np.mean((A_all @ x - y_all) ** 2, axis=0) / 2
            return np.max(np.abs(losses - expected))

        self._say("sweep", lambda: np.size(losses) > 1, lambda: off() < 1e-3, off)

    def gamma_schedule(self, gamma_schedule):
        def right():
            values = [float(gamma_schedule(t)) for t in range(1, 301)]
            return 0 <= min(values) < max(values) < 1

        self._say("gamma_schedule", lambda: gamma_schedule(1) is not None, right)
