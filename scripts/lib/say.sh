# Progress lines with the time since the script began, so that a long step is told from a stuck one.

say() {
    printf '[%3d:%02d] %s\n' "$((SECONDS / 60))" "$((SECONDS % 60))" "$*" >&2
}

die() {
    say "error: $*"
    exit 1
}

# Runs a command with its output in a file; shows the end of the file if the command fails.
quietly() {
    local log=$1
    shift
    "$@" >>"$log" 2>&1 || {
        tail -n 25 "$log" >&2
        die "failed: $1 (all output in $log)"
    }
}
