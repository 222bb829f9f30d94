import Kubernetes
import KubernetesModel
import Logging
import Synchronization

/// Says who leads whenever that changes, and once what keeps this process from leading.
final class LeadershipLog: Sendable {
    let logger: Logger
    /// The last failure's text; nil while requests succeed.
    private let failure = Mutex<String?>(nil)

    init(logger: Logger, lease: ObjectKey, identity: String) {
        var logger = logger
        logger[metadataKey: "lease"] = "\(lease)"
        logger[metadataKey: "identity"] = "\(identity)"
        self.logger = logger
    }

    func note(_ election: LeaderElection, after before: LeaderElection) {
        switch (before.role, election.role) {
        case (.leading, .leading): failure.withLock { $0 = nil }
        case (_, .leading): logger.notice("this process leads from now on")
        case (.leading, .standby):
            let other = election.record?.holder.flatMap { $0 == election.identity ? nil : $0 }
            logger.warning(
                "this process leads no longer and writes nothing",
                metadata: [
                    "why": "\(other.map { "\($0) holds the Lease" } ?? "the Lease could not be renewed in time")"
                ])
        case (.leading, .resigning): logger.notice("handing over")
        case (.resigning, .resigned):
            logger.notice(before.request == .release ? "the Lease is given back" : "the Lease is left to expire")
        case (.standby, .standby) where election.record?.holder != before.record?.holder:
            guard let holder = election.record?.holder, holder != election.identity else { return }
            logger.info("standing by", metadata: ["leader": "\(holder)"])
        case (.standby, _), (.resigning, _), (.resigned, _), (.leading, .resigned): break
        }
    }

    func failed(_ error: KubernetesError) {
        guard !error.isCancelled else { return }
        let text = "\(error)"
        let isNew = failure.withLock { failure in
            defer { failure = text }
            return failure != text
        }
        let help =
            error.isForbidden
            ? "grant get, list, watch, create and patch on leases.coordination.k8s.io" : "will be retried"
        logger.log(
            level: isNew ? .warning : .debug, "the Lease could not be had: \(help)", metadata: ["error": "\(text)"])
    }
}
