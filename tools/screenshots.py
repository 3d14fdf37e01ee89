"""Takes the pictures of README and docs (`make screenshots`).

    python tools/screenshots.py                      every picture of tools/screenshots.toml, from a site it starts
    python tools/screenshots.py look-light           one picture
    python tools/screenshots.py --at http://127.0.0.1:8000      from a running site of the demonstration

The people are the demonstration's: nobody in the pictures exists.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from chromium import ARGUMENTS, MISSING, find_chromium
from picture_site import running_site
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "tools" / "screenshots.toml"
WORK_MILLISECONDS_MAX = 120_000
FOLDER = ROOT / "docs" / "images"


def main() -> int:
    """Take the pictures named on the command line, or all; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="pictures to take; none: all")
    parser.add_argument("--at", help="address of a running site")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder for the pictures")
    given = parser.parse_args()
    pictures = tomllib.loads(PICTURES.read_text(encoding="utf-8"))["picture"]
    unknown = set(given.names) - {picture["name"] for picture in pictures}
    if unknown:
        parser.error(f"not in {PICTURES.name}: {', '.join(sorted(unknown))}")
    program = find_chromium()
    if program is None:
        raise SystemExit(MISSING)
    given.into.mkdir(parents=True, exist_ok=True)
    with nullcontext(given.at) if given.at else running_site() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        for picture in pictures:
            if not given.names or picture["name"] in given.names:
                take(browser, address, picture, given.into)
                print(f"{picture['name']}.png")
        browser.close()
    return 0


def take(browser: Browser, address: str, picture: dict[str, Any], folder: Path) -> None:
    """Take one picture."""
    height = picture.get("height", 900)
    context = browser.new_context(
        base_url=address,
        viewport={"width": picture.get("width", 1280), "height": height or 900},
        color_scheme=picture.get("theme", "light"),
        reduced_motion="reduce",
        device_scale_factor=picture.get("scale", 1),
    )
    page = context.new_page()
    if "sign_in" in picture:
        sign_in(page, picture["sign_in"])
    page.goto(picture["address"].format(this_month=time.strftime("%Y-%m")), wait_until="networkidle")
    for text in picture.get("before", []):
        page.get_by_text(text, exact=True).locator("visible=true").first.click()
        page.wait_for_load_state("networkidle")
    if "press" in picture:
        page.get_by_role("button", name=picture["press"]).first.click()
    if "until" in picture:
        page.get_by_text(picture["until"]).first.wait_for(timeout=WORK_MILLISECONDS_MAX)
        page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    page.screenshot(path=folder / f"{picture['name']}.png", full_page=height == 0, animations="disabled")
    context.close()


def sign_in(page: Page, role: str) -> None:
    """Through the form, as a person would."""
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(f"{role}@demo.example")
    page.locator("input[name=password]").fill("cocm-demo-password")
    page.locator("form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    sys.exit(main())
