import Redis

extension QueueFault {
    /// Why a node of a server that is reached as `topology` says can't be used. An address is shown only if the user gave it.
    init(_ error: RedisError, at node: QueueNodeID, of topology: QueueServerConfiguration.Topology) {
        switch topology {
        case .standalone, .cluster: self.init(error, at: node)
        case .sentinel(let master, _): self.init(error, ofMaster: master)
        }
    }

    private init(_ error: RedisError, ofMaster master: String) {
        let named = "the master that the sentinels name \"\(master)\""
        switch error {
        case .lookupFailed:
            self.init(
                .hostNotFound,
                "The host name of \(named) has no address here; let the servers announce one that has "
                    + "(replica-announce-ip).")
        case .hostRefused(let refusal):
            self.init(.hostRefused, "The address of \(named) is refused: \(refusal.why)")
        case .connectFailed:
            self.init(
                .unreachable,
                "Nothing accepts connections at \(named); does it run, and is the address that it announces "
                    + "(replica-announce-ip) reachable from the operator?")
        case .connectTimedOut:
            self.init(
                .unreachable,
                "There is no answer from \(named); look for a network policy, a dead node, or an announced address "
                    + "(replica-announce-ip) that can't be reached from the operator.")
        case .tlsHandshakeFailed:
            self.init(
                .tlsFailed,
                "TLS with \(named) failed; check caSecretRef and the client certificate, and set serverName to a name "
                    + "that the certificates of all servers carry if the sentinels give IP addresses.")
        case .notMaster:
            self.init(
                .notMaster,
                "What answers as \(named) says that it is none; a failover may be under way. Nothing is read from it.")
        case .masterMoved:
            self.init(.notMaster, "The sentinels have just named another server as \"\(master)\".")
        case .sentinelFailed(let failure): self.init(failure, master: master)
        case .tlsConfigurationInvalid, .handshakeRefused, .commandTimedOut, .protocolViolated, .closed: self.init(error)
        }
    }

    private init(_ failure: SentinelFailure, master: String) {
        switch failure {
        case .unreachable(let reason): self.init(unreachableSentinel: reason)
        case .unknownMaster:
            self.init(
                .masterUnknown,
                "The sentinels watch no master named \"\(master)\"; correct spec.queue.redis.sentinelMaster.")
        case .refused(.noPermission):
            self.init(
                .permissionDenied,
                "The sentinels' user may not ask for the master; grant it +sentinel|get-master-addr-by-name, "
                    + "+sentinel|master, +sentinel|sentinels and +subscribe on all channels.")
        case .refused(.noAuthentication):
            self.init(.authenticationFailed, "The sentinels ask for a password; set sentinelCredentialsSecretRef.")
        case .refused:
            self.init(
                .notSentinel,
                "What answers at spec.queue.redis.addresses is no sentinel; name sentinels there (their port is usually "
                    + "26379), or set mode Standalone.")
        case .unusableAddress:
            self.init(.protocolError, "The sentinels give no usable address for the master \"\(master)\".")
        }
    }

    private init(unreachableSentinel reason: RedisError) {
        switch reason {
        case .connectFailed(let address):
            self.init(.unreachable, "Nothing accepts connections at \(address); is a sentinel running there?")
        case .tlsHandshakeFailed(let address):
            self.init(
                .tlsFailed,
                "TLS with the sentinel \(address) failed; check caSecretRef, serverName, the client certificate, and "
                    + "that the port speaks TLS.")
        case .hostRefused(let refusal): self.init(.hostRefused, "A sentinel's address is refused: \(refusal.why)")
        case .handshakeRefused(_, .noAuthentication):
            self.init(.authenticationFailed, "The sentinels ask for a password; set sentinelCredentialsSecretRef.")
        case .handshakeRefused(_, .wrongPassword), .handshakeRefused("AUTH", .generic):
            self.init(
                .authenticationFailed,
                "The sentinels refuse the user or the password of sentinelCredentialsSecretRef.")
        case .handshakeRefused(let command, _):
            self.init(.serverError, "The sentinels refused \(command) during login.")
        case .protocolViolated:
            self.init(.protocolError, "What answers at spec.queue.redis.addresses does not speak the Redis protocol.")
        case .commandTimedOut, .closed, .notMaster, .masterMoved, .sentinelFailed:
            self.init(.unreachable, "No sentinel answers; check spec.queue.redis.addresses.")
        case .lookupFailed, .connectTimedOut, .tlsConfigurationInvalid: self.init(reason)
        }
    }
}
