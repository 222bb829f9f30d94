public import Kubernetes
public import KubernetesModel
public import Logging
import Synchronization

/// Keeps a `Store` equal to what the API server has, for as long as it runs.
///
/// * It lists in pages, then watches from the list's version; when a watch ends it resumes where it was. If the version
///   is no longer kept (410) it lists again at once, and tells the differences: what was deleted meanwhile is `removed`.
///   The store keeps its old content until the new list is complete.
/// * Failures wait with a growing, spread delay of at most 30 s, `Retry-After` is obeyed, and a watch whose connection
///   died without a word is given up soon after its time. Nothing ever spins, and failures cost no memory.
/// * `onChange` is called after the store has the change, one call at a time, in the order of the server. It must be
///   quick: the usual thing to do is to add a key to a `WorkQueue`.
/// * An object that can't be decoded is taken out of the store, logged, and told by `Store.unreadable`.
public final class Watcher<Object: KubernetesObject>: Sendable {
    /// A page takes no longer, the client's own repetitions with `Retry-After` included, unless its connection is dead.
    private static var pageDeadline: Duration { .seconds(150) }
    /// As in the API's own clients: large enough for few round trips, small enough for little memory.
    private static var pageSize: Int { 500 }

    private struct Progress {
        var machine: WatcherMachine
        var random: any RandomNumberGenerator & Sendable
        /// The objects of the pages read so far.
        var listed: [Object] = []
        var unreadable: [UnreadableObject] = []
    }

    private let resources: Resources<Object>
    private let namespace: String?
    private let selector: ListSelector
    private let store: Store<Object>
    private let keeping: @Sendable (Object) -> Bool
    private let time: any TimeSource
    private let onChange: @Sendable (StoreChange<Object>) -> Void
    private let progress: Mutex<Progress>
    private let relistBell = Bell()
    private let log: WatchLog

