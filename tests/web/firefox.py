"""Firefox, driven by its own protocol, Marionette: Playwright brings one of its own."""

import json
import socket
import subprocess
import time


class Firefox:
    """A headless Firefox with an empty profile in a folder that exists."""

    def __init__(self, program, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        prefs = f'user_pref("marionette.port", {self.port});\n'
        (folder / "user.js").write_text(prefs)
        options = ("--headless", "--marionette", "--profile", str(folder))
        self.process = subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self):
        for _ in range(300):
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port))
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        self.socket.settimeout(60)
        self.stream = self.socket.makefile("rb")
        self.receive()  # its name and version
        self.number = 0
        self.ask("WebDriver:NewSession", pageLoadStrategy="normal")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.stream.close()
        self.socket.close()

    def receive(self):
        """Return a message: its length, a colon, and so many bytes of JSON."""
        length = b""
        while (byte := self.stream.read(1)) != b":":
            length += byte
        return json.loads(self.stream.read(int(length)))

    def ask(self, command, **values):
        """Return the answer to a command."""
        self.number += 1
        message = json.dumps([0, self.number, command, values]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, answer = self.receive()
        assert error is None, error
        return answer

    def goto(self, address):
        """Open a page and wait until all of it is laid out."""
        self.ask("WebDriver:Navigate", url=address)
        for _ in range(200):
            if self.run("return 'settled' in document.documentElement.dataset"):
                return
            time.sleep(0.05)
        raise AssertionError(f"{address} was not laid out in 10 s")

    def run(self, script, *args):
        """Return what a script returns, on the page that is open."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=args)["value"]

    def press(self, keys):
        """Type keys to what has the focus."""
        element = self.run("return document.activeElement")
        (reference,) = element.values()
        self.ask("WebDriver:ElementSendKeys", id=reference, text=keys)
