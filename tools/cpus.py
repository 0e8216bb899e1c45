"""Test and verify the lessons as other processors round: `make test-cpus`.

Variables of the numerical libraries make them take the code that they have for other
processors. A setting counts for a framework if it changes at least one bit of what
a probe computes with it; then the framework's tests and `make verify` have to pass
under it. `--probe` tells which settings count here and runs nothing else.
"""

import argparse
import os
import subprocess
import sys

from weave.lessons import ROOT, load_frameworks

SETTINGS = {
    "oneDNN for AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2"},
    "oneDNN for SSE4.1": {"ONEDNN_MAX_CPU_ISA": "SSE41", "DNNL_MAX_CPU_ISA": "SSE41"},
    "PyTorch without AVX": {"ATEN_CPU_CAPABILITY": "default"},
    "PyTorch for AVX2": {"ATEN_CPU_CAPABILITY": "avx2"},
    "MKL for any processor": {"MKL_CBWR": "COMPATIBLE"},
    "XLA without AVX": {"XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"},
    "OpenBLAS for Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    "NumPy without AVX2": {
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
    },
    "one thread": {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
    },
}
# Sizes as in the exercises: a minibatch of pictures, a layer, all pictures.
PROBE = """
import hashlib, importlib, sys
import numpy as np
adapter = importlib.import_module("tests.frameworks.adapt_" + sys.argv[1])
digest, rng = hashlib.sha256(), np.random.default_rng(0)
for kind in ("float32", "float64"):
    for rows in (10, 128, 5000):
        X = rng.random((rows, 784)).astype(kind)
        W = rng.normal(0, 0.05, (784, 128)).astype(kind)
        for found in (X @ W, np.exp(X), np.log1p(X), *adapter.probe(X, W)):
            digest.update(found.tobytes())
print(digest.hexdigest())
"""


def environment(setting):
    """Return the variables of a setting amid those of this process."""
    ours = {name for variables in SETTINGS.values() for name in variables}
    kept = {name: v for name, v in os.environ.items() if name not in ours}
    return {**kept, **setting}


def run(arguments, setting, **options):
    """Run this Python in the checkout, under a setting."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(setting), **options)


def probe(framework, setting):
    """Return a hash of all bits that a framework and NumPy compute, "" if none."""
    done = run(
        ["-W", "ignore", "-c", PROBE, framework],
        setting,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return done.stdout


def judge(framework, setting):
    """Return what the tests and the verification say under a setting."""
    faults = []
    for name, arguments in (
        (
            "tests",
            ["-m", "pytest", "lessons", "tests/frameworks", f"--framework={framework}"],
        ),
        ("verify", ["-m", "weave.verify", framework]),
    ):
        if run(arguments, setting).returncode:
            faults.append(name)
    return f"{' and '.join(faults)} failed" if faults else "passed"


def main():
    """Print a table, a row for each setting; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("frameworks", nargs="*", default=list(load_frameworks()))
    parser.add_argument("--probe", action="store_true", help="run no tests")
    options = parser.parse_args()
    usual = {framework: probe(framework, {}) for framework in options.frameworks}
    if silent := [framework for framework, bits in usual.items() if not bits]:
        return f"tools.cpus: nothing can be computed in {', '.join(silent)} here."
    rows = []
    for name, setting in SETTINGS.items():
        row = []
        for framework, bits in usual.items():
            if probe(framework, setting) == bits:
                row.append("same bits")
            else:
                row.append("other bits" if options.probe else judge(framework, setting))
            print(f"{name}, {framework}: {row[-1]}", flush=True)
        rows.append([name, *row])
    print()
    for row in (["", *usual], *rows):
        print(f"{row[0]:28}", *(f"{cell:24}" for cell in row[1:]))
    if idle := [name for name, *row in rows if set(row) == {"same bits"}]:
        print(f"Without effect on this machine: {', '.join(idle)}.")
    return int(any("failed" in cell for row in rows for cell in row))


if __name__ == "__main__":
    sys.exit(main())
