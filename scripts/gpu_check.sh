#!/usr/bin/env bash
# Check models on a CUDA device. Without an argument in .venv, which is set up with `TORCH=cuda` if
# it is missing. With a folder of wheels: beside the torch of this machine's Python, without a
# network. The wheels, collected on a machine with the same Python and one:
#   pip download --no-deps -r requirements/run.txt -d FOLDER
#   pip download httpx -d FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
if [ -n "${1:-}" ]; then
    python=.venv-gpu/bin/python
    [ -x "$python" ] || python3 -m venv --system-site-packages .venv-gpu
    "$python" -m pip install --quiet --no-index --find-links "$1" --no-deps -r requirements/run.txt
    "$python" -m pip install --quiet --no-index --find-links "$1" httpx
else
    TORCH=${TORCH:-auto} python3 scripts/setup.py --dev --no-wizard
fi
exec "$python" -m benchmarks.gpu
