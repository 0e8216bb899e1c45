"""What the web edition is made of: the executed notebooks, read and checked."""

from weave.lessons import (
    LANGUAGES,
    NOTEBOOKS,
    LessonError,
    is_told,
    load_editions,
    load_frameworks,
    notebook_name,
    read_notebook,
)


def page_editions():
    """Return the editions that have notebooks, in reading order."""
    names = {path.stem.rpartition("-")[0] for path in NOTEBOOKS.glob("*/*.ipynb")}
    if not names:
        raise LessonError("there is no notebook in notebooks/: run `make` first.")
    return [edition for name, edition in load_editions().items() if name in names]


def kinds(cell):
    """Return of which types a code cell's outputs are."""
    return {
        kind
        for output in cell.outputs
        for kind in output.get("data", [output.output_type])
    }


def check_cell(cell, place):
    """Raise LessonError if something that a code cell computed would not be shown."""
    for output in cell.outputs:
        if output.output_type == "error":
            raise LessonError(f"{place} raised {output.ename}: run `make -B`.")
        data = set(output.get("data", ()))
        odd = data - {"text/plain"}
        if odd and "image/png" not in data:
            raise LessonError(
                f"{place} has an output of the type {min(odd)}, which no page can "
                "show: print it or draw it."
            )
    if "alt" in cell.metadata and "image/png" not in kinds(cell):
        raise LessonError(f"{place} has a description, but no figure: run `make -B`.")


def read_executed(path):
    """Return an executed notebook; raise LessonError if it is none."""
    notebook = read_notebook(path)
    if not any(cell.get("outputs") for cell in notebook.cells):
        raise LessonError(
            f"{notebook_name(path)} has no outputs: run `make` to execute it."
        )
    for cell in notebook.cells:
        if cell.cell_type == "code":
            check_cell(cell, f"{notebook_name(path)}, cell {cell.id!r}")
    return notebook


def read_twins(edition):
    """Return the notebooks of an edition, {language: {framework: notebook}}.

    Raise LessonError unless they have the same cells in the same order, with outputs
    of the same types where they have the same code.
    """
    twins, first, seen = {}, None, {}
    for language in LANGUAGES:
        for framework in load_frameworks():
            if not is_told(edition, framework):
                continue
            path = NOTEBOOKS / language / f"{edition.name}-{framework}.ipynb"
            notebook = read_executed(path)
            twins.setdefault(language, {})[framework] = notebook
            cells = [(cell.cell_type, cell.id) for cell in notebook.cells]
            first = first or cells
            if cells != first:
                here, there = (
                    set(c) - set(d) for c, d in ((cells, first), (first, cells))
                )
                odd = min(here | there, default=("", "order"))[1]
                raise LessonError(
                    f"{notebook_name(path)} does not line up with its twins at the "
                    f"cell {odd!r}: run `make`."
                )
            for cell in notebook.cells:
                if cell.cell_type != "code":
                    continue
                same = (cell.id, cell.source)
                # An edition in another language has another source, the same code.
                for key in (same, (cell.id, framework)):
                    if seen.setdefault(key, kinds(cell)) != kinds(cell):
                        raise LessonError(
                            f"{notebook_name(path)}, cell {cell.id!r} has other "
                            "outputs than its twin: run `make -B`."
                        )
    return twins
