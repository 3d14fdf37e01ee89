"""A site of the demonstration on a free port of this machine, for pictures and measurements."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

ROOT = Path(__file__).resolve().parent.parent
WAIT_SECONDS = 60


@contextmanager
def running_site() -> Iterator[str]:
    """The address of a site with the demonstration's settings and data (`make demo` makes them); stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-m",
        "django",
        "runserver",
        f"127.0.0.1:{port}",
        "--noreload",
        "--verbosity=0",
    ]
    settings = {"DJANGO_SETTINGS_MODULE": "cocm.server.settings", "COCM_DEMO": "1", "COCM_LOG_LEVEL": "ERROR"}
    with subprocess.Popen(command, cwd=ROOT, env={**settings, **os.environ}) as server:
        try:
            wait_for(f"{address}/look/", server)
            yield address
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return once `address` answers; end the program where the server ends or a minute passes."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit("the site did not start; its message stands above")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise SystemExit(f"{address} did not answer within {WAIT_SECONDS} seconds")
