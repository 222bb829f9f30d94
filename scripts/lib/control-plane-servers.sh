# The four servers of one control plane: certificates, flags, processes. State is in $dir; programs in $bin.

# make_pki: a throwaway authority and what it signs. Keys on P-256: made in milliseconds.
make_pki() {
    local pki=$dir/pki
    mkdir -p "$pki"
    chmod 0700 "$pki"
    make_key "$pki/ca.key"
    openssl req -x509 -new -key "$pki/ca.key" -days 365 -subj /CN=martlet-lab-ca -out "$pki/ca.crt" 2>/dev/null
    make_key "$pki/service-account.key"
    openssl pkey -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub"
    make_certificate apiserver /CN=kube-apiserver \
        "subjectAltName=IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"
    make_certificate admin /O=system:masters/CN=admin
    # Masters too: without --use-service-account-credentials the manager acts in its own name for every controller.
    make_certificate controller-manager /O=system:masters/CN=system:kube-controller-manager
    make_certificate scheduler /CN=system:kube-scheduler
}

make_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null
}

# make_certificate NAME SUBJECT [EXTENSION]
make_certificate() {
    local path=$dir/pki/$1
    make_key "$path.key"
    openssl req -new -key "$path.key" -subj "$2" 2>/dev/null |
        openssl x509 -req -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" -CAcreateserial -days 365 \
            -extfile <(printf 'extendedKeyUsage=serverAuth,clientAuth\n%s\n' "${3:-}") -out "$path.crt" 2>/dev/null
}

# make_kubeconfig NAME FILE: credentials inline, so that the file works wherever it is copied to.
make_kubeconfig() {
    (
        umask 077
        cat >"$2" <<YAML
apiVersion: v1
kind: Config
current-context: martlet-lab
clusters:
- name: martlet-lab
  cluster:
    server: https://127.0.0.1:$APISERVER_PORT
    certificate-authority-data: $(base64 -w0 "$dir/pki/ca.crt")
contexts:
- name: martlet-lab
  context: {cluster: martlet-lab, user: $1}
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$dir/pki/$1.crt")
    client-key-data: $(base64 -w0 "$dir/pki/$1.key")
YAML
    )
}

# Writes only, one line each: enough to count them by user, verb and resource.
make_audit_policy() {
    cat >"$dir/audit-policy.yaml" <<'YAML'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
- level: None
YAML
}

# free_port: below the range the kernel hands out, so no outgoing connection takes it between now and the bind.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        [[ " ${CHOSEN_PORTS:-} " == *" $port "* ]] && continue
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    CHOSEN_PORTS="${CHOSEN_PORTS:-} $port"
    PORT=$port
}

# known_flags PROGRAM --flag=value…: keeps those that this version of the program knows.
known_flags() {
    local program=$1 help flag
    shift
    help=$("$bin/$program" --help 2>&1 || true)
    for flag in "$@"; do
        grep -q -- " ${flag%%=*} " <<<"$help" && echo "$flag" || true
    done
}

run_etcd() {
    launch etcd --name lab --data-dir "$dir/etcd" --unsafe-no-fsync \
        --listen-client-urls "http://127.0.0.1:$ETCD_PORT" --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
        --listen-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" \
        --initial-advertise-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" \
        --initial-cluster "lab=http://127.0.0.1:$ETCD_PEER_PORT"
}

run_apiserver() {
    launch kube-apiserver --etcd-servers="http://127.0.0.1:$ETCD_PORT" \
        --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$APISERVER_PORT" \
        --endpoint-reconciler-type=none --service-cluster-ip-range=10.0.0.0/24 --cert-dir="$dir/pki" \
        --tls-cert-file="$dir/pki/apiserver.crt" --tls-private-key-file="$dir/pki/apiserver.key" \
        --client-ca-file="$dir/pki/ca.crt" --authorization-mode=RBAC --allow-privileged=true \
        --service-account-issuer=https://kubernetes.default.svc \
        --service-account-key-file="$dir/pki/service-account.pub" \
        --service-account-signing-key-file="$dir/pki/service-account.key" \
        --disable-admission-plugins=ServiceAccount --profiling=false \
        --max-requests-inflight=4000 --max-mutating-requests-inflight=2000 \
        --audit-policy-file="$dir/audit-policy.yaml" --audit-log-path="$dir/audit.log"
}

