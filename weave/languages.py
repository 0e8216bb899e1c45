"""What two languages of a lesson owe each other: `python -m weave.languages`.

`make test` runs these checks; `python -m weave.languages --reviewed` (`make reviewed`)
records that the lines of both languages, as they are now, were read side by side.
"""

import hashlib
import os
import re
import sys

from weave.assemble import CELL, HEADING
from weave.lessons import (
    LANGUAGES,
    SOURCE,
    LessonError,
    load_folders,
    load_yaml,
    read_prose,
    read_source,
)


def skeleton(line, language):
    """Return what a line of prose must have in common with its translation."""
    line = re.sub(r"(\d)\{,\}(\d)", r"\1.\2", line)
    if language == "vi":
        line = re.sub(r"(\d),(\d)", r"\1.\2", line)
    heading, cell = HEADING.match(line), CELL.match(line)
    templates = re.findall(r"\{\{.+?\}\}|\{%.+?%\}", line)
    formulas = re.findall(r"\$[^$]+\$", line)
    code = re.findall(r"`[^`]+`", line)
    rest = re.sub(r"\$[^$]+\$|`[^`]+`|\]\([^)]*\)|\{\{.+?\}\}|\{%.+?%\}", " ", line)
    return {
        "blank or not": bool(line.strip()),
        "heading": heading and (heading[1], heading[3]),
        "cell": cell and (cell[2], bool(cell[1])),
        "markup": re.match(r"(?:- |> |\| |\d\. |#+ |</?\w+>)?", line)[0],
        "formulas": sorted(formulas),
        "code": sorted(code),
        "templates": sorted(re.sub(r'"[^"]*"', '""', t) for t in templates),
        "links": sorted(re.findall(r"\]\(([^)]*)\)", line)),
        "numbers": sorted(re.findall(r"\d+(?:\.\d+)?", rest)),
    }


def check_parallel(lesson):
    """Raise LessonError unless line i of one language is line i of the other."""
    en, vi = (read_prose(lesson, language).splitlines() for language in LANGUAGES)
    for number, (a, b) in enumerate(zip(en, vi), 1):
        for what, expected in skeleton(a, "en").items():
            if (found := skeleton(b, "vi")[what]) != expected:
                raise LessonError(
                    f"lessons/{lesson}: line {number} differs in its {what}: "
                    f"en.md has {expected!r}, vi.md has {found!r}."
                )
    if len(en) != len(vi):
        longer, shorter = ("en", "vi") if len(en) > len(vi) else ("vi", "en")
        raise LessonError(
            f"lessons/{lesson}/{shorter}.md ends at line {min(len(en), len(vi))}, but "
            f"{longer}.md goes on: translate what is missing."
        )


def load_glossary():
    """Return the list of terms, each with its `en` forms, `vi` forms and faults."""
    terms = load_yaml("glossary.yml", list)
    for number, term in enumerate(terms, 1):
        for key in ("en", "vi", "not"):
            words = term.get(key) or ([] if key == "not" else [None])
            if not isinstance(words, list) or not all(
                isinstance(word, str) and word for word in words
            ):
                raise LessonError(
                    f"lessons/glossary.yml, term {number}: {key} has to be a list of "
                    "words."
                )
    return terms


def found(words, text):
    """Return the first of ``words`` that stands in ``text`` as words of its own."""
    for word in words:
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            return word
    return None


def check_terms(lesson):
    """Raise LessonError where the Vietnamese strays from the glossary."""
    # The longest terms first: bias correction is not a kind of bias.
    terms = sorted(load_glossary(), key=lambda term: -len(term["en"][0]))
    en, vi = (read_prose(lesson, language).splitlines() for language in LANGUAGES)
    for number, (a, b) in enumerate(zip(en, vi), 1):
        where = f"lessons/{lesson}/vi.md, line {number}"
        if found(["chúng tôi"], b):
            raise LessonError(f'{where}: "chúng tôi" is a fault for "ta".')
        # Names, code, formulas and templates are the same in both languages.
        a, b = (
            re.sub(r"\*+[^*]+\*+|`[^`]+`|\$[^$]+\$|\{[{%].+?[%}]\}|\]\([^)]*\)", " ", x)
            for x in (a, b)
        )
        if a == b:
            continue
        for term in terms:
            if not (word := found(term["en"], a)):
                continue
            a = re.sub(re.escape(word), " ", a, flags=re.IGNORECASE)
            if fault := found(term.get("not", []), b):
                raise LessonError(
                    f'{where}: "{fault}" is a fault for "{term["vi"][0]}" ({word}).'
                )
            if not found(term["vi"], b):
                raise LessonError(f'{where}: "{term["vi"][0]}" ({word}) is missing.')


def digests(lesson):
    """Return the pairs of hashes of the lines of both languages."""
    columns = (
        [hashlib.sha256(line.encode()).hexdigest()[:12] for line in text.splitlines()]
        for text in (read_prose(lesson, language) for language in LANGUAGES)
    )
    return list(zip(*columns))


def check_reviewed(lesson):
    """Raise LessonError for a line that changed since both languages were read."""
    known = (SOURCE / lesson / "reviewed.txt").exists()
    lines = read_source(f"{lesson}/reviewed.txt").splitlines() if known else []
    pairs = [pair for line in lines if len(pair := tuple(line.split())) == 2]
    known_en, known_vi = ({pair[i] for pair in pairs} for i in (0, 1))
    for number, (a, b) in enumerate(digests(lesson), 1):
        if (a, b) in pairs:
            continue
        if a in known_en:
            changed = "vi.md was changed, en.md was not"
        elif b in known_vi:
            changed = "en.md was changed, vi.md was not"
        else:
            changed = "en.md and vi.md were changed"
        raise LessonError(
            f"lessons/{lesson}, line {number}: {changed}. Read both lines side by "
            "side; when they say the same, run `make reviewed`."
        )


def main():
    """Record the present lines as reviewed, or check them; return the exit status."""
    try:
        for lesson in load_folders():
            check_parallel(lesson)
            check_terms(lesson)
            if sys.argv[1:] == ["--reviewed"]:
                text = "".join(f"{a} {b}\n" for a, b in digests(lesson))
                path = SOURCE / lesson / "reviewed.txt"
                path.with_suffix(".part").write_text(text, "utf-8")
                os.replace(path.with_suffix(".part"), path)
            check_reviewed(lesson)
    except (LessonError, OSError) as error:
        return f"make: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
