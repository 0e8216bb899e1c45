"""environment.yml is what conda, Binder and repo2docker can build, to the letter.

repo2docker takes a misspelt key without a word and builds an image that lacks
something; these checks do not.
"""

import asyncio
import json
import re

import pytest
import rattler
import yaml
from packaging.requirements import Requirement

from weave.lessons import ROOT

TEXT = (ROOT / "environment.yml").read_text("utf-8")
KEYS = {"name": str, "channels": list, "dependencies": list}
# Enough of conda-forge to solve for the interpreter: all the rest comes with pip.
CHANNEL = {
    "python-3.13.5-0.conda": ("python", "3.13.5", []),
    "python-3.14.1-0.conda": ("python", "3.14.1", []),
    "pip-24.0-0.conda": ("pip", "24.0", ["python >=3.7"]),
}


def faults(text):
    """Return what is wrong with the text of an environment.yml, as a list."""
    environment = yaml.safe_load(text)
    found = [f"unknown key {key!r}" for key in environment.keys() - KEYS.keys()]
    for key, kind in KEYS.items():
        if not isinstance(environment.get(key), kind):
            found.append(f"{key!r} is missing or no {kind.__name__}")
    dependencies = environment.get("dependencies") or []
    pips = [entry for entry in dependencies if isinstance(entry, dict)]
    for entry in pips:
        if set(entry) != {"pip"}:
            found.append(f"{sorted(entry)} is not a list for pip")
        elif "pip" not in dependencies:
            found.append("pip lists packages, but is not installed itself")
    for spec in (entry for entry in dependencies if isinstance(entry, str)):
        try:
            name = rattler.MatchSpec(spec, strict=True).name
        except Exception as error:  # py-rattler has one class for each kind of fault
            found.append(f"{spec!r}: {error}")
            continue
        if name.normalized not in {package for package, *_ in CHANNEL.values()}:
            found.append(f"no package {spec!r}")
    for line in (line for entry in pips for line in entry.get("pip", [])):
        if option := re.fullmatch(r"(-c|-r|-e) (\S+)", line):
            if not (ROOT / option[2]).exists():
                found.append(f"no file {option[2]!r}")
            continue
        try:
            Requirement(line)
        except ValueError as error:
            found.append(f"{line!r}: {error}")
    return found


def test_the_environment_has_no_fault():
    assert not faults(TEXT)


@pytest.mark.parametrize(
    "right, wrong, sentence",
    [
        ("dependencies:", "dependancies:", "unknown key 'dependancies'"),
        ("channels:", "channel:", "unknown key 'channel'"),
        ("- pip:", "- pypi:", "['pypi'] is not a list for pip"),
        ("  - pip\n", "", "not installed itself"),
        ("python=3.13", "python=>3.13", "python=>3.13"),
        ("python=3.13", "pyhton=3.13", "no package 'pyhton=3.13'"),
        ("-r requirements.txt", "-r requirement.txt", "no file 'requirement.txt'"),
        ("-r requirements.txt", "torch=2.0", "torch=2.0"),
    ],
)
def test_a_slip_is_found(right, wrong, sentence):
    assert TEXT.count(right) == 1
    assert sentence in "\n".join(faults(TEXT.replace(right, wrong)))


def test_it_solves_to_python_313_without_any_network(tmp_path):
    packages = {
        file: {
            "name": name,
            "version": version,
            "build": "0",
            "build_number": 0,
            "subdir": "linux-64",
            "depends": depends,
        }
        for file, (name, version, depends) in CHANNEL.items()
    }
    path = tmp_path / "repodata.json"
    path.write_text(json.dumps({"packages": {}, "packages.conda": packages}))
    channel = rattler.Channel("conda-forge")
    specs = [d for d in yaml.safe_load(TEXT)["dependencies"] if isinstance(d, str)]
    data = rattler.SparseRepoData(channel, "linux-64", path)

    async def solve():
        return await rattler.solve_with_sparse_repodata(specs, [data])

    solved = asyncio.run(solve())
    assert {r.name.normalized: str(r.version) for r in solved} == {
        "python": "3.13.5",
        "pip": "24.0",
    }
