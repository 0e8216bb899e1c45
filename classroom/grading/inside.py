"""Run a submission: its code cells in, their outputs out, both as lists in JSON.

`apart.py` starts this where nothing of value is, as `python -c … SECONDS`, so it
imports nothing of the course. A cell may take a quarter of the time; when all is used
up, each cell that is left gets a second. A cell that ends the kernel, or does not let
go of it, is left out, and the others run again.
"""

import asyncio
import json
import os
import sys
import tempfile
import time

from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook, new_output

MOST = 5_000_000  # characters that are kept of what a cell prints and draws
TIMEOUT = {
    "ename": "TimeoutError",
    "evalue": "it took too long",
    "traceback": ["TimeoutError: it took too long"],
}


class Client(NotebookClient):
    """A client that keeps no more than the beginning of an endless output."""

    printed = 0  # by the cell that runs

    def output(self, outs, msg, display_id, cell_index):
        content, room = msg["content"], max(0, MOST - self.printed)
        self.printed += len(str(content))
        if msg["msg_type"] == "stream":
            content["text"] = content["text"][:room]
        elif not room and msg["msg_type"] != "error":  # an error has to be seen
            return None
        return super().output(outs, msg, display_id, cell_index)


def error(name, text):
    """Return an output that says that a cell failed."""
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])


def record_error(cell, execute_reply, **_):
    """Add the error of which the kernel tells, where the output does not show it."""
    reply = execute_reply["content"]
    shown = any(output.output_type == "error" for output in cell.outputs)
    if reply["status"] == "error" and not shown:
        cell.outputs.append(error(reply["ename"], reply["evalue"]))


def attempt(sources, left_out, end, longest, folder):
    """Run the cells but those left out; return the outputs and the cell at fault."""

    def left(_cell):
        return max(1, min(longest, end - time.monotonic()))

    cells = [new_code_cell(source) for source in sources]
    client = Client(
        new_notebook(cells=cells),
        # Sockets in a folder: ports of the network could be another's.
        km=AsyncKernelManager(transport="ipc", ip=f"{folder}/k"),
        timeout_func=left,
        interrupt_on_timeout=True,
        error_on_timeout=TIMEOUT,
        allow_errors=True,
        store_widget_state=False,
        on_cell_executed=record_error,
    )

    async def run():
        fault = None
        async with client.async_setup_kernel(cleanup_kc=True):
            for index, cell in enumerate(cells):
                if index in left_out:
                    continue
                client.printed = 0
                try:
                    await client.async_execute_cell(cell, index)
                    if any(o.get("ename") == "TimeoutError" for o in cell.outputs):
                        await client.kc.wait_for_ready(timeout=5)
                except (DeadKernelError, RuntimeError):
                    fault = index
                    break
        return fault

    fault = asyncio.run(run())
    return [cell.outputs for cell in cells], fault


def main():
    sources, seconds = json.load(sys.stdin), float(sys.argv[1])
    # A kernel's own standard output must not get between the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    end, left_out = time.monotonic() + seconds, {}
    while True:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            outputs, fault = attempt(sources, left_out, end, seconds / 4, folder)
        if fault is None:
            break
        left_out[fault] = error("KernelEnded", "the kernel ended or hung in this cell")
        if time.monotonic() > end:
            for index in range(fault + 1, len(sources)):
                left_out[index] = error(
                    "TimeoutError", "no time was left for this cell"
                )
            break
    for index, output in left_out.items():
        outputs[index] = [output]
    json.dump(outputs, answer)
    answer.close()


if __name__ == "__main__":
    main()
