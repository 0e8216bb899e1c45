"""Wherever and however `make` runs, it works or ends with one sentence."""

import os
import random
import signal
import subprocess
import time

import pytest


def unshare(*options):
    """Return a prefix that runs a command in namespaces of its own, if that works."""
    command = ["unshare", *options]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system does not let a user make namespaces")
    return command


def sentence(done):
    """Return the one sentence with which `make` ended, without success."""
    assert done.status == 2, done.told
    lines = [line for line in done.told.splitlines() if line.startswith("make: ")]
    lines = [line for line in lines if not line.startswith("make: ***")]
    assert len(lines) == 1, done.told
    return lines[0]


FIGURE = """import matplotlib.pyplot as plt
plt.plot([1, 2])"""


@pytest.mark.parametrize(
    "changes",
    [
        {"HOME": None, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"HOME": "/nowhere", "MPLBACKEND": "none", "PYTHONWARNINGS": "error"},
    ],
    ids=["HOME unset, C locale", "HOME missing, odd settings"],
)
def test_an_odd_environment_without_network_changes_nothing(checkout, changes):
    checkout.edit(1, FIGURE)
    done = checkout.make(inside=unshare("-rn"), **changes)
    assert done.status == 0, done.told
    assert checkout.versions() == ["1", "1"]


def test_a_sentence_in_vietnamese_is_told_in_any_locale(checkout):
    path = checkout.folder / "lessons" / "tiny" / "vi.md"
    path.write_text(path.read_text() + "`Tiếng Việt`\n", "utf-8")
    other = checkout.folder / "lessons" / "tiny" / "en.md"
    other.write_text(other.read_text() + "`English`\n", "utf-8")
    done = checkout.make(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert "vi.md has ['`Tiếng Việt`']" in sentence(done)


READ_ONLY = 'mount --bind . . && mount -o remount,bind,ro . && cd "$PWD" && exec "$@"'


def test_a_read_only_checkout_is_told(checkout):
    inside = [*unshare("-rm"), "sh", "-c", READ_ONLY, "sh"]
    assert "Read-only file system" in sentence(checkout.make(inside=inside))
    (checkout.folder / ".venv").unlink()
    told = sentence(checkout.make(inside=inside))
    assert "this folder cannot be written to: copy it" in told


FULL = """size=$(du -sm . | cut -f1)
mount -t tmpfs -o size=$((size + 1))m none "$DISK"
cp -a . "$DISK" && cd "$DISK" && head -c 9m /dev/zero > filler 2>/dev/null
"$@"
status=$?
cp -a notebooks "$OUT"
exit $status"""


def test_a_full_disk_is_told_and_spares_the_notebooks(checkout, tmp_path):
    assert checkout.make().status == 0
    before = [path.read_bytes() for path in checkout.notebooks()]
    checkout.edit(1)
    for name in ("disk", "out"):
        (tmp_path / name).mkdir()
    places = {"DISK": str(tmp_path / "disk"), "OUT": str(tmp_path / "out")}
    inside = [*unshare("-rm"), "sh", "-c", FULL, "sh"]
    done = checkout.make(inside=inside, **places)
    assert done.status == 2 and "No space left on device" in done.told, done.told
    after = sorted((tmp_path / "out").rglob("*.ipynb"))
    assert [path.read_bytes() for path in after] == before


def test_two_makes_at_a_time_do_not_meet(checkout):
    first, second = checkout.start(), checkout.start()
    told = [process.communicate()[0].decode() for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), told
    assert sum(text.count(" executed") for text in told) == 1, told
    assert sum(text.count(" is up to date") for text in told) == 1, told
    assert checkout.versions() == ["0", "0"]


def kill(checkout, version, moment, how):
    """Change the lesson, make, end that at a moment; return if it was still going."""
    checkout.edit(version)
    process = checkout.start()
    time.sleep(moment)
    going = process.poll() is None
    if going:
        os.killpg(process.pid, how)
    told = process.communicate()[0].decode()
    assert "Traceback" not in told, told
    assert set(checkout.versions()) <= {str(version - 1), str(version)}
    return going


def kill_at_random_moments(checkout, count):
    chance = random.Random(0)
    start = time.perf_counter()
    assert checkout.make().status == 0
    whole = time.perf_counter() - start
    hits = 0
    for version in range(1, count + 1):
        how = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[version % 3]
        hits += kill(checkout, version, chance.uniform(0, 0.5 * whole), how)
        done = checkout.make()
        assert done.status == 0, done.told
        assert checkout.versions() == [str(version)] * 2
    assert hits >= count / 2


def test_a_killed_make_leaves_whole_notebooks_and_goes_on(checkout):
    kill_at_random_moments(checkout, 2)


@pytest.mark.slow
def test_a_make_killed_at_20_moments_leaves_whole_notebooks(checkout):
    kill_at_random_moments(checkout, 20)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_make_says_so_in_one_sentence(checkout, how):
    process = checkout.start("-B")
    begun = checkout.folder / ".build" / "home"
    while not begun.exists():
        time.sleep(0.01)
    os.killpg(process.pid, how)
    told = process.communicate()[0].decode()
    assert "Traceback" not in told, told
    assert "make: interrupted. What was finished is kept" in told
