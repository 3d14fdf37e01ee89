"""The last step of `make demo`: the demonstration's site, filled and running, with its address and sign-ins."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST_PORT = 8000
PORTS = 50


def offer_site(demo: Path) -> None:
    """Serve a new database in `demo`/site until Ctrl+C; only at a terminal, or with COCM_DEMO_SERVE=1."""
    if not wants_site(
        os.environ.get("COCM_DEMO_SERVE", ""), is_terminal=sys.stdin.isatty() and sys.stdout.isatty()
    ):
        print("\nThe practice server was not started: no terminal. COCM_DEMO_SERVE=1 make demo starts it.")
        return
    try:
        serve_site(demo / "site")
    except KeyboardInterrupt:
        print("\nThe practice server has stopped.")


def wants_site(answer: str, *, is_terminal: bool) -> bool:
    """Whether to start the site: as COCM_DEMO_SERVE says (1 or 0), else wherever somebody sits at a terminal."""
    return answer == "1" or (is_terminal and answer != "0")


def serve_site(folder: Path, *, patients: int = 150) -> None:
    """Make the site's database anew and serve it on this machine."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = os.environ | {
        "COCM_DEMO": "1",
        "DATABASE_URL": f"sqlite:///{folder.resolve() / 'cocm.sqlite'}",
    }
    cocm = [sys.executable, "-m", "cocm.cli"]
    print(
        "\nThe practice server: making its database and filling it with the demonstration's practice ...",
        flush=True,
    )
    subprocess.run([*cocm, "manage", "migrate", "--verbosity", "0"], env=environment, check=True)
    filled = subprocess.run(
        [*cocm, "manage", "load_demo", "--patients", str(patients)],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    port = free_port()
    print(f"\n  http://127.0.0.1:{port}/    (this machine only; nobody in it exists)\n")
    for line in filled.stdout.splitlines():
        print(f"  {line}")
    print("\nCtrl+C stops it.", flush=True)
    server = subprocess.Popen([*cocm, "serve", "--port", str(port)], env=environment)
    try:
        server.wait()
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def free_port() -> int:
    """The first free port from 8000 on."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise SystemExit(f"no free port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1}")


if __name__ == "__main__":
    os.chdir(ROOT)
    os.environ["COCM_DEMO_SERVE"] = "1"
    offer_site(Path("demo"))
