"""Fashion-MNIST: the subset, and every way to the complete set, without a network."""

import gzip
import hashlib
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from common import ReaderError
from common.data import fashion_mnist
from common.data.fashion_mnist import DataError, load_fashion_mnist
from common.progress import progress

NAMES = tuple(fashion_mnist.FULL_FILES)


def idx(array):
    """Return an array as a file of the IDX format."""
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return head + array.tobytes()


ARRAYS = (
    np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28),
    np.array([9, 0, 1], np.uint8),
    np.full((2, 28, 28), 7, np.uint8),
    np.array([4, 5], np.uint8),
)
CONTENTS = dict(zip(NAMES, map(idx, ARRAYS)))


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Make all places empty, and the four small files above the original ones."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "debian")
    hashes = {
        name: (
            hashlib.md5(gzip.compress(content, mtime=0)).hexdigest(),
            hashlib.sha256(content).hexdigest(),
        )
        for name, content in CONTENTS.items()
    }
    monkeypatch.setattr(fashion_mnist, "FULL_FILES", hashes)
    return types.SimpleNamespace(
        cache=tmp_path / "cache" / "optimizers-course", debian=tmp_path / "debian"
    )


@pytest.fixture
def web(monkeypatch):
    """Stand in for pooch: ``web.serve(url)`` returns the bytes of a file, or raises."""

    class HTTPDownloader:
        def __init__(self, progressbar):
            assert progressbar is False  # nobody watches a test

    def retrieve(url, known_hash, fname, path, downloader):
        web.urls.append(url)
        raw = web.serve(url)
        if known_hash != "md5:" + hashlib.md5(raw).hexdigest():
            raise ValueError("hash")
        (path / fname).write_bytes(raw)
        return str(path / fname)

    web = types.ModuleType("pooch")
    web.urls = []
    web.serve = lambda url: gzip.compress(CONTENTS[url.rsplit("/", 1)[1]], mtime=0)
    web.retrieve, web.HTTPDownloader = retrieve, HTTPDownloader
    web.get_logger = lambda: types.SimpleNamespace(setLevel=lambda level: None)
    monkeypatch.setitem(sys.modules, "pooch", web)
    return web


def fill(folder, names=NAMES):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(gzip.compress(CONTENTS[name]))


def assert_is_full(loaded):
    (X, y), (X_test, y_test) = loaded
    for found, expected in zip((X, y, X_test, y_test), ARRAYS):
        np.testing.assert_array_equal(found, expected)


def sentence():
    """Return the sentence with which the complete set is refused; the subset works."""
    with pytest.raises(DataError) as caught:
        load_fashion_mnist(full=True)
    text = str(caught.value)
    assert isinstance(caught.value, ReaderError)
    assert "\n" not in text and text.endswith("dataset-fashion-mnist.")
    assert len(load_fashion_mnist()[0][0]) == 5000
    return text


def test_the_subset_is_real_balanced_and_small():
    (X, y), (X_test, y_test) = load_fashion_mnist()
    assert X.shape == (5000, 28, 28) and X_test.shape == (1000, 28, 28)
    assert X.dtype == X_test.dtype == y.dtype == y_test.dtype == np.uint8
    assert np.bincount(y).tolist() == [500] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert 70 < X.mean() < 76 and X.max() == 255
    assert fashion_mnist.SUBSET_FILE.stat().st_size <= 3e6


def test_the_subset_is_part_of_the_complete_set():
    folder = Path("/usr/share/datasets/fashion-mnist")
    if not folder.exists():
        pytest.skip("the Debian package dataset-fashion-mnist is not installed")
    (X, y), (X_test, y_test) = load_fashion_mnist()
    originals = [gzip.decompress((folder / n).read_bytes()) for n in NAMES]
    originals = list(map(fashion_mnist._parse_idx, originals))
    for images, labels, count, (all_images, all_labels) in (
        (X, y, 500, originals[:2]),
        (X_test, y_test, 100, originals[2:]),
    ):
        for label in range(10):
            first = all_images[all_labels == label][:count]
            np.testing.assert_array_equal(images[labels == label], first)


