#!/usr/bin/env bash
# Resolves pyproject.toml into locks with hashes, for Python 3.11 and newer, on Linux and macOS.
# They name no host, so that any mirror serves them, and hold no torch. UPGRADE=1 takes newer versions.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --fork-strategy fewest \
        --custom-compile-command "make lock" --excludes requirements/not-locked.txt \
        ${UPGRADE:+--upgrade} "$@"
}

compile requirements/pip.in -o requirements/pip.txt
compile pyproject.toml -o requirements/run.txt
compile --group dev -c requirements/run.txt -o requirements/dev.txt
# What the base environment has already is left out of an extra, which lies beside it.
compile_extra() {
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" -c requirements/run.txt \
        --excludes requirements/in-base.txt ${UPGRADE:+--upgrade} "$@"
}

for extra in requirements/extras/*.in; do
    compile_extra "$extra" -o "${extra%.in}.txt"
done
# Clients that tests run with packages of their own.
for client in tests/clients/*/requirements.in; do
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --fork-strategy fewest \
        --custom-compile-command "make lock" ${UPGRADE:+--upgrade} "$client" -o "${client%.in}.txt"
done
