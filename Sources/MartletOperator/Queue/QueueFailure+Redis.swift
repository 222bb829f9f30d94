import Redis

/// A failure before it has a beginning: what the state machine passes around.
struct QueueFault: Hashable, Sendable {
    var reason: QueueFailure.Reason
    var message: String

    /// Why a server can't be used at all.
    init(_ error: RedisError) {
        switch error {
        case .lookupFailed(let address):
            self.init(.hostNotFound, "\(address.host) has no address; correct spec.queue.redis.addresses.")
        case .hostRefused(let refusal):
            self.init(.hostRefused, "The address is refused: \(refusal.why)")
        case .connectFailed(let address):
            self.init(.unreachable, "Nothing accepts connections at \(address); is Redis running there?")
        case .connectTimedOut(let address):
            self.init(.unreachable, "\(address) does not answer; look for a network policy or a dead node.")
        case .tlsConfigurationInvalid(let what):
            self.init(.tlsFailed, "Can't use \(what): no valid PEM.")
        case .tlsHandshakeFailed(let address):
            self.init(
                .tlsFailed,
                "TLS with \(address) failed; check caSecretRef, serverName, the client certificate, and that the port "
                    + "speaks TLS.")
        case .handshakeRefused(let command, let refusal):
            self.init(refusal: refusal, of: command)
        case .notMaster, .masterMoved:
            self.init(.notMaster, "The server is no master.")
        case .sentinelFailed:
            self.init(.unreachable, "No sentinel tells where the master is.")
        case .commandTimedOut:
            self.init(.unreachable, "Redis accepted a command and did not answer in time.")
        case .protocolViolated:
            self.init(.protocolError, "The server does not speak the Redis protocol.")
        case .closed:
            self.init(.unreachable, "Redis closed the connection.")
        }
    }

    private init(refusal: RedisReplyError, of command: String) {
        switch refusal {
        case .noAuthentication:
            self.init(.authenticationFailed, "Redis asks for a password; set credentialsSecretRef.")
        case .wrongPassword:
            self.init(.authenticationFailed, "Redis refuses the user or the password of credentialsSecretRef.")
        case .generic where command == "AUTH":
            self.init(.authenticationFailed, "Redis refuses the password of credentialsSecretRef.")
        case .generic where command == "SELECT":
            self.init(.serverError, "Redis has no such database; correct spec.queue.redis.database.")
        case .noPermission:
            self.init(.permissionDenied, "The Redis user may not run \(command); grant it +\(command.lowercased()).")
        case .loading:
            self.init(.loading, "Redis is loading its data.")
        case .wrongType, .readOnly, .moved, .ask, .tryAgain, .clusterDown, .masterDown, .busy, .noProto, .generic,
            .other:
            self.init(.serverError, "Redis refused \(command) during login.")
        }
    }

    /// Why one key can't be read.
    init(_ refusal: RedisReplyError, reading key: RedisKey, with command: String, in layout: QueueLayout) {
        let name = Self.printable(key)
        switch refusal {
        case .wrongType:
            self.init(.wrongType, "Key \"\(name)\" is not of the type expected of it; name the right key or delete it.")
        case .noPermission:
            self.init(
                .permissionDenied,
                "The Redis user may not read key \"\(name)\"; grant it +\(command.lowercased()) on that key.")
        case .noAuthentication, .wrongPassword:
            self.init(.authenticationFailed, "Redis asks for a password; check credentialsSecretRef.")
        case .loading:
            self.init(.loading, "Redis is loading its data.")
        case .moved, .ask, .tryAgain, .clusterDown:
            switch layout {
            case .sole:
                self.init(
                    .notStandalone, "The server is part of a Redis Cluster; set spec.queue.redis.mode: Cluster.")
            case .cluster:
                self.init(
                    .slotNotServed, "No master of the cluster serves the slot of key \"\(name)\" at the moment.")
            }
        case .readOnly, .masterDown, .busy, .noProto, .generic, .other:
            self.init(.serverError, "Redis refused to read key \"\(name)\".")
        }
    }

    init(_ reason: QueueFailure.Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// Control characters (Celery's separator) as `\x06`; overlong names cut.
    private static func printable(_ key: RedisKey) -> String {
        var text = ""
        for scalar in key.name.unicodeScalars.prefix(100) {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + (digits.count < 2 ? "0" : "") + digits
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
