#!/bin/sh
# Makes a virtual environment with exactly the locked packages and this checkout in it.
# usage: setup_venv.sh FOLDER [PYTHON]
set -eu
folder=$1
python=${2:-}

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -z "$python" ]; then
  for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11; do
    if works "$candidate"; then python=$candidate; break; fi
  done
fi
if [ -z "$python" ] || ! works "$python"; then
  echo "OpenCoCM needs Python 3.11 or newer; set PYTHON=/path/to/python3.11 and run make again." >&2
  exit 1
fi

echo "Setting up $folder with $("$python" --version) (the first time takes about a minute) ..."
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder" || {
  echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2
  exit 1
}
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
