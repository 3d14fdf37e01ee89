"""Fetches the pinned style and script files from the npm registry into the server's static folder (`make assets`).

Reads tools/vendor_assets.toml. Each package is fetched with `npm pack`, its integrity is compared, and the named files
are written to static/vendor/<name>-<version>/ with the package's licence and a manifest.json of digests, which a test
compares with what is committed. Needs npm and the network; nobody needs it to run or test the project.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = ROOT / "tools" / "vendor_assets.toml"
VENDOR = ROOT / "src" / "cocm" / "server" / "static" / "vendor"
SOURCE_MAP = re.compile(r"\n?(//[#@] ?sourceMappingURL=\S+|/\*# ?sourceMappingURL=[^*]*\*/)\s*")
DARK_RULE = re.compile(r"[^{}]*\[data-bs-theme=dark\][^{}]*\{[^}]*\}")


def main() -> int:
    """Fetch every pinned package; returns the exit status."""
    packages = tomllib.loads(PINNED.read_text(encoding="utf-8"))["package"]
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package in packages:
        with tempfile.TemporaryDirectory() as folder:
            files = unpack(package, Path(folder))
            written = write(package, files)
        print(f"{package['name']} {package['version']}: {', '.join(written)}")
    return 0


def unpack(package: dict[str, Any], folder: Path) -> Path:
    """The package's files below `folder`, after its integrity was compared with the pinned one."""
    wanted = f"{package['name']}@{package['version']}"
    subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, wanted], check=True, cwd=folder)
    (archive,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package["integrity"]:
        raise SystemExit(
            f"{wanted}: the registry's file is not the pinned one (sha512-{digest}); do not use it"
        )
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder / "package"


def write(package: dict[str, Any], source: Path) -> list[str]:
    """Write the package's chosen files, licence and manifest; returns the names of the files."""
    target = VENDOR / f"{package['name']}-{package['version']}"
    target.mkdir(parents=True)
    made: dict[str, tuple[str, str]] = {}
    for origin, name in package.get("files", {}).items():
        text = changed = SOURCE_MAP.sub("\n", (source / origin).read_text(encoding="utf-8"))
        for old, new in package.get("replace", []):
            if old not in changed:
                raise SystemExit(
                    f"{package['name']}: {origin} no longer holds {old!r}; look at the new version"
                )
            changed = changed.replace(old, new)
        made[name] = (changed, origin if changed == text else f"{origin}, imports replaced by globals")
    for origin, name in package.get("dark_theme_by_media_query", {}).items():
        made[name] = (dark_by_media_query(made[origin][0]), f"dark rules of {origin} in a media query")
    if "sprite" in package:
        made[package["sprite"]] = (sprite(source / "icons", package["icons"]), "icons/*.svg as one sprite")
    files = []
    for name, (text, origin) in sorted(made.items()):
        (target / name).write_text(text, encoding="utf-8")
        files.append({"file": name, "from": origin, "sha256": hashlib.sha256(text.encode()).hexdigest()})
    shutil.copy(source / "LICENSE", target / "LICENSE")
    manifest = {key: package[key] for key in ("name", "version", "licence", "integrity")} | {"files": files}
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return [entry["file"] for entry in files]


def dark_by_media_query(css: str) -> str:
    """The dark theme's rules for `data-bs-theme=auto`, inside a query for the system's preference."""
    rules = [rule.strip() for rule in DARK_RULE.findall(css)]
    if not rules:
        raise SystemExit("bootstrap: no rules of the dark theme were found")
    body = "".join(rules).replace("[data-bs-theme=dark]", "[data-bs-theme=auto]")
    return f"@media (prefers-color-scheme:dark){{{body}}}\n"


def sprite(folder: Path, names: list[str]) -> str:
    """The named icons as one SVG file of symbols, each with the icon's name as its id."""
    symbols = []
    for name in sorted(names):
        svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", svg, flags=re.DOTALL).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{" ".join(inner.split())}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    sys.exit(main())
