# Programs that a bare Debian may lack.

# ensure_programs PROGRAM=PACKAGE…: installs what is missing with apt, as root. Asks nothing; starts no service of what
# it installs where init scripts obey the run level.
ensure_programs() {
    local pair missing=()
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || die "missing, and no apt to install them: ${missing[*]}"
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo --non-interactive)
    say "installing ${missing[*]}"
    # Lists that know every package are new enough; fetching them anew is the slowest part.
    if ! apt-cache show --quiet "${missing[@]}" >/dev/null 2>&1; then
        "${as_root[@]}" apt-get -q update >&2 || die "apt-get update failed"
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 install "${missing[@]}" >&2 || die "apt-get install ${missing[*]} failed"
}
