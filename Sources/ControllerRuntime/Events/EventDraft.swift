import KubernetesModel

/// An event that somebody recorded: what it is about and what it says.
struct EventDraft: Sendable, Equatable {
    /// The API server refuses longer messages (`core/v1` validation).
    static let longestMessage = 1024
    /// And longer reasons.
    static let longestReason = 128
    /// The longest name of an object, in bytes.
    static let longestName = 253

    let type: EventType
    let reason: String
    let message: String
    let about: ObjectReference
    let occurrence: String?

    init(type: EventType, reason: String, message: String, about: ObjectReference, occurrence: String?) {
        self.type = type
        self.reason = reason.prefix(bytes: Self.longestReason)
        self.message = message.prefix(bytes: Self.longestMessage)
        self.about = about
        self.occurrence = occurrence
    }

    /// The event's own key: the same for the same occurrence, in every process and after every restart, so that the
    /// API server itself refuses a duplicate.
    ///
    /// Events on cluster-scoped objects live in `default`, where `kubectl describe` looks for them.
    var key: ObjectKey {
        var hash = StableHash()
        for part in [about.uid ?? about.name ?? "", type.rawValue, reason, occurrence ?? "", message] { hash.add(part) }
        let namespace = about.namespace ?? ""
        let suffix = ".\(hash.hexadecimal)"
        let subject = Self.nameSafe(about.name ?? "").prefix(Self.longestName - suffix.utf8.count)
        return ObjectKey(namespace: namespace.isEmpty ? "default" : namespace, name: "\(subject)\(suffix)")
    }

    /// `name` with what a DNS subdomain doesn't allow replaced: RBAC objects may be called `system:admin`. Every label
    /// before the suffix has to end in a letter or digit, so separators that a cut could leave last are replaced too.
    private static func nameSafe(_ name: String) -> String {
        let bytes = name.lowercased().utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case UInt8(ascii: "-"), UInt8(ascii: "."): byte
            default: UInt8(ascii: "-")
            }
        }
        let text = String(decoding: bytes.prefix(longestName - 33), as: UTF8.self)
        var end = text.endIndex
        while end > text.startIndex, "-.".contains(text[text.index(before: end)]) { end = text.index(before: end) }
        let start = text.firstIndex { !"-.".contains($0) } ?? end
        return start < end ? String(text[start..<end]) : "object"
    }
}

extension String {
    /// The longest beginning of at most `bytes` bytes of UTF-8 that doesn't cut a character.
    func prefix(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = startIndex
        var size = 0
        for index in indices {
            size += self[index].utf8.count
            if size > limit { break }
            end = self.index(after: index)
        }
        return String(self[..<end])
    }
}

/// FNV-1a of 128 bits: the same in every process, unlike `Hasher`. It tells occurrences apart and protects nothing.
struct StableHash {
    private var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// Adds a part; parts don't run together.
    mutating func add(_ part: String) {
        for byte in part.utf8 { add(byte) }
        // No UTF-8 text holds this byte.
        add(0xFF)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B
    }

    /// 32 digits.
    var hexadecimal: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
