# Sourced by tools/test: the pinned ONNX Runtime in a virtual environment of its own.

# Installs tools/requirements.txt into tools/.venv, links libonnxruntime into tools/onnxruntime, and prints its path, which
# ORT_DYLIB_PATH names to oasis.
fetch_onnxruntime() {
    local venv=tools/.venv stamp=tools/.venv/requirements.txt
    if ! cmp -s tools/requirements.txt "$stamp"; then
        rm -rf "$venv"
        make_venv "$venv" >&2 || return 1
        echo "fetching the packages of tools/requirements.txt" >&2
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --require-hashes --only-binary=:all: -r tools/requirements.txt >&2 || return 1
        cp tools/requirements.txt "$stamp"
    fi
    local library
    library=$(find "$PWD/$venv" -path '*/onnxruntime/capi/libonnxruntime*' \
        \( -name 'libonnxruntime.so.*' -o -name 'libonnxruntime.*.dylib' \) | head -n 1)
    if [ -z "$library" ]; then
        echo "no libonnxruntime in $venv: remove the folder and try again" >&2
        return 1
    fi
    mkdir -p tools/onnxruntime
    ln -sf "$library" "tools/onnxruntime/$(basename "$library")"
    echo "$library"
}

# Makes a virtual environment with pip, whichever of venv, virtualenv and pip this Python has.
make_venv() {
    local python=${PYTHON:-python3}
    if ! command -v "$python" >/dev/null; then
        echo "needs Python 3.11 or newer: install python3, or set PYTHON" >&2
        return 1
    fi
    if "$python" -m venv "$1" 2>/dev/null; then
        return
    fi
    rm -rf "$1"
    # Debian splits venv's pip off; its pip alone can serve instead.
    if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip "$1" 2>/dev/null; then
        "$python" -m pip --python "$1/bin/python" install --quiet pip && return
    fi
    echo "this Python has neither venv nor pip: on Debian, apt-get install python3-venv" >&2
    return 1
}
