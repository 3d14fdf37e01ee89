"""The built wheel carries its data: it is installed in a fresh environment and a command is run from elsewhere."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.installs
def test_the_installed_wheel_answers_a_question(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("rulebook/sources.yaml") for name in names)
    assert any(name.endswith("close/templates/report.html.j2") for name in names)
    assert any(name.endswith("store/migrations/0001_initial.sql") for name in names)

    # The dependencies come from the environment that runs the tests, so that nothing is downloaded.
    venv.create(tmp_path / "fresh", with_pip=False)
    python = tmp_path / "fresh" / "bin" / "python"
    site = next((tmp_path / "fresh" / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    import yaml

    dependencies = Path(yaml.__file__).parents[1]
    names = (
        "yaml",
        "_yaml",
        "click",
        "orjson",
        "jinja2",
        "markupsafe",
        "openpyxl",
        "et_xmlfile",
        "reportlab",
        "PIL",
        "tzdata",
    )
    for name in names:
        if (dependencies / name).exists():
            (site / name).symlink_to(dependencies / name)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    asked = ["codes", "--payer", "medicare", "--month", "2026-03", "--minutes", "36", "--first", "--json"]
    done = subprocess.run(
        [python, "-m", "cocm.cli", *asked],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lines"] == [{"hcpcs_code": "99492", "units": 1}]
    asked = [python, "-c", "import cocm; print(cocm.__file__)"]
    where = subprocess.run(asked, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert str(site) in where.stdout
