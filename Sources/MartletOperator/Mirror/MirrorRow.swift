internal import MartletAPI

/// What the mirror says of one endpoint: the columns of the table but `updated_at`, which each write sets.
struct MirrorRow: Sendable, Hashable {
    /// The primary key.
    var serviceName: String
    /// RunPod's id of the endpoint; nil while there is none.
    var endpointID: String?
    /// Whether jobs are welcome: the endpoint exists and no schedule has closed it.
    var isActive: Bool

    /// What is left when nobody stands for the row any more.
    var withdrawn: MirrorRow { MirrorRow(serviceName: serviceName, endpointID: nil, isActive: false) }
}

/// The key of a Supabase project. Printing one shows nothing of it.
struct MirrorKey: Sendable, Hashable {
    /// For the request's headers, and nowhere else.
    let text: String

    /// Leaves out blanks around the key, such as the line end that `echo` leaves in a Secret. Nil for what can be no key:
    /// nothing, or something that no header can hold.
    init?(_ text: String) {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
        var bytes = Array(text.utf8)[...].drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        self.text = String(decoding: bytes, as: UTF8.self)
    }
}

extension MirrorKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "a key" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// One row of one table, as one key reaches it. Two keys may be two roles, or two tenants: their rows are told apart.
struct MirrorPlace: Sendable, Hashable {
    /// A row, whoever writes it.
    struct Address: Sendable, Hashable {
        var url: String
        var table: String
        var serviceName: String
    }

    var address: Address
    var key: MirrorKey
}

extension MirrorPlace {
    /// Where a spec's row is, with the key that its Secret holds.
    init(_ target: ResolvedMirror, key: MirrorKey) {
        self.init(
            address: Address(url: target.url, table: target.table, serviceName: target.serviceName), key: key)
    }
}
