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


class DataError(ReaderError, ValueError):
    """A data file is missing or is not the file that it should be."""


def load_airfoil():
    """Return the NASA airfoil self-noise data as ``(features, labels)``.

    ``features`` has shape (1503, 5), ``labels`` shape (1503,), both float64 and as
    measured; ``AIRFOIL_COLUMNS`` names the six columns and their units, the label
    last. Raises DataError when the file is missing or differs from the original.

    Source: T. Brooks, D. Pope, M. Marcolini, "Airfoil self-noise and prediction",
    NASA RP-1218, 1989; UCI Machine Learning Repository, doi 10.24432/C5VW2C
    (CC BY 4.0).
    """
    try:
        raw = AIRFOIL_FILE.read_bytes()
    except OSError as error:
        raise DataError(
            f"The data file {AIRFOIL_FILE.name} cannot be read ({error.strerror}): "
            "restore it with `git checkout common/data`."
        ) from None
    if hashlib.sha1(raw).hexdigest() != AIRFOIL_SHA1:
        raise DataError(
            f"The data file {AIRFOIL_FILE.name} is damaged (its SHA-1 is not "
            f"{AIRFOIL_SHA1}): restore it with `git checkout common/data`."
        )
    table = np.loadtxt(io.BytesIO(raw), delimiter="\t")
    return table[:, :-1], table[:, -1]
