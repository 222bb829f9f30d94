# What scripts/test and scripts/demo share: installing what is missing. Sourced, from the root of the project.

PACKAGES_BUILD="libcurl4-openssl-dev libyaml-dev pkg-config"
PACKAGES_TEST="redis-server postgresql openssl python3 python3-venv"
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/martlet"
VENV="$CACHE/venv"
STARTED=$SECONDS

# A line that says what happens now, with the time since the start.
step() { printf '\n[%3d s] %s\n' "$((SECONDS - STARTED))" "$*"; }

need_swift() {
    command -v swift >/dev/null && return
    echo "Swift 6.2 or newer is needed: https://www.swift.org/install/linux/" >&2
    exit 1
}

# Installs those Debian packages that are missing. No service is started on the way.
need_apt() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local sudo=""
    if [ "$(id -u)" -ne 0 ]; then sudo="sudo"; fi
    echo "apt-get install ${missing[*]}"
    $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c '
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null' sh "${missing[@]}"
}

# A private Python environment with Celery, for the workers and the judges.
need_venv() {
    # Celery knows which redis-py its transport bears; that it imports packaging, it does not say.
    local wanted="celery[redis]==5.* packaging"
    [ -f "$VENV/martlet-ready" ] && [ "$(cat "$VENV/martlet-ready")" = "$wanted" ] && return
    echo "python3 -m venv $VENV; pip install $wanted"
    rm -rf "$VENV"
    python3 -m venv "$VENV" && "$VENV/bin/pip" install --quiet $wanted && echo "$wanted" > "$VENV/martlet-ready"
}
