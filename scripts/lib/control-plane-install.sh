# Finds or makes the control plane's binaries: KUBEBUILDER_ASSETS, the cache, an upstream release, Debian's source.

CONTROL_PLANE_PROGRAMS=(etcd kube-apiserver kube-controller-manager kube-scheduler kubectl)
CONTROL_PLANE_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/martlet/control-plane
# Asked for where the internet is reachable; MARTLET_CONTROL_PLANE_VERSION names another, cached or released.
UPSTREAM_KUBERNETES=v1.33.1
UPSTREAM_ETCD=v3.5.21

# has_programs DIR: true if a whole control plane is there. etcd's and Kubernetes's alone (as kubebuilder ships) are not.
has_programs() {
    local program
    for program in "${CONTROL_PLANE_PROGRAMS[@]}"; do [ -x "$1/$program" ] || return 1; done
}

# Prints the directory of the binaries that are there already, or fails.
installed_programs() {
    local version
    if [ -n "${KUBEBUILDER_ASSETS:-}" ] && has_programs "$KUBEBUILDER_ASSETS"; then
        echo "$KUBEBUILDER_ASSETS"
        return
    fi
    for version in ${MARTLET_CONTROL_PLANE_VERSION:-"$UPSTREAM_KUBERNETES" "v$DEBIAN_KUBERNETES"}; do
        if has_programs "$CONTROL_PLANE_CACHE/$version"; then
            echo "$CONTROL_PLANE_CACHE/$version"
            return
        fi
    done
    return 1
}

# Fills the cache if need be. Two callers at once: the second waits for the first and uses what it made.
install_programs() {
    local work
    installed_programs >/dev/null && return
    [ -z "${KUBEBUILDER_ASSETS:-}" ] || say "KUBEBUILDER_ASSETS lacks some of: ${CONTROL_PLANE_PROGRAMS[*]}; not used"
    mkdir -p "$CONTROL_PLANE_CACHE"
    exec 8>"$CONTROL_PLANE_CACHE/.lock"
    flock --nonblock 8 || {
        say "another process is installing the control plane; waiting for it"
        flock 8
    }
    if ! installed_programs >/dev/null; then
        # Beside the cache, so that the last step is a rename, which is whole or not at all.
        work=$(mktemp -d "$CONTROL_PLANE_CACHE/.work.XXXXXX")
        # shellcheck disable=SC2064 # the directory of now, not of the time of the trap
        trap "chmod -R u+w '$work' 2>/dev/null; rm -rf '$work'" EXIT
        mkdir "$work/out"
        local version=${MARTLET_CONTROL_PLANE_VERSION:-$UPSTREAM_KUBERNETES}
        if [ "$version" = "v$DEBIAN_KUBERNETES" ] || ! upstream_download "$version" "$work/out" "$work"; then
            [ -z "${MARTLET_CONTROL_PLANE_VERSION:-}" ] || [ "$version" = "v$DEBIAN_KUBERNETES" ] ||
                die "release $version can't be fetched"
            version=v$DEBIAN_KUBERNETES
            say "building the control plane $version from Debian's source package; this is done once"
            debian_build "$work/out" "$work"
        fi
        chmod -R u+w "$work"
        rm -rf "${CONTROL_PLANE_CACHE:?}/$version"
        mv "$work/out" "$CONTROL_PLANE_CACHE/$version"
        rm -rf "$work"
        trap - EXIT
        say "installed in $CONTROL_PLANE_CACHE/$version"
    fi
    exec 8>&-
}

# upstream_download VERSION OUT WORK: fails quickly where the internet is not reachable, dies on a wrong checksum.
upstream_download() {
    local version=$1 out=$2 work=$3 arch program
    local etcd_base=https://github.com/etcd-io/etcd/releases/download/$UPSTREAM_ETCD
    case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) return 1 ;; esac
    local base=https://dl.k8s.io/release/$version/bin/linux/$arch
    local etcd=etcd-$UPSTREAM_ETCD-linux-$arch
    fetch "$base/kubectl.sha256" "$work/kubectl.sha256" && fetch "$etcd_base/SHA256SUMS" "$work/etcd.sums" || {
        say "no upstream release within reach"
        return 1
    }
    for program in kube-apiserver kube-controller-manager kube-scheduler kubectl; do
        say "fetching $program $version"
        fetch "$base/$program.sha256" "$work/$program.sha256" || return 1
        fetch "$base/$program" "$out/$program" || return 1
        echo "$(cat "$work/$program.sha256")  $out/$program" | sha256sum --check --quiet ||
            die "wrong checksum: $base/$program"
    done
    say "fetching etcd $UPSTREAM_ETCD"
    fetch "$etcd_base/$etcd.tar.gz" "$work/$etcd.tar.gz" || return 1
    (cd "$work" && grep " $etcd.tar.gz\$" etcd.sums | sha256sum --check --quiet) || die "wrong checksum: $etcd.tar.gz"
    tar -xzf "$work/$etcd.tar.gz" -C "$work"
    install -m 0755 "$work/$etcd/etcd" "$out/etcd"
    chmod 0755 "$out"/*
}

fetch() {
    curl --fail --silent --location --connect-timeout 4 --retry 2 --max-time 900 --output "$2" "$1"
}
