"""What nbgrader does here: for `make grade`, for its own commands and its Formgrader.

`make assignment` puts a link to this file into `grading/`, where both look for it.
"""

import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, DeduplicateIds, Execute

COURSE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(COURSE))
from classroom.grading.apart import ExecuteApart  # noqa: E402
from classroom.grading.cells import ClearAnswers, Restore  # noqa: E402

c = get_config()  # noqa: F821
INSTEAD = {
    ClearSolutions: ClearAnswers,
    DeduplicateIds: Restore,
    Execute: ExecuteApart,
}


def steps(trait):
    """Return the steps of a converter, with ours in the place of nbgrader's."""
    return [INSTEAD.get(step, step) for step in trait.default()]


c.GenerateAssignment.preprocessors = steps(GenerateAssignment.preprocessors)
c.Autograde.sanitize_preprocessors = steps(Autograde.sanitize_preprocessors)
c.Autograde.autograde_preprocessors = steps(Autograde.autograde_preprocessors)

c.CourseDirectory.root = str(COURSE / "grading")
c.Restore.released = str(COURSE / "grading" / "release")

# Seconds for a submission, a quarter of them for a cell; the slowest takes one minute.
c.ExecuteApart.seconds = 600

# What is handed in after the due date: "none" counts it in full, "zero" not at all.
c.LateSubmissionPlugin.penalty_method = "none"

# A page that a submission draws must not act in the name of who reads it. nbgrader's
# templates pass every text through the second filter, which has no other use today.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {"strip_files_prefix": "nbconvert.filters.clean_html"}

# Formgrader warns without these two; files go through `make collect`.
c.CourseDirectory.course_id = "course"
c.Exchange.root = str(COURSE / "grading" / "exchange")
