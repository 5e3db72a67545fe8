"""What one student costs a server: memory and processor time of a chapter that is run from top to bottom.

    python tools/per_student.py [notebooks/02_vanilla_rnn.ipynb ...]

It measures a chapter's kernel, executed in a fresh process as a student would, and a JupyterLab server that has the
chapter open, and adds both to `book/per_student.json`, from which the page for instructors takes its table. Linux only:
the peak of a process is read from /proc. Run it on a machine that has nothing else to do.
"""

import json
import os
import platform
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from sections import ROOT, chapters

REPORT = ROOT / "book" / "per_student.json"
MEGABYTE = 2**20


def peak_of(pid):
    """The largest resident memory of a process since it began, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def measure_kernel(path):
    """Run a chapter in a kernel of its own: its peak in MB, its processor seconds, its seconds on the clock."""
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        timeout=900,
        resources={"metadata": {"path": str(ROOT)}},
    )
    with client.setup_kernel():
        kernel = psutil.Process(client.km.provisioner.pid)
        started = time.perf_counter()
        for index, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, index)
        seconds = time.perf_counter() - started
        family = [kernel, *kernel.children(recursive=True)]
        peak = sum(peak_of(process.pid) for process in family)
        spent = sum(
            sum(process.cpu_times()[:2]) for process in family
        )  # user and system
    return {
        "kernel_mb": round(peak / MEGABYTE),
        "processor_seconds": round(spent),
        "clock_seconds": round(seconds),
    }


def measure_server(path):
    """The resident memory, in MB, of a JupyterLab server that has handed out its page and one chapter."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.root_dir={ROOT}", f"--ServerApp.port={port}"]
    command += [f"--IdentityProvider.token={token}", "--ServerApp.ip=127.0.0.1"]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for address in ("lab", f"api/contents/{path.relative_to(ROOT).as_posix()}"):
            fetch(f"http://127.0.0.1:{port}/{address}", token)
        return round(peak_of(server.pid) / MEGABYTE)
    finally:
        server.terminate()
        server.wait(timeout=30)


def fetch(address, token, patience=60):
    """Get an address from a server that may still be starting."""
    request = urllib.request.Request(
        address, headers={"Authorization": f"token {token}"}
    )
    for _ in range(patience):
        try:
            return urllib.request.urlopen(request, timeout=30).read()
        except ConnectionError:
            pass
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
        time.sleep(1)
    raise TimeoutError(f"{address}: the server did not start in {patience} seconds")


def machine():
    """The machine in one line: processor, cores, memory, Python."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((x.split(":")[1].strip() for x in lines if "model name" in x), "")
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{model or platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}"
    )


def main(paths):
    report = {"chapters": {}}
    if REPORT.exists():
        report = json.loads(REPORT.read_text(encoding="utf-8"))
    for path in [Path(p).resolve() for p in paths] or chapters():
        measured = measure_kernel(path) | {"server_mb": measure_server(path)}
        report["chapters"][path.stem] = measured | {"machine": machine()}
        print(f"{path.stem}: {measured}", flush=True)
    report["chapters"] = dict(sorted(report["chapters"].items()))
    REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"{len(report['chapters'])} chapters are in {REPORT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
