# shellcheck shell=bash
# What the README's commands need on a bare Debian 12 with Swift: packages, a private Python environment, a build.
# Needs say.sh and packages.sh. Each step is quick, and silent, when there is nothing to do.

MARTLET_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/martlet
# Private, so that the machine's own Python stays as it is.
PYTHON_ENVIRONMENT=$MARTLET_CACHE/python
# kombu's Redis transport imports `packaging` without asking for it.
PYTHON_PACKAGES=("celery[redis]>=5.4,<6" packaging)

# need_packages PACKAGE…: installs what is missing; for packages that bring no program to look for, such as headers.
need_packages() {
    local package pairs=()
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || pairs+=("no-$package=$package")
    done
    [ ${#pairs[@]} -eq 0 ] || ensure_programs "${pairs[@]}"
}

# python_environment [PACKAGE…]: prints the Python of a private environment that holds Celery and the packages.
python_environment() {
    local wanted="${PYTHON_PACKAGES[*]} $*" stamp=$PYTHON_ENVIRONMENT/.installed
    mkdir -p "$MARTLET_CACHE"
    (
        flock 7
        [ -x "$PYTHON_ENVIRONMENT/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit
        say "Python environment in $PYTHON_ENVIRONMENT"
        quietly "$MARTLET_CACHE/python.log" python3 -m venv "$PYTHON_ENVIRONMENT"
        quietly "$MARTLET_CACHE/python.log" "$PYTHON_ENVIRONMENT/bin/pip" install --disable-pip-version-check \
            "${PYTHON_PACKAGES[@]}" "$@"
        echo "$wanted" >"$stamp"
    ) 7>"$MARTLET_CACHE/python.lock" || return
    echo "$PYTHON_ENVIRONMENT/bin/python"
}

# build_release PRODUCT…: release builds, with swift's own progress where somebody watches.
build_release() {
    local product log=$MARTLET_CACHE/build.log
    command -v swift >/dev/null || die "no swift in PATH: install Swift 6.2 or newer from https://www.swift.org/install"
    mkdir -p "$MARTLET_CACHE"
    for product in "$@"; do
        [ -x ".build/release/$product" ] || say "building $product (the first release build takes some minutes)"
        if [ -t 2 ]; then
            swift build -c release --product "$product" >&2 || die "swift build failed"
        else
            build_in_silence "$product" "$log"
        fi
    done
}

# A line a minute, so that a log shows that it goes on.
build_in_silence() {
    local product=$1 log=$2 beat=0
    swift build -c release --product "$product" >"$log" 2>&1 &
    local build=$!
    while kill -0 "$build" 2>/dev/null; do
        sleep 0.5
        beat=$((beat + 1))
        ((beat % 120)) || say "$(tr '\r' '\n' <"$log" | grep -v '^$' | tail -n 1 | cut -c1-100)"
    done
    wait "$build" || {
        tail -n 40 "$log" >&2
        die "swift build failed (all output in $log)"
    }
}
