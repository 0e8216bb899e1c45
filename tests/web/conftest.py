"""A site built from the committed notebooks, and a browser to read it with."""

import functools
import http.server
import os
import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright

from tests.web.firefox import Firefox
from weave.lessons import ROOT
from web.site import build


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Return the folder of a site."""
    folder = tmp_path_factory.mktemp("web") / "site"
    build(folder, repository="owner/name")
    return folder


@pytest.fixture(scope="session")
def bare_site(tmp_path_factory):
    """Return the folder of a site of which no repository is known."""
    folder = tmp_path_factory.mktemp("bare") / "site"
    build(folder)
    return folder


@pytest.fixture(scope="session")
def server(site):
    """Return the address of a server that has the site."""
    handler = functools.partial(QuietHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def find_browser(package, *programs):
    """Return the path of a browser; without it skip, or fail where CI is true.

    What was not tested is written down, for `make test` to say at its end.
    """
    path = next(filter(None, map(shutil.which, programs)), None)
    noted = ROOT / ".build" / "untested" / package
    if path is None:
        told = f"no browser on this machine: install Debian's package {package}."
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        noted.parent.mkdir(parents=True, exist_ok=True)
        noted.touch()
        pytest.skip(told)
    noted.unlink(missing_ok=True)
    return path


@pytest.fixture(scope="session")
def browser():
    """Return a headless Chromium."""
    path = find_browser("chromium", "chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        # Root, as in a container, has no sandbox.
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def firefox(tmp_path_factory):
    """Return a headless Firefox that goes to pages and runs scripts on them."""
    path = find_browser("firefox-esr", "firefox-esr", "firefox")
    with Firefox(path, tmp_path_factory.mktemp("firefox")) as found:
        yield found


@pytest.fixture
def new_page(browser):
    """Return a function that opens an empty page with options of its own."""
    contexts = []

    def open_page(width=1280, height=800, **options):
        size = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=size, **options))
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()
