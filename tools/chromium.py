"""The Chromium that browser tests and pictures use: where it is, how it is started, how CI gets one."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

VARIABLE: Final = "COCM_CHROMIUM"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATHS: Final = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
)
MISSING: Final = f"no Chromium was found; install one (apt-get install chromium) or name it in {VARIABLE}"


def find_chromium() -> str | None:
    """The program's path: what COCM_CHROMIUM names, else the first of the usual names; None where there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, (*NAMES, *PATHS)) if path), None)


def install_chromium() -> str | None:
    """Install Chromium with apt-get where that is possible (as root, on a throw-away machine); its path or None."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
        if subprocess.run(["apt-get", *command], check=False, env=environment).returncode:
            return None
    return find_chromium()
