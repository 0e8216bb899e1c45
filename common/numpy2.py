"""MXNet 1.9.1, the last release, on the NumPy of today.

MXNet reads some twenty names from NumPy when it is imported, to offer functions of
the same names. NumPy 2 dropped them, so they are set here before: those that have a
successor to that, the others to None, for they only have to exist. MXNet's `distutils`
left Python with 3.12; setuptools brings it along. MXNet is retired and will not change.
"""

import numpy
import setuptools  # noqa: F401

SUCCESSORS = {
    "PZERO": 0.0,
    "NZERO": -0.0,
    "NINF": -numpy.inf,
    "PINF": numpy.inf,
    "Inf": numpy.inf,
    "NAN": numpy.nan,
    "NaN": numpy.nan,
    "alltrue": numpy.all,
    "sometrue": numpy.any,
    "product": numpy.prod,
    "round_": numpy.round,
    "in1d": numpy.isin,
    "trapz": numpy.trapezoid,
}
LOST = ("mirr", "msort", "npv", "pmt", "ppmt", "pv", "rate")

for name, value in {**SUCCESSORS, **dict.fromkeys(LOST)}.items():
    if not hasattr(numpy, name):
        setattr(numpy, name, value)
