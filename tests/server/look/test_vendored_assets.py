"""The vendored files are what the manifests say, each with its licence, and the pages name no other version."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SERVER = ROOT / "src" / "cocm" / "server"
VENDOR = SERVER / "static" / "vendor"
PINNED = tomllib.loads((ROOT / "tools" / "vendor_assets.toml").read_text(encoding="utf-8"))["package"]


def test_every_pinned_package_is_vendored_and_nothing_else():
    assert sorted(f"{package['name']}-{package['version']}" for package in PINNED) == sorted(
        folder.name for folder in VENDOR.iterdir()
    )


@pytest.mark.parametrize("package", PINNED, ids=[package["name"] for package in PINNED])
def test_files_are_those_of_the_manifest(package):
    folder = VENDOR / f"{package['name']}-{package['version']}"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {key: manifest[key] for key in ("name", "version", "licence", "integrity")} == {
        key: package[key] for key in ("name", "version", "licence", "integrity")
    }
    digests = {entry["file"]: entry["sha256"] for entry in manifest["files"]}
    files = {path.name for path in folder.iterdir()} - {"manifest.json", "LICENSE"}
    assert files == set(digests)
    for name, digest in digests.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert "Copyright" in (folder / "LICENSE").read_text(encoding="utf-8")


def test_every_vendored_path_that_is_named_exists():
    named = set()
    for path in (*SERVER.rglob("*.html"), *SERVER.rglob("*.py"), *SERVER.rglob("look/*.css")):
        named |= set(re.findall(r"vendor/[\w.-]+/[\w.-]+", path.read_text(encoding="utf-8")))
    assert named
    assert [name for name in sorted(named) if not (SERVER / "static" / name).is_file()] == []


def test_every_icon_that_is_named_is_in_the_sprite():
    sprite = next(VENDOR.glob("bootstrap-icons-*/icons.svg")).read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = set()
    for path in SERVER.rglob("*.html"):
        named |= set(re.findall(r'{%\s*icon "([\w-]+)"', path.read_text(encoding="utf-8")))
    assert named
    assert named - there == set()


def test_no_page_holds_a_style_a_script_or_a_handler_inline():
    """The content security policy would refuse them; told here before a browser has to."""
    faults = []
    for path in SERVER.rglob("*.html"):
        text = re.sub(
            r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        if re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", text):
            faults.append(f"{path.name}: inline style or handler")
        for script in re.findall(r"<script\b[^>]*>", text):
            if "src=" not in script and 'type="application/json"' not in script:
                faults.append(f"{path.name}: {script}")
    assert faults == []