    /// Watches the objects that the server selects, in one namespace or (nil) in all, and stores those that `keeping`
    /// wants. A store has one watcher.
    ///
    /// `random` spreads delays and the watches' lengths.
    public init(
        _ resources: Resources<Object>, in namespace: String? = nil, selecting selector: ListSelector = .everything,
        into store: Store<Object>, keeping: @escaping @Sendable (Object) -> Bool = { _ in true },
        time: any TimeSource = SystemTime(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        logger: Logger = Logger(label: "watcher"),
        onChange: @escaping @Sendable (StoreChange<Object>) -> Void = { _ in }
    ) {
        self.resources = resources
        self.namespace = namespace
        self.selector = selector
        self.store = store
        self.keeping = keeping
        self.time = time
        self.onChange = onChange
        self.progress = Mutex(Progress(machine: WatcherMachine(now: time.uptime), random: random))
        self.log = WatchLog(logger: logger, resource: resources.type)
    }

    /// Asks for a fresh list, because something outside tells that the store may be wrong. The watch is resumed after.
    ///
    /// Asking often costs one list a second at most. Returns at once.
    public func relist() { relistBell.ring() }

    /// Watches until the task is cancelled, which it answers with `CancellationError`; no failure ends it. Once at a time.
    public func run() async throws {
        var action = progress.withLock { progress in
            progress.machine = WatcherMachine(now: time.uptime)
            return WatcherMachine.firstAction
        }
        while true {
            let event = try await carryOut(action)
            try Task.checkCancellation()
            action = tell(event)
        }
    }

    private func carryOut(_ action: WatcherMachine.Action) async throws -> WatcherMachine.Event {
        switch action {
        case .list(let page):
            if page == nil { beginList() }
            return try await outcome(within: Self.pageDeadline) { try await self.readPage(after: page) }
        case .watch(let version, let length, let deadline):
            return try await outcome(within: deadline, orOn: relistBell) {
                try await self.watch(from: version, lasting: length, idle: deadline)
            }
        case .watchUntilList(let version, let length, let deadline):
            return try await outcome(within: deadline) {
                try await self.watch(from: version, lasting: length, idle: deadline)
            }
        case .wait(let duration):
            try await time.sleep(for: duration)
            return .waited
        case .read: preconditionFailure("only a watch under way goes on reading")
        }
    }

    @discardableResult
    private func tell(_ event: WatcherMachine.Event) -> WatcherMachine.Action {
        progress.withLock { progress in
            progress.machine.receive(event, now: time.uptime, using: &progress.random)
        }
    }

    /// How `body` ended, unless the deadline or the bell came first: then it is cancelled, and over on return.
    private func outcome(
        within deadline: Duration, orOn bell: Bell? = nil,
        of body: @escaping @Sendable () async throws -> WatcherMachine.Event
    ) async throws -> WatcherMachine.Event {
        try await withThrowingTaskGroup(of: WatcherMachine.Event?.self) { group in
            group.addTask {
                do {
                    return try await body()
                } catch {
                    return self.failure(error)
                }
            }
            group.addTask {
                try await self.time.sleep(for: deadline)
                return .wentSilent
            }
            if let bell {
                group.addTask {
                    try await bell.wait()
                    return .relistAsked
                }
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            while let other = await group.nextResult() {
                // The bell rang as something else ended: it must not be lost.
                if case .success(.relistAsked) = other { bell?.ring() }
            }
            guard let first else { throw CancellationError() }
            return first
        }
    }

    /// Nil for what a cancelled task throws.
    private func failure(_ error: any Error) -> WatcherMachine.Event? {
        if Task.isCancelled { return nil }
        let text = "\(error)"
        guard let error = error as? KubernetesError else {
            log.failed(text)
            return .failed(.other)
        }
        if error.isGone {
            log.startsOver(text)
            return .failed(.gone)
        }
        log.failed(text)
        return .failed(error.retryAfter.map { .throttled($0) } ?? .other)
    }

    private func beginList() {
        // Whoever asked before now is answered by this list.
        relistBell.silence()
        progress.withLock { progress in
            progress.listed = []
            progress.unreadable = []
        }
    }

    private func readPage(after token: PageToken?) async throws -> WatcherMachine.Event {
        let page = try await resources.page(in: namespace, selecting: selector, limit: Self.pageSize, after: token)
        try Task.checkCancellation()
        let wanted = page.items.filter(keeping)
        let complete: (listed: [Object], unreadable: [UnreadableObject])? = progress.withLock { progress in
            progress.listed += wanted
            progress.unreadable += page.unreadable
            guard page.next == nil else { return nil }
            defer {
                progress.listed = []
                progress.unreadable = []
            }
            return (progress.listed, progress.unreadable)
        }
        if let complete {
            for object in complete.unreadable where store.unreadable(object.key) != object { log.unreadable(object) }
            store.replaceAll(with: complete.listed, unreadable: complete.unreadable).forEach(onChange)
        }
        return .pageArrived(version: page.resourceVersion, next: page.next)
    }

    private func watch(
        from version: ResourceVersion, lasting length: Duration, idle: Duration
    ) async throws -> WatcherMachine.Event {
        let stream = try await resources.watch(
            in: namespace, selecting: selector, from: version, for: length, idle: idle)
        log.works()
        for try await event in stream {
            if Task.isCancelled { throw CancellationError() }
            let version: ResourceVersion?
            switch event {
            case .added(let object), .modified(let object):
                version = object.metadata.resourceVersion
                (keeping(object) ? store.put(object) : store.remove(object)).forEach(onChange)
            case .deleted(let object):
                version = object.metadata.resourceVersion
                store.remove(object).forEach(onChange)
            case .bookmark(let newer): version = newer
            case .unreadable(let object):
                version = object.metadata.resourceVersion
                log.unreadable(object)
                store.setAside(object).forEach(onChange)
            case .unreadableDeleted(let object):
                version = object.metadata.resourceVersion
                store.remove(object.key).forEach(onChange)
            }
            if let version { tell(.versionSeen(version)) }
        }
        return .ended
    }
}
