#!/usr/bin/env bash
# Compile pyproject.toml into lock files with hashes, for Python 3.11 and newer on Linux and macOS.
# They contain no index URL, so that any mirror works, and no torch. UPGRADE=1 allows newer versions.
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
# The lock of an extra excludes the packages of the base environment, which is on its sys.path.
compile_extra() {
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" -c requirements/run.txt \
        --excludes requirements/in-base.txt ${UPGRADE:+--upgrade} "$@"
}

for extra in requirements/extras/*.in; do
    compile_extra "$extra" -o "${extra%.in}.txt"
done
# Clients that the tests run in their own virtual environments.
for client in tests/clients/*/requirements.in; do
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --fork-strategy fewest \
        --custom-compile-command "make lock" ${UPGRADE:+--upgrade} "$client" -o "${client%.in}.txt"
done
