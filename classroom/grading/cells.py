"""The cells of a submission beside those that were handed out.

A cell is known by its `grade_id`, or by its id, which is the same in what is handed
out and stays when the metadata is lost.
"""

import copy

import nbformat
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade, is_solution
from traitlets import Unicode

from weave.assemble import CODE_STUB, TEXT_STUB


def name_of(cell):
    """Return the name under which a cell was handed out, or another."""
    mark = cell.metadata.get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if name and isinstance(name, str) else cell.get("id")


def restore(notebook, released):
    """Put back what a student removed, doubled or marked anew; change it in place.

    Of an answer that is there twice, as after splitting its cell, the last that differs
    from what was handed out counts, and the others are cells like any other. A check
    that is missing comes back behind what stood before it.
    """
    found = {}
    for cell in notebook.cells:
        found.setdefault(name_of(cell), []).append(cell)
        cell.metadata.pop("nbgrader", None)
    place = 0
    for given in released.cells:
        copies = found.get(given.id, [])
        if "nbgrader" in given.metadata:
            if not copies:
                copies = [copy.deepcopy(given)]
                notebook.cells.insert(place, copies[0])
            changed = [cell for cell in copies if cell.source != given.source]
            cell = (changed or copies)[-1]
            cell.metadata = copy.deepcopy(given.metadata)
        if copies:
            place = 1 + next(i for i, c in enumerate(notebook.cells) if c is copies[-1])


def is_untouched(notebook, given):
    """Return whether nothing was answered, whatever was executed and saved."""
    known = {cell.id: cell for cell in given.cells}
    for cell in notebook.cells:
        same = known.get(name_of(cell))
        if same is None and cell.source.strip():
            return False
        if same is not None and is_solution(same) and cell.source != same.source:
            return False
    return True


def doubts(notebook, released):
    """Return what looks wrong in the points of a graded notebook, in words."""
    given = {cell.source for cell in released.cells}
    found, answered = [], False
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if not is_grade(cell) or is_solution(cell):
            answered = answered or cell.source not in given
            continue
        said = "".join(output.get("text", "") for output in cell.outputs)
        marks = {line[:1] for line in said.splitlines()}
        if determine_grade(cell)[0]:
            if "✓" not in marks or marks & {"✗", "…"}:
                found.append(f"{name_of(cell)}: points without ✓")
            elif not answered:
                found.append(f"{name_of(cell)}: points for an unchanged answer")
        answered = False
    if not notebook.metadata.get("checks_can_fail"):
        found.append("its checks cannot fail")
    return found


class ClearAnswers(ClearSolutions):
    """Leave what a student finds on the hub: stubs in the notebook's language."""

    def preprocess(self, nb, resources):
        language = nb.metadata.course.language
        self.code_stub = {"python": CODE_STUB[language]}
        self.text_stub = TEXT_STUB[language]
        return super().preprocess(nb, resources)


class Restore(NbGraderPreprocessor):
    """Take the place of nbgrader's `DeduplicateIds`, see `restore`."""

    released = Unicode(help="the folder of what was handed out").tag(config=True)

    def preprocess(self, nb, resources):
        place = resources["nbgrader"]
        path = f"{self.released}/{place['assignment']}/{place['notebook']}.ipynb"
        restore(nb, nbformat.read(path, as_version=4))
        return nb, resources
