"""classroom/values.yaml keeps to the chart's schema, and to the lessons there are.

No cluster is here to ask, so these are the facts of the chart's schema about the keys
that the file uses; the schema allows no others where a dict is given.
"""

import re

import pytest
import yaml

from weave.lessons import LANGUAGES, ROOT, load_frameworks

TEXT = (ROOT / "classroom" / "values.yaml").read_text("utf-8")
ANYTHING = dict
MEMORY = re.compile(r"\d+[KMGT]")  # KubeSpawner's; Kubernetes' own Mi is a fault here
SCHEMA = {
    "hub": {"config": ANYTHING},
    "proxy": {
        "https": {"enabled": bool, "hosts": list, "letsencrypt": {"contactEmail": str}}
    },
    "singleuser": {
        "image": {"name": str, "tag": str},
        "memory": {"guarantee": MEMORY, "limit": MEMORY},
        "cpu": {"guarantee": float, "limit": float},
        "extraEnv": ANYTHING,
        "storage": {"capacity": str},
        "lifecycleHooks": {"postStart": ANYTHING},
        "profileList": list,
    },
    "cull": {"timeout": int},
}


def faults(values, schema=SCHEMA, where=""):
    """Return where ``values`` strays from a schema, as a list."""
    if isinstance(schema, re.Pattern):
        return [] if schema.fullmatch(str(values)) else [f"{where}: {values!r}"]
    if isinstance(schema, type):
        kinds = (int, float) if schema is float else schema
        return [] if isinstance(values, kinds) else [f"{where}: {values!r}"]
    if not isinstance(values, dict):
        return [f"{where}: {values!r}"]
    found = [f"{where}.{key}" for key in values.keys() - schema.keys()]
    for key in values.keys() & schema.keys():
        found += faults(values[key], schema[key], f"{where}.{key}")
    return found


def test_the_values_keep_to_the_schema():
    assert not faults(yaml.safe_load(TEXT))


@pytest.mark.parametrize(
    "right, wrong, place",
    [
        ("guarantee: 768M", "guarantee: 768Mi", ".singleuser.memory.guarantee"),
        ("limit: 1536M", "limits: 1536M", ".singleuser.memory.limits"),
        ('tag: "1"', "tag: 1", ".singleuser.image.tag"),
        ("cull:", "culling:", ".culling"),
    ],
)
def test_a_slip_is_found(right, wrong, place):
    assert TEXT.count(right) == 1
    assert place in "\n".join(faults(yaml.safe_load(TEXT.replace(right, wrong))))


def test_every_profile_opens_a_lesson_and_every_lesson_has_one():
    values = yaml.safe_load(TEXT)
    config = values["hub"]["config"]["KubeSpawner"]
    *_, folder = values["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]
    start = f"/lab/tree/{folder.removeprefix(config['notebook_dir']).strip('/')}/"
    opened = [
        profile["kubespawner_override"]["default_url"].removeprefix(start)
        for profile in values["singleuser"]["profileList"]
    ]
    assert sorted(opened) == sorted(
        f"notebooks/{language}/rmsprop-{framework}.ipynb"
        for language in LANGUAGES
        for framework in load_frameworks()
    )
    assert all((ROOT / path).is_file() for path in opened)