# The controllers a workload needs. Those of volumes, certificates and clouds would only cost memory.
CONTROLLERS=deployment,replicaset,statefulset,daemonset,job,garbagecollector,namespace,podgc,nodelifecycle,disruption
CONTROLLERS+=,serviceaccount,serviceaccount-token,clusterrole-aggregation,resourcequota,endpoint

# The client limits of the manager and the scheduler (20 and 50 a second by default) would be the slowest part of any
# test with hundreds of objects; raised so that they never are. Port 0: nobody reads their metrics, so no port.
run_controller_manager() {
    # shellcheck disable=SC2046 # one flag a word
    launch kube-controller-manager --kubeconfig="$dir/controller-manager.kubeconfig" --leader-elect=false \
        --controllers="$CONTROLLERS" --secure-port=0 \
        --service-account-private-key-file="$dir/pki/service-account.key" --root-ca-file="$dir/pki/ca.crt" \
        --kube-api-qps=500 --kube-api-burst=1000 --concurrent-deployment-syncs=20 --concurrent-replicaset-syncs=20 \
        --concurrent-gc-syncs=20 $(known_flags kube-controller-manager --port=0 --profiling=false)
}

run_scheduler() {
    # shellcheck disable=SC2046 # one flag a word
    launch kube-scheduler --kubeconfig="$dir/scheduler.kubeconfig" --leader-elect=false --secure-port=0 \
        $(known_flags kube-scheduler --port=0 --profiling=false --kube-api-qps=500 --kube-api-burst=1000)
}

# launch PROGRAM arguments…: in a session of its own, so that it outlives this script and its terminal.
launch() {
    local program=$1
    shift
    # 8 is the install lock, 9 that of the directory: a server must not inherit either.
    setsid "$bin/$program" "$@" >>"$dir/$program.log" 2>&1 </dev/null 8>&- 9>&- &
    echo $! >"$dir/$program.pid"
}

# running PROGRAM: true if the process of the pid file is there and is ours, not a later one with the same number.
running() {
    local pid
    pid=$(cat "$dir/$1.pid" 2>/dev/null) || return 1
    [ -n "$pid" ] && { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qF -- "$dir/"
}

# end PROGRAM…: SIGTERM to all, SIGKILL to those still there after 3 s. The API server may else wait a minute for its
# watches to end.
end() {
    local program tries=0
    for program in "$@"; do
        if running "$program"; then kill -TERM "$(cat "$dir/$program.pid")" 2>/dev/null || true; fi
    done
    for program in "$@"; do
        while running "$program"; do
            if ((tries == 30)); then kill -KILL "$(cat "$dir/$program.pid")" 2>/dev/null || true; fi
            ((tries < 100)) || die "$program (pid $(cat "$dir/$program.pid")) does not end"
            tries=$((tries + 1))
            sleep 0.1
        done
        rm -f "$dir/$program.pid"
    done
}

ask_apiserver() {
    curl --silent --fail --max-time 2 --noproxy 127.0.0.1 --cacert "$dir/pki/ca.crt" --cert "$dir/pki/admin.crt" \
        --key "$dir/pki/admin.key" "https://127.0.0.1:$APISERVER_PORT$1"
}

# await_apiserver: ready, and the namespace made that every user takes for granted.
await_apiserver() {
    local tries=0
    until ask_apiserver /readyz >/dev/null && ask_apiserver /api/v1/namespaces/default >/dev/null; do
        running kube-apiserver || { tail -n 5 "$dir/kube-apiserver.log" >&2; die "the API server ended"; }
        ((tries++ < 600)) || die "the API server is not ready after a minute: see $dir/kube-apiserver.log"
        sleep 0.1
    done
}
