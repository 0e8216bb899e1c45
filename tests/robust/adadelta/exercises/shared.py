# %% first nbgrader="answer"
first_step = None
### BEGIN SOLUTION
first_step = math.sqrt(1e-6) / math.sqrt(0.1 * 4 ** 2 + 1e-6) * 4
### END SOLUTION

# %% first-check nbgrader="check" points=1
check("first_step", first_step)
### BEGIN HIDDEN TESTS
assert check.passed("first_step", first_step)
### END HIDDEN TESTS
