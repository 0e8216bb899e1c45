"""The airfoil data are the original, and damage is told in a sentence."""

import hashlib

import numpy as np
import pytest

from common import data
from common.harness import get_data


def rows(array, batch_size):
    return [array[i : i + batch_size] for i in range(0, len(array), batch_size)]


def test_the_file_is_the_original():
    raw = data.AIRFOIL_FILE.read_bytes()
    assert hashlib.sha1(raw).hexdigest() == "76e5be1548fd8222e5074cf0faae75edff8cf93f"


def test_the_arrays_have_the_documented_shape_and_columns():
    features, labels = data.load_airfoil()
    assert features.shape == (1503, 5) and labels.shape == (1503,)
    assert features.dtype == labels.dtype == np.float64
    assert list(data.AIRFOIL_COLUMNS.values()) == [
        "Hz",
        "degree",
        "m",
        "m/s",
        "m",
        "dB",
    ]
    assert features[0].tolist() == [800, 0, 0.3048, 71.3, 0.00266337]
    assert labels[0] == 126.201


def test_every_column_is_standardised_over_all_rows():
    data_iter, _ = get_data(10, 1503, 0, rows)
    table = np.column_stack([data_iter.X, data_iter.y]).astype(float)
    np.testing.assert_allclose(table.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(table.std(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: raw[:-1],
        lambda raw: raw + b"\n",
        lambda raw: raw.replace(b"126.201", b"nan", 1),
        lambda raw: b"".join(reversed(raw.splitlines(keepends=True))),
    ],
    ids=["empty", "truncated", "padded", "nan", "permuted"],
)
def test_a_damaged_file_is_told(monkeypatch, tmp_path, damage):
    copy = tmp_path / "airfoil_self_noise.dat"
    copy.write_bytes(damage(data.AIRFOIL_FILE.read_bytes()))
    monkeypatch.setattr(data, "AIRFOIL_FILE", copy)
    with pytest.raises(data.DataError, match=r"airfoil_self_noise\.dat is damaged"):
        data.load_airfoil()


def test_a_missing_file_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "AIRFOIL_FILE", tmp_path / "airfoil_self_noise.dat")
    with pytest.raises(data.DataError, match=r"cannot be read .* `git checkout"):
        data.load_airfoil()


def test_a_notebook_shows_the_sentence_and_no_traceback():
    error = data.DataError("One sentence.")
    assert error._render_traceback_() == ["One sentence."]
