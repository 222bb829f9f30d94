import DequeModule

/// Which reply belongs to which command, and what is no reply at all: the pure half of a connection.
package struct ReplyRouter {
    /// What a received value means to the connection.
    package enum Outcome: Equatable {
        /// The oldest batch is answered, in the order of its commands.
        case answered([RESPValue])
        case pushed(RedisPush)
        /// Part of a batch, or an announcement that nobody needs.
        case nothing
    }

    private enum Kind {
        case commands
        /// RESP3 confirms a subscription by a push, only a refusal is a reply.
        case subscriptions
    }

    private struct Batch {
        let kind: Kind
        let count: Int
        var replies: [RESPValue] = []
    }

    private var batches: Deque<Batch> = []
    /// With RESP2 a connection that subscribed receives pushes as plain arrays.
    private var hasSubscribed = false

    package init() {}

    package var isIdle: Bool { batches.isEmpty }

    package mutating func expect(replies count: Int) { batches.append(Batch(kind: .commands, count: count)) }

    package mutating func expect(subscriptions count: Int) {
        hasSubscribed = true
        batches.append(Batch(kind: .subscriptions, count: count))
    }

    package mutating func receive(_ value: RESPValue) throws(RESPViolation) -> Outcome {
        switch value {
        case .push(let elements): return receive(push: elements)
        case .array(let elements) where hasSubscribed && Self.announcements.contains(elements.first?.text ?? ""):
            return receive(push: elements)
        case .null, .integer, .double, .boolean, .string, .error, .array, .set, .map:
            guard !batches.isEmpty else { throw .unexpectedReply }
            return answer(value)
        }
    }

    private static let announcements: Set<String> = [
        "message", "pmessage", "subscribe", "psubscribe", "unsubscribe", "punsubscribe",
    ]

    private mutating func answer(_ value: RESPValue) -> Outcome {
        batches[0].replies.append(value)
        guard batches[0].replies.count == batches[0].count else { return .nothing }
        return .answered(batches.removeFirst().replies)
    }

    private mutating func receive(push elements: [RESPValue]) -> Outcome {
        switch (elements.first?.text, elements.count) {
        case ("invalidate", 2...):
            guard let keys = elements[1].elements else { return .pushed(.invalidatedAll) }
            return .pushed(.invalidated(keys.compactMap(\.text).map { RedisKey($0) }))
        case ("message", 3...):
            guard let channel = elements[1].text, case .string(let payload) = elements[2] else { return .nothing }
            return .pushed(.message(channel: channel, payload: payload))
        case ("pmessage", 4...):
            guard let pattern = elements[1].text, let channel = elements[2].text,
                case .string(let payload) = elements[3]
            else { return .nothing }
            return .pushed(.patternMessage(pattern: pattern, channel: channel, payload: payload))
        case ("subscribe", _), ("psubscribe", _):
            guard let batch = batches.first, case .subscriptions = batch.kind else { return .nothing }
            return answer(.null)
        case (_, _):
            return .nothing
        }
    }
}
