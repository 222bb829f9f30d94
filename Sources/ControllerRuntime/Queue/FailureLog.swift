import Logging
import Synchronization

/// Logs a key's failure when it is another than the last one, so that an object that stays broken says so once.
final class FailureLog<Key: Hashable & Sendable>: Sendable {
    private let logger: Logger
    private let controller: String
    /// The last error's text of each key that fails now.
    private let failing = Mutex<[Key: String]>([:])

    init(logger: Logger, controller: String) {
        self.logger = logger
        self.controller = controller
    }

    func failed(_ key: Key, with error: any Error) {
        let text = String(describing: error)
        let isNew = failing.withLock { $0.updateValue(text, forKey: key) != text }
        guard isNew else { return }
        logger.warning(
            "reconciliation failed, will be retried",
            metadata: ["controller": "\(controller)", "key": "\(key)", "error": "\(text)"])
    }

    func succeeded(_ key: Key) {
        let wasFailing = failing.withLock { $0.removeValue(forKey: key) != nil }
        guard wasFailing else { return }
        logger.info("reconciliation succeeds again", metadata: ["controller": "\(controller)", "key": "\(key)"])
    }
}
