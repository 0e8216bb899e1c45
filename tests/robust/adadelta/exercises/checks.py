"""What is right in this exercise, and what helps whoever got it wrong."""

from common.check import value

CHECKS = {
    "first_step": value(
        (1e-6 / (0.1 * 16 + 1e-6)) ** 0.5 * 4,
        en="above the line there is only ε yet, below it a tenth of g².",
        vi="trên vạch mới chỉ có ε, dưới vạch là một phần mười của g².",
    ),
}
