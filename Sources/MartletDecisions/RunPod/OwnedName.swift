/// The name under which an object's endpoint is created, and by which, together with the marker, it is found again.
package enum OwnedName {
    /// RunPod takes 191 characters and its console cuts what is longer than a label.
    private static let longest = 63

    /// `martlet-<namespace>-<name>-<8 hex digits of the uid>`: the same after every restart, another for an object that was
    /// deleted and created again.
    package static func name(namespace: String, name: String, uid: String) -> String {
        let suffix = "-\(digest(uid))"
        let readable = "martlet-\(namespace)-\(name)".prefix(longest - suffix.utf8.count)
        return readable + suffix
    }

    /// `name` without what RunPod and its tools hang on names: `-fb`, with or without a space, marked FlashBoot until
    /// March 2026; `live-` is put in front by flash.
    package static func normalised(_ name: String) -> String {
        var name = name[...]
        while name.last == " " { name.removeLast() }
        if name.hasSuffix("-fb") {
            name.removeLast(3)
            while name.last == " " { name.removeLast() }
        }
        if name.hasPrefix("live-") { name.removeFirst(5) }
        return String(name)
    }

    /// FNV-1a of 32 bits: keeps names apart and protects nothing; the marker proves whose an endpoint is.
    private static func digest(_ uid: String) -> String {
        var value: UInt32 = 0x811c_9dc5
        for byte in uid.utf8 { value = (value ^ UInt32(byte)) &* 0x0100_0193 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// Whose an endpoint is, as the variable `MARTLET_OWNER` of its environment says.
package enum OwnerMark: Sendable, Hashable {
    /// This very object's.
    case ours
    /// Another object's, of this cluster or another.
    case another
    /// Nobody's: not made by Martlet, or the variable was removed.
    case none
    /// The list did not tell the environment.
    case untold
}

/// The value of `MARTLET_OWNER`: `<cluster>/<namespace>/<uid>`.
package struct OwnerMarker: Sendable, Hashable, CustomStringConvertible {
    package var cluster: String
    package var namespace: String
    package var uid: String

    /// The marker of one object.
    package init(cluster: String, namespace: String, uid: String) {
        self.cluster = cluster
        self.namespace = namespace
        self.uid = uid
    }

    /// Nil for what Martlet never wrote.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(cluster: String(parts[0]), namespace: String(parts[1]), uid: String(parts[2]))
    }

    /// As in the environment.
    package var description: String { "\(cluster)/\(namespace)/\(uid)" }
}
