"""Whatever is in a file: it is used, or one sentence says what is wrong with it."""

import copy
import gzip
import json
import logging
import random
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import data
from common.data import DataError, fashion_mnist
from weave import build, execute, lessons
from weave import languages as checks
from weave.assemble import assemble
from weave.lessons import Edition, LessonError

LESSON = Edition("rmsprop", "lesson")

# The same examples on every run, so that a change that passed goes on passing.
fuzz = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def is_sentence(error):
    """Tell whether an error is told in one line that ends as a sentence does."""
    text = str(error)
    return "\n" not in text and text.endswith(".") and len(text) < 1000


# The data.

ROWS = data.AIRFOIL_FILE.read_bytes().splitlines(keepends=True)
SUBSET = fashion_mnist.SUBSET_FILE.read_bytes()


def damage_table(chance):
    """Return the airfoil file with one damage."""
    rows = list(ROWS)
    i, j = sorted(chance.sample(range(len(rows)), 2))
    what = chance.choice(["cut", "pad", "permute", "nan", "column", "empty", "bytes"])
    if what == "cut":
        return b"".join(rows)[: chance.randrange(len(b"".join(rows)))]
    if what == "pad":
        rows[i:i] = rows[j : j + 1]
    elif what == "permute":
        rows[i], rows[j] = rows[j], rows[i]
        if rows == ROWS:
            rows[0] = b""
    elif what == "nan":
        rows[i] = re.sub(
            rb"[\d.]+(?=\t)", chance.choice([b"nan", b"inf", b""]), rows[i]
        )
    elif what == "column":
        rows = [b"\t".join(row.split(b"\t")[1:]) for row in rows]
    elif what == "empty":
        rows = []
    else:
        rows[i] = chance.randbytes(chance.randrange(100))
    return b"".join(rows)


@given(st.integers())
@fuzz
def test_no_damaged_table_is_ever_used(tmp_path_factory, seed):
    path = tmp_path_factory.getbasetemp() / "airfoil_self_noise.dat"
    path.write_bytes(damage_table(random.Random(seed)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "AIRFOIL_FILE", path)
        with pytest.raises(DataError) as caught:
            data.load_airfoil()
    assert is_sentence(caught.value) and "is damaged" in str(caught.value)


@given(st.binary(max_size=200), st.integers(0, len(SUBSET) - 1))
@fuzz
def test_no_damaged_subset_is_ever_used(tmp_path_factory, piece, place):
    path = tmp_path_factory.getbasetemp() / "fashion_mnist.npz"
    raw = SUBSET[:place] + piece
    path.write_bytes(raw if place % 2 else raw + SUBSET[place:])
    if path.read_bytes() == SUBSET:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fashion_mnist, "SUBSET_FILE", path)
        with pytest.raises(DataError) as caught:
            fashion_mnist.load_fashion_mnist()
    assert is_sentence(caught.value) and "is damaged" in str(caught.value)


@pytest.mark.parametrize(
    "module, name", [(data, "AIRFOIL_FILE"), (fashion_mnist, "SUBSET_FILE")]
)
def test_a_huge_file_or_a_folder_is_told_at_once(monkeypatch, tmp_path, module, name):
    load = getattr(module, "load_airfoil", None) or module.load_fashion_mnist
    path = tmp_path / getattr(module, name).name
    with path.open("wb") as file:
        file.truncate(2**40)
    monkeypatch.setattr(module, name, path)
    with pytest.raises(DataError, match="is damaged"):
        load()
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\)"):
        load()


def test_a_small_file_that_unpacks_to_a_huge_one_is_not_unpacked(monkeypatch, tmp_path):
    name = next(iter(fashion_mnist.FULL_FILES))
    bomb = tmp_path / name
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        for _ in range(200):
            file.write(bytes(2**20))
    sizes = []
    digest = fashion_mnist.hashlib.sha256
    monkeypatch.setattr(
        fashion_mnist.hashlib,
        "sha256",
        lambda content: sizes.append(len(content)) or digest(content),
    )
    assert fashion_mnist._read_whole(bomb) is None
    assert sizes[0] < 100e6


