import Kubernetes
import KubernetesModel
import Logging
import Synchronization

/// Says once what keeps a watcher from working, and once that it works again.
final class WatchLog: Sendable {
    private let logger: Logger
    /// The text of the failure that lasts; nil while all is well.
    private let failure = Mutex<String?>(nil)

    init(logger: Logger, resource: ResourceType) {
        var logger = logger
        logger[metadataKey: "resource"] = "\(resource)"
        self.logger = logger
    }

    func failed(_ text: String) {
        let isNew = failure.withLock { failure in
            defer { failure = text }
            return failure != text
        }
        logger.log(level: isNew ? .warning : .debug, "watch failed, will be retried", metadata: ["error": "\(text)"])
    }

    func startsOver(_ text: String) {
        logger.debug("version is no longer kept, listing again", metadata: ["error": "\(text)"])
    }

    func works() {
        let wasFailing = failure.withLock { failure in
            defer { failure = nil }
            return failure != nil
        }
        if wasFailing { logger.info("watch works again") }
    }

    func unreadable(_ object: UnreadableObject) {
        logger.warning(
            "object can't be read and is left alone",
            metadata: ["key": "\(object.key)", "problem": "\(object.problem)"])
    }
}
