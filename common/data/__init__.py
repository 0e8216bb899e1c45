"""The datasets of the lessons, read from this folder: no network is needed."""

import hashlib
import io
from pathlib import Path

import numpy as np

from common import ReaderError

AIRFOIL_FILE = Path(__file__).with_name("airfoil_self_noise.dat")
AIRFOIL_SHA1 = "76e5be1548fd8222e5074cf0faae75edff8cf93f"
AIRFOIL_COLUMNS = {
    "frequency": "Hz",
    "angle of attack": "degree",
    "chord length": "m",
    "free-stream velocity": "m/s",
    "suction side displacement thickness": "m",
    "scaled sound pressure level": "dB",
}
MOST = 2**24  # bytes; no file here is larger


class DataError(ReaderError, ValueError):
    """A data file is missing or is not the file that it should be."""


def read_original(path, algorithm, digest):
    """Return the bytes of a data file; raise DataError unless they are the original."""
    advice = "restore it with `git checkout common/data`."
    try:
        with path.open("rb") as file:
            raw = file.read(MOST + 1)
    except OSError as error:
        raise DataError(
            f"The data file {path.name} cannot be read ({error.strerror}): {advice}"
        ) from None
    if hashlib.new(algorithm, raw, usedforsecurity=False).hexdigest() != digest:
        raise DataError(
            f"The data file {path.name} is damaged (its {algorithm.upper()} is not "
            f"{digest}): {advice}"
        )
    return raw


def load_airfoil():
    """Return the NASA airfoil self-noise data as ``(features, labels)``.

    ``features`` has shape (1503, 5), ``labels`` shape (1503,), both float64 and as
    measured; ``AIRFOIL_COLUMNS`` names the six columns and their units, the label
    last. Raises DataError when the file is missing or differs from the original.

    Source: T. Brooks, D. Pope, M. Marcolini, "Airfoil self-noise and prediction",
    NASA RP-1218, 1989; UCI Machine Learning Repository, doi 10.24432/C5VW2C
    (CC BY 4.0).
    """
    raw = read_original(AIRFOIL_FILE, "sha1", AIRFOIL_SHA1)
    table = np.loadtxt(io.BytesIO(raw), delimiter="\t")
    return table[:, :-1], table[:, -1]
