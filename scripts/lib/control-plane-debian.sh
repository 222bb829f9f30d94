# Builds the control plane from Debian's packages alone, for machines that reach nothing but a Debian mirror.
#
# Nothing is installed: packages are fetched with apt's signature checks into a private directory and unpacked there.
# So it needs no root, changes no apt settings, and the etcd package can start no service.

DEBIAN_KUBERNETES=1.20.2
DEBIAN_MIRROR=${MARTLET_DEBIAN_MIRROR:-http://deb.debian.org/debian}
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# debian_apt WORK apt-get-arguments…: apt with lists, cache and sources of its own.
debian_apt() {
    local work=$1
    shift
    DEBIAN_FRONTEND=noninteractive apt-get -q \
        -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" \
        -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 \
        -o Acquire::Retries=3 -o Acquire::Languages=none "$@"
}

# debian_build OUT WORK: leaves etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl in OUT.
debian_build() {
    local out=$1 work=$2 log=$2/build.log
    [ -r "$DEBIAN_KEYRING" ] || die "no $DEBIAN_KEYRING: the source build needs Debian's archive keys"
    mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debs" "$work/root" "$work/source"
    printf '%s [signed-by=%s] %s bookworm main\n' \
        deb "$DEBIAN_KEYRING" "$DEBIAN_MIRROR" deb-src "$DEBIAN_KEYRING" "$DEBIAN_MIRROR" >"$work/apt/sources.list"

    say "1/5 package lists of Debian bookworm"
    quietly "$log" debian_apt "$work" update
    say "2/5 etcd 3.4, Go 1.19 and the Kubernetes $DEBIAN_KUBERNETES source (about 125 MB)"
    (
        cd "$work/debs"
        quietly "$log" debian_apt "$work" download etcd-server golang-1.19-go golang-1.19-src \
            golang-github-modern-go-reflect2-dev
        quietly "$log" debian_apt "$work" --download-only source kubernetes
    )
    say "3/5 unpacking"
    local package
    for package in "$work"/debs/*.deb; do quietly "$log" dpkg-deb -x "$package" "$work/root"; done
    quietly "$log" tar -xf "$work"/debs/kubernetes_*.orig.tar.gz -C "$work/source" --strip-components=1
    # The package keeps GOROOT as a farm of links, some of them absolute; one real tree works from anywhere.
    rm -rf "$work"/debs "$work/root/usr/lib/go-1.19/src"
    ln -s ../../share/go-1.19/src "$work/root/usr/lib/go-1.19/src"
    # The vendored reflect2 1.0.1 calls the map iterator of Go 1.17: from 1.18 on it writes over foreign memory, and the
    # API server panics at random. 1.0.2 knows the newer one.
    local reflect2=modern-go/reflect2
    rm -rf "$work/source/vendor/github.com/$reflect2"
    cp -r "$work/root/usr/share/gocode/src/github.com/$reflect2" "$work/source/vendor/github.com/$reflect2"

    debian_compile "$out" "$work" "$log"
    install -m 0755 "$work/root/usr/bin/etcd" "$out/etcd"
}

debian_compile() (
    local out=$1 work=$2 log=$3
    local tree=$work/gopath/src/k8s.io/kubernetes
    export GOROOT=$work/root/usr/lib/go-1.19 GOPATH=$work/gopath GOCACHE=$work/gocache
    export GO111MODULE=off CGO_ENABLED=0 GOFLAGS=
    local go=$GOROOT/bin/go
    mkdir -p "$(dirname "$tree")"
    ln -s "$work/source" "$tree"
    cd "$tree"

    # vendor/k8s.io is links into staging: -R follows them.
    say "4/5 generating the OpenAPI definitions, which the source package lacks"
    quietly "$log" "$go" build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
    local inputs
    inputs=$(grep -Rl --include='*.go' '+k8s:openapi-gen=' vendor/k8s.io pkg | xargs -n1 dirname | sort -u |
        grep -vE 'code-generator|sample-apiserver|kube-openapi|pkg/apis/abac|example|testapigroup' |
        sed 's|^|k8s.io/kubernetes/|' | paste -sd,)
    quietly "$log" "$work/openapi-gen" --output-base "$GOPATH/src" --report-filename /dev/null \
        --go-header-file hack/boilerplate/boilerplate.generatego.txt --output-file-base zz_generated.openapi \
        --output-package k8s.io/kubernetes/pkg/generated/openapi --input-dirs "$inputs"

    # Without modules a vendored package has its whole path as its name. The API server reports component-base's
    # version at /version and client-go's nowhere, but both are set upstream.
    local package flags="-s -w"
    for package in component-base/version client-go/pkg/version; do
        package=k8s.io/kubernetes/vendor/k8s.io/$package
        flags+=" -X $package.gitVersion=v$DEBIAN_KUBERNETES -X $package.gitMajor=1 -X $package.gitMinor=20"
        flags+=" -X $package.gitTreeState=clean"
    done
    local name
    for name in kube-apiserver kube-controller-manager kube-scheduler kubectl; do
        say "5/5 compiling $name (all four: about 5 minutes on 2 cores)"
        quietly "$log" "$go" build -trimpath -ldflags "$flags" -o "$out/$name" "./cmd/$name"
    done
)
