/// An API key of RunPod's: a secret. Neither describing nor reflecting it shows it; it leaves this type only for the
/// `Authorization` field of a request to one of `RunPodHosts`.
package struct RunPodKey: Sendable, Hashable {
    let secret: String

    /// White space around it is dropped (Secrets are often made from files with a line end). Nil where nothing is left,
    /// or what is left can't be a header's value: something but visible ASCII is in it.
    package init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while let last = bytes.last, Self.isSpace(last) { bytes.removeLast() }
        while let first = bytes.first, Self.isSpace(first) { bytes.removeFirst() }
        guard (1...4096).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        secret = String(decoding: bytes, as: UTF8.self)
    }

    /// Tells keys apart in logs, conditions and the ledger: the first 48 bits of the key's SHA-256, in hex.
    ///
    /// A one-way function and no faster checksum, because this text is published: a checksum of a key is a part of the
    /// key. 48 bits say nothing useful about a random key of more than 200, and tell a few thousand keys apart.
    package var fingerprint: KeyFingerprint {
        KeyFingerprint(rawValue: SHA256.hex(of: Array("martlet:runpod-key:".utf8) + Array(secret.utf8), bytes: 6))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// What may be told of a key.
package struct KeyFingerprint: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// Twelve hex digits.
    package let rawValue: String
    /// Takes the text as it stands.
    package init(rawValue: String) { self.rawValue = rawValue }
    /// The digits.
    package var description: String { rawValue }
}

extension RunPodKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fingerprint.
    package var description: String { "key \(fingerprint)" }
    /// The fingerprint.
    package var debugDescription: String { description }
    /// Without members.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