def test_a_damaged_or_missing_subset_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "SUBSET_FILE", tmp_path / "fashion_mnist.npz")
    with pytest.raises(DataError, match=r"cannot be read .*git checkout"):
        load_fashion_mnist()
    fashion_mnist.SUBSET_FILE.write_bytes(b"PK")
    with pytest.raises(DataError, match=r"is damaged .*git checkout"):
        load_fashion_mnist()


def test_the_cache_comes_first_then_debian(places, web):
    fill(places.debian)
    fill(places.cache, NAMES[:2])
    assert_is_full(load_fashion_mnist(full=True))
    assert web.urls == []


def test_what_is_nowhere_is_downloaded_once(places, web):
    assert_is_full(load_fashion_mnist(full=True))
    assert_is_full(load_fashion_mnist(full=True))
    assert len(web.urls) == 4
    assert sorted(p.name for p in places.cache.iterdir()) == sorted(NAMES)


def test_a_damaged_cache_file_is_replaced(places, web):
    fill(places.cache)
    (places.cache / NAMES[0]).write_bytes(b"not gzip")
    assert_is_full(load_fashion_mnist(full=True))
    assert len(web.urls) == 1


def test_a_damaged_cache_file_that_cannot_be_replaced_is_told_and_kept(places, web):
    def no_network(url):
        raise ConnectionError

    fill(places.cache)
    web.serve = no_network
    damaged = places.cache / NAMES[0]
    half = damaged.read_bytes()[:200]
    for raw in (half, b"", gzip.compress(b"another file")):
        damaged.write_bytes(raw)
        text = sentence()
        assert f"{damaged} is damaged" in text and "ConnectionError" in text
        assert damaged.read_bytes() == raw


def test_no_network_is_told(web):
    def no_network(url):
        raise OSError(101, "Network is unreachable")

    web.serve = no_network
    assert f"{NAMES[0]} is not on this computer" in (text := sentence())
    assert "(Network is unreachable)" in text


@pytest.mark.parametrize("arrived", [b"", b"half a file", b"<html>404</html>"])
def test_a_download_that_is_not_the_file_never_counts(places, web, arrived):
    web.serve = lambda url: arrived
    assert "what arrived is not the original file" in sentence()
    assert list(places.cache.iterdir()) == []


def test_an_interrupted_download_leaves_nothing_behind(places, web):
    def interrupt(url):
        raise KeyboardInterrupt

    web.serve = interrupt
    with pytest.raises(KeyboardInterrupt):
        load_fashion_mnist(full=True)
    assert list(places.cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(places, web, monkeypatch):
    places.cache.parent.write_text("a file where the folder should be")
    text = sentence()
    assert "cannot be written to (" in text and "XDG_CACHE_HOME" in text
    assert web.urls == []
    fill(places.debian)
    assert_is_full(load_fashion_mnist(full=True))


def test_a_missing_pooch_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert "pip install pooch" in sentence()


def test_the_real_pooch_never_keeps_half_a_file(places, tmp_path, monkeypatch):
    pytest.importorskip("pooch")
    pytest.importorskip("requests")
    served = {"raw": b""}

    class Response:
        def __init__(self):
            self.headers = {"content-length": str(len(served["raw"]))}

        def raise_for_status(self):
            pass

        def iter_content(self, chunk_size):
            yield served["raw"][:40]
            if served.get("cut"):
                import requests

                raise requests.exceptions.ChunkedEncodingError
            yield served["raw"][40:]

    def get(url, **_):
        served["raw"] = gzip.compress(CONTENTS[url.rsplit("/", 1)[1]], mtime=0)
        return Response()

    monkeypatch.setattr("requests.get", get)
    served["cut"] = True
    assert "(ChunkedEncodingError)" in sentence()
    assert list(places.cache.iterdir()) == []
    served["cut"] = False
    assert_is_full(load_fashion_mnist(full=True))


def test_the_airfoil_data_load_without_all_this():
    code = "import sys, common.data; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not {"pooch", "tqdm", "common.data.fashion_mnist"} & set(done.stdout.split())
    assert "common.data" in done.stdout


def test_a_progress_bar_is_silent_unless_someone_watches(capfd, monkeypatch):
    assert list(progress(range(3), "steps")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")
    pytest.importorskip("tqdm")
    monkeypatch.setattr("common.progress.has_front_end", lambda: True)
    assert list(progress(range(3), "steps")) == [0, 1, 2]
    out, err = capfd.readouterr()
    assert "steps" in out and err == ""
