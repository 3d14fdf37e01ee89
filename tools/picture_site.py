"""A site of its own with the demonstration's people, for pictures and measurements; gone when they are taken."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from demo_site import free_port

WAIT_SECONDS = 60
PATIENTS = 60


@contextmanager
def running_site() -> Iterator[str]:
    """The address of a filled site, served from a temporary folder; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="cocm-pictures-") as folder:
        database = Path(folder).resolve() / "cocm.sqlite"
        environment = os.environ | {"COCM_DEMO": "1", "DATABASE_URL": f"sqlite:///{database}"}
        cocm = [sys.executable, "-m", "cocm.cli"]
        subprocess.run([*cocm, "manage", "migrate", "--verbosity", "0"], env=environment, check=True)
        fill = [*cocm, "manage", "load_demo", "--patients", str(PATIENTS)]
        subprocess.run(fill, env=environment, check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        with subprocess.Popen(
            [*cocm, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL
        ) as server:
            try:
                wait_for(f"{address}/health/", server)
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
