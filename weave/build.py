"""Make the notebooks: `python -m weave.build [--force] [EDITION ...]`, or `make`.

Every notebook is assembled first, executed in a kernel of its own, checked, and only
then moved to `notebooks/`, so that what is there is always whole. Where no code cell
and no other input has changed since the last execution here, nothing is executed. An
output that agrees with the committed one stays as it is: processors round differently.
"""

import argparse
import contextlib
import copy
import fcntl
import hashlib
import importlib.util
import json
import os
import signal
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

if __name__ == "__main__":  # Ctrl-C while the rest is imported needs no traceback
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import nbformat

from weave.assemble import assemble
from weave.compare import compare_cells
from weave.execute import code_cells, code_of, execute, stop_kernels
from weave.languages import check_parallel
from weave.lessons import (
    LANGUAGES,
    ROOT,
    LessonError,
    is_told,
    load_editions,
    load_frameworks,
    notebook_path,
    read_notebook,
)
from weave.readme import update_picture, update_readmes, update_values

SCRATCH = ROOT / ".build"
INPUTS = ("common/**/*.*", "lessons/{lesson}/**/checks.py", "constraints.txt")
warnings.filterwarnings("ignore", module="nbformat")  # of notebooks of older tools


def sources_digest(notebook):
    """Return a hash of what a notebook's cells say, whatever their outputs."""
    sources = [[cell.cell_type, cell.source] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def inputs_digest(notebooks):
    """Return a hash of all that the outputs of assembled notebooks depend on."""
    code = [
        [cell.id, cell.source]
        for notebook in notebooks
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    digest = hashlib.sha256(json.dumps(code).encode())
    lesson = next(iter(notebooks)).metadata["course"]["lesson"]
    for pattern in INPUTS:
        for path in sorted(ROOT.glob(pattern.format(lesson=lesson))):
            if "__pycache__" not in path.parts:
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def outputs_digest(paths):
    """Return a hash of what the code cells of notebooks, in files, say and put out."""
    code = [
        [cell.id, cell.source, cell.outputs]
        for path in paths
        for cell in code_cells(read_notebook(path))
    ]
    return hashlib.sha256(json.dumps(code, sort_keys=True).encode()).hexdigest()


def check_unedited(path):
    """Return the notebook in a file, or None if there is none yet.

    Raises LessonError if a reader has changed a cell of it.
    """
    if not path.exists():
        return None
    old = read_notebook(path)
    if old.metadata.get("sources") != sources_digest(old):
        raise LessonError(
            f"{path.relative_to(ROOT)} was edited by hand and would be overwritten: "
            "keep your copy under another name, then run `make` again."
        )
    return old


def keep_outputs(old, new, cells):
    """Give the cells of a notebook, those named, the outputs that they had."""
    outputs = {cell.id: cell.get("outputs", []) for cell in old.cells}
    for cell in new.cells:
        if cell.id in cells:
            cell.outputs = outputs[cell.id]


def agreeing_cells(old, new):
    """Return the ids of the code cells that are the same and whose outputs agree."""
    before = {cell.id: cell for cell in code_cells(old)}
    return {
        cell.id
        for cell in new.cells
        if cell.id in before
        and before[cell.id].source == cell.source
        and not compare_cells(before[cell.id], cell)
    }


def finish(notebook):
    """Number the code cells, describe the figures, sign what the cells say."""
    for number, cell in enumerate(code_cells(notebook), 1):
        cell.execution_count = number
        for output in cell.outputs:
            if "image/png" in output.get("data", {}) and "alt" in cell.metadata:
                output.metadata["image/png"] = {"alt": cell.metadata["alt"]}
    notebook.metadata["sources"] = sources_digest(notebook)


def write_whole(path, content):
    """Write bytes to a file that is, at any moment, the old one or the new one."""
    if path.exists() and path.read_bytes() == content:
        return
    part = SCRATCH / path.with_suffix(".part").relative_to(ROOT)
    part.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(content)
    os.replace(part, path)


def execute_all(notebooks, paths):
    """Execute a notebook in each language; those with the same code once."""
    done = {}
    for language, notebook in notebooks.items():
        code = code_of(notebook)
        if code not in done:
            name = paths[language].relative_to(ROOT)
            done[code] = execute(notebook, SCRATCH / "home", name)
        for cell, executed in zip(code_cells(notebook), code_cells(done[code])):
            cell.outputs = copy.deepcopy(executed.outputs)


def build(edition, framework, force=False):
    """Make an edition's notebooks for one framework; return what was done.

    Both languages are made together, so that they keep and renew the same outputs.
    """
    name = f"{edition.name}-{framework}"
    new = {lang: assemble(edition, lang, framework) for lang in LANGUAGES}
    paths = {lang: notebook_path(edition, lang, framework) for lang in LANGUAGES}
    old = {lang: check_unedited(path) for lang, path in paths.items()}
    stamp, digest = SCRATCH / f"{name}.inputs", inputs_digest(new.values())
    is_known = not force and all(old.values()) and stamp.exists()
    if is_known:  # outputs may have been cleared since, or come with a merge
        is_known = stamp.read_text() == f"{digest} {outputs_digest(paths.values())}"
    if is_known:
        kept = {cell.id for cell in code_cells(new["en"])}
    else:
        execute_all(new, paths)
        kept = set()
        if not force and all(old.values()):
            agreeing = (agreeing_cells(old[lang], new[lang]) for lang in LANGUAGES)
            kept = set.intersection(*agreeing)
    for language, notebook in new.items():
        if old[language]:
            keep_outputs(old[language], notebook, kept)
        finish(notebook)
        write_whole(paths[language], (nbformat.writes(notebook) + "\n").encode())
    stamp.write_text(f"{digest} {outputs_digest(paths.values())}")
    return f"{name} {'is up to date' if is_known else 'executed'}"


@contextlib.contextmanager
def one_at_a_time():
    """Wait until no other process builds in this checkout."""
    SCRATCH.mkdir(exist_ok=True)
    with open(SCRATCH / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another make in this folder.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def interrupt(*_):
    """End what runs, once: `make` passes on a signal that has come here already."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def plan(editions):
    """Return the pairs of edition and framework to make, the slowest first.

    What is left out is told: a framework that is not installed, or that a lesson has
    no cells for.
    """
    jobs = []
    for framework, facts in reversed(load_frameworks().items()):
        if importlib.util.find_spec(facts["module"]) is None:
            print(f"{facts['title']} is not installed: its notebooks stay.")
            continue
        for edition in reversed(editions):  # the solutions
            if is_told(edition, framework):
                jobs.append((edition, framework))
            else:
                print(f"{edition.name} has no cells for {facts['title']}.")
    return jobs


def build_all(editions, force):
    """Build the notebooks; return the sentences that say what went wrong."""
    faults = []
    for folder in dict.fromkeys(edition.folder for edition in editions):
        check_parallel(folder)
    jobs = plan(editions)
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    futures = [pool.submit(build, *job, force) for job in jobs]
    try:
        for number, (future, (edition, framework)) in enumerate(zip(futures, jobs), 1):
            try:
                told = future.result()
            except (LessonError, OSError) as error:
                told = error
                if isinstance(error, OSError):
                    told = f"{edition.name}-{framework} could not be made: {error}."
                faults.append(str(told))
            print(f"[{number}/{len(jobs)}] {told}", flush=True)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return faults


def main():
    """Build all notebooks; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="execute every notebook")
    # No choices=: until Python 3.12 argparse holds an empty list against them.
    parser.add_argument("editions", nargs="*", metavar="EDITION")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        known = load_editions()
        if unknown := set(options.editions) - set(known):
            parser.error(f"there is no {min(unknown)!r}, but {', '.join(known)}.")
        editions = [known[name] for name in options.editions or known]
        with one_at_a_time():
            faults = build_all(editions, options.force)
            if not faults:
                update_picture(write_whole)
                update_readmes(write_whole)
                update_values(write_whole)
    except (LessonError, OSError) as error:
        faults = [error]
    except KeyboardInterrupt:
        stop_kernels()
        told = "make: interrupted. What was finished is kept; run `make` to go on."
        print(told, file=sys.stderr, flush=True)
        os._exit(1)  # the threads would wait for their kernels
    if faults:
        return "\n".join(f"make: {fault}" for fault in faults)
    print("Open notebooks/vi or notebooks/en, for example with `make lab`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
