import Redis

/// What goes wrong with clusters. Addresses that a cluster named are not repeated: they are a foreign server's text.
extension QueueFault {
    /// A key's slot has no master.
    static let slotNotServed = QueueFault(
        .slotNotServed, "A slot of the queue's keys has no master; look at CLUSTER INFO for what the cluster lacks.")

    /// Why a node can't be used.
    init(_ error: RedisError, at node: QueueNodeID) {
        switch node {
        case .sole, .nowhere: self.init(error)
        case .master: self.init(atMaster: error)
        }
    }

    private init(atMaster error: RedisError) {
        switch error {
        case .lookupFailed:
            self.init(
                .hostNotFound,
                "The cluster names a master by a host that has no address here; correct cluster-announce-hostname.")
        case .hostRefused(let refusal):
            self.init(.hostRefused, "The cluster names a master at an address that is refused: \(refusal.why)")
        case .connectFailed:
            self.init(
                .unreachable,
                "A master of the cluster accepts no connections where the cluster says that it is; its queues are read "
                    + "again when it is back or a replica took over.")
        case .connectTimedOut:
            self.init(
                .unreachable,
                "A master of the cluster does not answer where the cluster says that it is; look for a network policy "
                    + "or a dead node.")
        case .tlsHandshakeFailed:
            self.init(
                .tlsFailed,
                "TLS with a master of the cluster failed; its certificate must carry the address that the cluster "
                    + "names, or spec.queue.redis.tls.serverName.")
        case .commandTimedOut:
            self.init(.unreachable, "A master of the cluster accepted a command and did not answer in time.")
        case .closed:
            self.init(.unreachable, "A master of the cluster closed the connection.")
        case .tlsConfigurationInvalid, .handshakeRefused, .protocolViolated, .notMaster, .masterMoved, .sentinelFailed:
            self.init(error)
        }
    }

    /// Why the addresses lead to no cluster.
    init(_ fault: ClusterFault) {
        switch fault {
        case .unreachable(let error): self.init(error)
        case .refused(.noPermission):
            self.init(
                .permissionDenied,
                "The Redis user may not run CLUSTER SLOTS; grant it +cluster|slots, +cluster|nodes and +asking.")
        case .refused(.loading): self.init(.loading, "Redis is loading its data.")
        case .refused:
            self.init(
                .notCluster,
                "The server is no part of a Redis Cluster; set spec.queue.redis.mode: Standalone, or name the "
                    + "cluster's nodes in spec.queue.redis.addresses.")
        case .malformed: self.init(.protocolError, "What the server tells of its cluster makes no sense.")
        case .servesNothing:
            self.init(.slotNotServed, "No slot of the cluster has a master yet; finish creating the cluster.")
        case .tooManyMasters:
            self.init(
                .serverError, "The cluster has more than \(ClusterMap.maximumMasters) masters; that is not served.")
        }
    }
}