# The sources of a lesson.

SMALL = {
    "course.yml": "title: {en: A, vi: A}\n"
    "picture: {lesson: rmsprop, framework: pytorch, cell: bowl}\n"
    "lessons: {rmsprop: {title: {en: A, vi: A}, minutes: 1}}\n",
    "frameworks.yml": "pytorch: {title: PyTorch, module: torch, eps: 1.0e-08}\n"
    "mxnet: {title: MXNet, module: mxnet, eps: 1.0e-06}\n",
    "glossary.yml": "- {en: [gradient], vi: [gradient]}\n"
    "- {en: [learning rate], vi: [tốc độ học], not: [nhịp học]}\n",
    "rmsprop/en.md": "# RMSProp in {{ fw.title }} {#intro}\n\n"
    "{% for name, other in frameworks.items() if name != framework %}"
    "[{{ other.title }}](rmsprop-{{ name }}.ipynb){% endfor %}\n\n"
    "![](cell:imports)\n\n"
    "The learning rate is $\\eta = 0.4$; `eps` is {{ '%g' % fw.eps }}.\n"
    "![A line](cell:draw)\n\n"
    "## End {#end}\n\n- [the other]({{ twin }}), 1.5 steps\n",
    "rmsprop/vi.md": "# RMSProp trong {{ fw.title }} {#intro}\n\n"
    "{% for name, other in frameworks.items() if name != framework %}"
    "[{{ other.title }}](rmsprop-{{ name }}.ipynb){% endfor %}\n\n"
    "![](cell:imports)\n\n"
    "Tốc độ học là $\\eta = 0{,}4$; `eps` là {{ '%g' % fw.eps }}.\n"
    "![Một đường](cell:draw)\n\n"
    "## Hết {#end}\n\n- [bản kia]({{ twin }}), 1,5 bước\n",
    "rmsprop/shared.py": '# %% draw answer="yes"\nprint("γ")\n',
    "rmsprop/pytorch.py": "# %% imports\nimport math\n",
    "rmsprop/mxnet.py": "# %% imports\nimport math\n",
    "rmsprop/reviewed.txt": "",
}
FRAGMENTS = r"""
{{  {%  %}  {{ 1/0 }}  {{ x.y.z }}  {{ fw }}  {{ fw.title() }}  {% for %}  {% if %}
{% endfor %}  {{ [][1] }}  <#  {% raw %}  {% include "x" %}  {{ fw.eps + "a" }}
{% set fw = 1 %}  {{ "a" * 10**30 }}  {{ range(10**7)|list|length }}  {{ fw|x }}
{#intro}  ## {#x}  ## B {#imports}  # %%  # %% [markdown] a  # %% [raw] b  # +
# %% c {"a":  # %% d key="  # ---  # %% [md  ![a](cell:b)  ![](cell:)  ![](cell:draw)
$  `  ](  ```  <script>  |  :  -  [  ]  {  }  &  *a  !!python/object:os.system x  ?
>  %  @  null  ~  1  1e999  .nan  2020-01-01  2020-99-99  "\ud800"  'a  en:  a: &a [*a]
<<: 1  0x  - {en: [], vi: []}  - {en: [no], vi: [1]}  - {}
"""
FRAGMENTS = re.split(r"  |\n", FRAGMENTS.strip())
FRAGMENTS += ["\0", "\a", "\v", "\f", "\x1c", "\x85", "\u2028", "\ufeff", "\u202e"]
FRAGMENTS += ["\U0001f600", "\u0323", "\r", "\r\n", "\t", "a" * 100]


