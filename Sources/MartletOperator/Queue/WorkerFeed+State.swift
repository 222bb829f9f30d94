import Redis

/// Which event channels to subscribe to and what to tell: the pure half of a ``WorkerFeed``.
struct WorkerFeedState {
    typealias Instant = ContinuousClock.Instant

    struct Told: Equatable {
        let event: WorkerEvent
        let at: Instant
    }

    enum Event {
        /// The key prefixes of all Celery queries.
        case wanted(Set<String>)
        case connected
        case lost
        /// The server's word on the channels of these prefixes.
        case answered(prefixes: [String], refusals: [String: RedisReplyError])
        case message(channel: String, payload: [UInt8])
    }

    enum Step: Equatable {
        case tell([Told])
        case subscribe(prefixes: [String])
        case rest(until: Instant?)
    }

    private enum Subscription: Equatable {
        case wanted
        case asked
        case subscribed
        case refused(retryAt: Instant)
    }

    private struct Message {
        let channel: String
        let payload: [UInt8]
        let at: Instant
    }

    enum Kind: String, CaseIterable {
        case heartbeat, online, offline
    }

    /// A right that is given later needs no restart.
    static let retry = Duration.seconds(10)
    /// A flood of messages may not fill the memory: 2,000 workers send 1,000 a second.
    static let maximumMessages = 2048

    let database: Int
    private var subscriptions: [String: Subscription] = [:]
    /// What was last told of a prefix; kept while it is asked again, so that it is told once.
    private var refusals: [String: QueueFailure] = [:]
    private var channels: [String: (prefix: String, kind: Kind)] = [:]
    private var isConnected = false
    private var messages: [Message] = []
    private var told: [Told] = []

    init(database: Int) { self.database = database }

    var isNeeded: Bool { !subscriptions.isEmpty }

    /// Kombu's name of the channel of one kind of event, with `global_keyprefix` in front of all.
    static func channel(_ kind: Kind, prefix: String, database: Int) -> String {
        "\(prefix)/\(database).celeryev/worker.\(kind.rawValue)"
    }

    mutating func receive(_ event: Event, at now: Instant) {
        switch event {
        case .wanted(let prefixes): want(prefixes)
        case .connected:
            isConnected = true
            for prefix in subscriptions.keys { subscriptions[prefix] = .wanted }
        case .lost:
            isConnected = false
            lost(at: now)
        case .answered(let prefixes, let refusals):
            guard isConnected else { return }
            for prefix in prefixes where subscriptions[prefix] == .asked { answered(prefix, refusals, at: now) }
        case .message(let channel, let payload):
            guard payload.count <= HeartbeatParser.maximumBytes, messages.count < Self.maximumMessages else { return }
            messages.append(Message(channel: channel, payload: payload, at: now))
        }
    }

    mutating func nextStep(at now: Instant) -> Step {
        readMessages()
        if !told.isEmpty {
            defer { told = [] }
            return .tell(told)
        }
        guard isConnected else { return .rest(until: nil) }
        var asked: [String] = []
        var due: Instant?
        for (prefix, subscription) in subscriptions {
            switch subscription {
            case .wanted: asked.append(prefix)
            case .asked, .subscribed: break
            case .refused(let retryAt):
                if retryAt <= now { asked.append(prefix) } else { due = min(due ?? retryAt, retryAt) }
            }
        }
        guard asked.isEmpty else {
            for prefix in asked { subscriptions[prefix] = .asked }
            return .subscribe(prefixes: asked.sorted())
        }
        return .rest(until: due)
    }

    private mutating func want(_ prefixes: Set<String>) {
        for prefix in prefixes where subscriptions[prefix] == nil {
            subscriptions[prefix] = .wanted
            for kind in Kind.allCases {
                channels[Self.channel(kind, prefix: prefix, database: database)] = (prefix, kind)
            }
        }
        for prefix in subscriptions.keys where !prefixes.contains(prefix) {
            subscriptions[prefix] = nil
            refusals[prefix] = nil
            for kind in Kind.allCases {
                channels[Self.channel(kind, prefix: prefix, database: database)] = nil
            }
        }
    }

    private mutating func lost(at now: Instant) {
        for (prefix, subscription) in subscriptions {
            switch subscription {
            case .subscribed: tell(.lost(keyPrefix: prefix), at: now)
            case .wanted, .asked, .refused: break
            }
            subscriptions[prefix] = .wanted
        }
    }

    private mutating func answered(_ prefix: String, _ all: [String: RedisReplyError], at now: Instant) {
        let heartbeats = Self.channel(.heartbeat, prefix: prefix, database: database)
        // Without the two others only the coming and going of workers is seen later.
        guard let refusal = all[heartbeats] else {
            subscriptions[prefix] = .subscribed
            refusals[prefix] = nil
            return tell(.subscribed(keyPrefix: prefix), at: now)
        }
        let before = refusals[prefix]
        var failure = QueueFailure(
            reason: .serverError, message: "Redis refused to subscribe to Celery's worker events.",
            since: before?.since ?? now)
        if case .noPermission = refusal {
            failure.reason = .permissionDenied
            failure.message =
                "The Redis user may not hear Celery's worker events; grant it +subscribe and "
                + "&\(prefix)/\(database).celeryev/*."
        }
        subscriptions[prefix] = .refused(retryAt: now + Self.retry)
        refusals[prefix] = failure
        if failure != before { tell(.refused(keyPrefix: prefix, failure), at: now) }
    }

    private mutating func readMessages() {
        guard !messages.isEmpty else { return }
        for message in messages {
            guard let (prefix, kind) = channels[message.channel], subscriptions[prefix] == .subscribed,
                let heartbeat = HeartbeatParser.parse(message.payload)
            else { continue }
            switch kind {
            case .heartbeat: tell(.heartbeat(keyPrefix: prefix, heartbeat), at: message.at)
            case .online: tell(.online(keyPrefix: prefix, heartbeat), at: message.at)
            case .offline: tell(.offline(keyPrefix: prefix, heartbeat), at: message.at)
            }
        }
        messages.removeAll(keepingCapacity: messages.count < 256)
    }

    private mutating func tell(_ event: WorkerEvent, at now: Instant) {
        told.append(Told(event: event, at: now))
    }
}
