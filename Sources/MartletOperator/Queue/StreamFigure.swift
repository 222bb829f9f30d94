import Redis

/// The id of a stream's entry: milliseconds and a number within them.
struct StreamID: Hashable, Sendable, CustomStringConvertible {
    var milliseconds: UInt64
    var number: UInt64

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = UInt64(parts[0]), let number = UInt64(parts[1]) else { return nil }
        self.milliseconds = milliseconds
        self.number = number
    }

    /// The lowest id above this one; nil for the greatest. An exclusive range would need Redis 6.2.
    var next: StreamID? {
        var next = self
        if number < .max {
            next.number += 1
        } else {
            guard milliseconds < .max else { return nil }
            next.milliseconds += 1
            next.number = 0
        }
        return next
    }

    var description: String { "\(milliseconds)-\(number)" }
}

/// What a server says of a stream and one of its groups.
struct StreamFigure: Hashable {
    struct Group: Hashable {
        var pending: Int
        var lastDelivered: StreamID
        /// Nil before Redis 7, and while the server can't tell: entries not yet read were deleted, or the group was put
        /// at an id in the middle.
        var lag: Int?
    }

    enum Answer: Equatable {
        case absent
        case found(StreamFigure)
        case refused(RedisReplyError)
    }

    var length: Int
    /// Nil: there is no such group.
    var group: Group?

    /// Reads the answers to `XLEN` and `XINFO GROUPS`.
    static func read(_ replies: ArraySlice<RESPValue>, group name: String) -> Answer {
        guard replies.count == 2, let first = replies.first, let second = replies.last else {
            return .refused(.generic)
        }
        if case .error(let refusal) = first { return .refused(refusal) }
        guard let length = first.integer else { return .refused(.generic) }
        switch second {
        // "ERR no such key"; with a length above zero it would mean something else.
        case .error(.generic) where length <= 0: return .absent
        case .error(let refusal): return .refused(refusal)
        case .array(let groups), .set(let groups):
            for fields in groups.map(Fields.init) where fields["name"]?.text == name {
                guard let group = Group(fields) else { return .refused(.generic) }
                return .found(StreamFigure(length: length, group: group))
            }
            return .found(StreamFigure(length: length, group: nil))
        case .null, .integer, .double, .boolean, .string, .map, .push: return .refused(.generic)
        }
    }

    /// Names and values in turns, as RESP3's map and RESP2's array have them.
    fileprivate struct Fields {
        private let items: [RESPValue]

        init(_ value: RESPValue) {
            switch value {
            case .map(let items), .array(let items): self.items = items
            case .null, .integer, .double, .boolean, .string, .error, .set, .push: items = []
            }
        }

        subscript(name: String) -> RESPValue? {
            stride(from: 0, to: items.count - 1, by: 2).first { items[$0].text == name }.map { items[$0 + 1] }
        }
    }
}

extension StreamFigure.Group {
    fileprivate init?(_ fields: StreamFigure.Fields) {
        guard let pending = fields["pending"]?.integer,
            let delivered = fields["last-delivered-id"]?.text.flatMap(StreamID.init)
        else { return nil }
        self.pending = max(0, pending)
        lastDelivered = delivered
        lag = fields["lag"]?.integer.map { max(0, $0) }
    }
}