def damage_source(chance):
    """Return the sources of a small lesson as bytes, with one to three damages."""
    files = {name: text.encode() for name, text in SMALL.items()}
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(list(files))
        raw = files[name]
        if raw is None:
            continue
        i, j = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
        fragment = chance.choice(FRAGMENTS).encode()
        text = raw.decode("utf-8", "replace")
        files[name] = chance.choice(
            [
                raw[:i] + fragment + raw[i:],
                raw[:i] + fragment + raw[j:],
                raw[:i] + b"\n" + fragment + b"\n" + raw[i:],
                raw[:i] + raw[j:],
                raw[:j] + raw[i:],
                raw[:i] + chance.randbytes(3) + raw[i:],
                raw.replace(b"\n", b"\r\n"),
                b"\xef\xbb\xbf" + raw,
                unicodedata.normalize("NFD", text).encode(),
                text.encode("utf-16"),
                None,
            ]
        )
    return files


@given(st.integers())
@fuzz
def test_a_damaged_lesson_is_assembled_or_told(tmp_path_factory, seed):
    source = tmp_path_factory.mktemp("fuzz") / "lessons"
    (source / "rmsprop").mkdir(parents=True)
    for name, raw in damage_source(random.Random(seed)).items():
        if raw is not None:
            (source / name).write_bytes(raw)
    with pytest.MonkeyPatch.context() as patch:
        for module in (lessons, checks):
            patch.setattr(module, "SOURCE", source)
        for check in (
            lambda: checks.check_parallel("rmsprop"),
            lambda: checks.check_terms("rmsprop"),
            lambda: checks.check_reviewed("rmsprop"),
            lambda: lessons.load_editions(),
            lambda: lessons.load_frameworks(),
            lambda: assemble(LESSON, "en", "pytorch"),
            lambda: assemble(LESSON, "vi", "mxnet"),
        ):
            try:
                check()
            except LessonError as error:
                assert is_sentence(error), error


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: b"\xef\xbb\xbf" + raw,
    ],
    ids=["CRLF", "BOM"],
)
def test_what_an_editor_adds_to_a_file_changes_nothing(tmp_path, monkeypatch, change):
    def assembled():
        checks.check_parallel("rmsprop")
        checks.check_terms("rmsprop")
        return assemble(LESSON, "vi", "pytorch")

    for name, text in SMALL.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    for module in (lessons, checks):
        monkeypatch.setattr(module, "SOURCE", tmp_path)
    before = assembled()
    for name, text in SMALL.items():
        (tmp_path / name).write_bytes(change(text.encode()))
    assert assembled() == before


# Notebooks.

VALID = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# A"]},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": 1,
            "source": ["print(1)"],
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}],
        },
    ],
    "metadata": {
        "sources": "x",
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


def damage_json(chance, value):
    """Return a JSON value with some of its parts replaced or left out."""
    if chance.random() < 0.06:
        return chance.choice(
            [None, 0, -1, 1e308, "", "x", [], {}, [[]], "\ud800", True]
        )
    if isinstance(value, dict):
        return {
            key: damage_json(chance, part)
            for key, part in value.items()
            if chance.random() > 0.04
        }
    if isinstance(value, list):
        return [damage_json(chance, part) for part in value]
    return value


@given(st.integers())
@fuzz
def test_a_damaged_notebook_is_told_and_kept(tmp_path_factory, seed):
    chance = random.Random(seed)
    text = json.dumps(damage_json(chance, VALID))
    if chance.random() < 0.3:
        text = text[: chance.randrange(len(text))]
    if chance.random() < 0.05:
        text = "[" * 100_000
    path = tmp_path_factory.getbasetemp() / "x.ipynb"
    path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        for module in (build, execute):
            patch.setattr(module, "ROOT", path.parent)
        # What nbformat logs of the damage, half a character, fits through no pipe.
        patch.setattr(logging.root.manager, "disable", logging.CRITICAL)
        with pytest.raises(LessonError) as caught:
            build.check_unedited(path)
    assert is_sentence(caught.value), caught.value
    assert path.read_text() == text


def test_without_damage_nothing_is_told(tmp_path, monkeypatch):
    path = tmp_path / "x.ipynb"
    valid = copy.deepcopy(VALID)
    path.write_text(json.dumps(valid))
    for module in (build, execute):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    valid["metadata"]["sources"] = build.sources_digest(lessons.read_notebook(path))
    path.write_text(json.dumps(valid))
    build.check_unedited(path)
