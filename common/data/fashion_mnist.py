"""Fashion-MNIST: a subset that is always here, and the complete set if need be."""

import gzip
import hashlib
import io
import os
import tempfile
import zlib
from pathlib import Path

import numpy as np

from common.data import DataError, read_original
from common.progress import progress

SUBSET_FILE = Path(__file__).with_name("fashion_mnist.npz")
SUBSET_SHA256 = "1064eff4cef408fe773c6040772d7cb7c114c2d2b60accb705d268cbecb8d44e"
PARTS = ("train_images", "train_labels", "test_images", "test_labels")

# The four original files, in the order of PARTS: the MD5 of the compressed file that
# its authors publish, and the SHA-256 of what is in it, however it is compressed.
FULL_FILES = {
    "train-images-idx3-ubyte.gz": (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    "train-labels-idx1-ubyte.gz": (
        "25c81989df183df01b3e8a0aad5dffbe",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    "t10k-images-idx3-ubyte.gz": (
        "bef4ecab320f06d8554ea6380940ec79",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "bb300cfdad3c16e7a12a480ee83cd310",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}
URL = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
MOST_UNPACKED = 2**26  # bytes; none of the four is larger
ADVICE = (
    "go on with the subset, load_fashion_mnist(), or install Debian's package "
    "dataset-fashion-mnist."
)


def load_fashion_mnist(full=False):
    """Return Fashion-MNIST as ``(images, labels), (test_images, test_labels)``.

    Images are uint8 arrays of shape (n, 28, 28), labels uint8 arrays of shape (n,)
    from 0 to 9. The subset has 5,000 and 1,000 images, equally many of each class,
    and comes with the lessons. ``full=True`` returns all 60,000 and 10,000: from the
    user's cache, from Debian's package, or by a download into the cache. Raises
    DataError when a file is missing or damaged and cannot be replaced.

    Source: H. Xiao, K. Rasul, R. Vollgraf, arXiv 1708.07747, 2017 (MIT licence).
    """
    if full:
        parts = [_parse_idx(_read_full(name)) for name in FULL_FILES]
    else:
        parts = _read_subset()
    return tuple(parts[:2]), tuple(parts[2:])


def cache_folder():
    """Return the folder of this user's downloads."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(base or Path.home() / ".cache") / "optimizers-course"


def _read_subset():
    raw = read_original(SUBSET_FILE, "sha256", SUBSET_SHA256)
    with np.load(io.BytesIO(raw)) as arrays:
        return [arrays[part] for part in PARTS]


def _parse_idx(content):
    """Return the array in a file of the IDX format."""
    ndim = content[3]
    shape = np.frombuffer(content, ">i4", ndim, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape).copy()


def _read_full(name):
    """Return what is in an original file, from the first place that has it whole."""
    damaged = []
    for folder in (cache_folder(), DEBIAN_FOLDER):
        path = folder / name
        content = _read_whole(path)
        if content is not None:
            return content
        if path.exists():
            damaged.append(path)
    path = _download(name, damaged)
    content = _read_whole(path)
    if content is None:
        raise DataError(f"The file {path} is damaged: delete it, or {ADVICE}")
    return content


def _read_whole(path):
    """Return what is in a compressed file, or None unless it is the original."""
    try:
        with gzip.open(path) as file:
            content = file.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error):
        return None
    same = hashlib.sha256(content).hexdigest() == FULL_FILES[path.name][1]
    return content if same else None


def _download(name, damaged):
    """Download an original file into the cache and return its path.

    pooch writes to a temporary file and moves it only if its checksum is right.
    """
    folder = cache_folder()
    trouble = f"{name} is not on this computer"
    if damaged:
        trouble = f"the file {damaged[0]} is damaged"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise DataError(
            f"Fashion-MNIST is not complete: {trouble}, and the folder {folder} "
            f"cannot be written to ({error.strerror}); set XDG_CACHE_HOME to one that "
            f"can, {ADVICE}"
        ) from None
    try:
        import pooch
    except ImportError:
        raise DataError(
            f"Fashion-MNIST is not complete: {trouble}, and a download needs pooch "
            f"(`pip install pooch`); {ADVICE}"
        ) from None
    pooch.get_logger().setLevel("CRITICAL")  # it would write to stderr
    bar = progress(label=name, total=1, unit="B", unit_scale=True)
    try:
        return Path(
            pooch.retrieve(
                URL + name,
                known_hash="md5:" + FULL_FILES[name][0],
                fname=name,
                path=folder,
                downloader=pooch.HTTPDownloader(progressbar=bar or False),
            )
        )
    except ValueError:
        reason = "what arrived is not the original file"
    except OSError as error:  # those of requests too
        reason = error.strerror or type(error).__name__
    raise DataError(
        f"Fashion-MNIST is not complete: {trouble}, and it cannot be downloaded "
        f"({reason}); {ADVICE}"
    )
