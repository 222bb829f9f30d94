/// Cuts a byte stream into lines, wherever the pieces of the stream begin and end.
struct LineFraming: Sendable {
    /// The longest line that is taken, in bytes, without its end.
    let largestLine: Int
    private var buffer: [UInt8] = []
    /// Where the first line that was not given out begins.
    private var start = 0
    /// Up to here no line end was found.
    private var scanned = 0

    /// A buffer that one large object blew up is given back rather than kept for the life of the watch, in bytes.
    private static let keptCapacity = 64 << 10
    private static let newline = UInt8(ascii: "\n")

    init(largestLine: Int) { self.largestLine = largestLine }

    mutating func append(_ bytes: [UInt8]) {
        if start == buffer.count {
            if buffer.capacity > Self.keptCapacity { buffer = [] } else { buffer.removeAll(keepingCapacity: true) }
        } else if start > 0 {
            buffer.removeSubrange(..<start)
        }
        scanned -= start
        start = 0
        buffer += bytes
    }

    /// The next whole line that is not blank; nil if more bytes are needed.
    mutating func next() throws(KubernetesError.Cause) -> ArraySlice<UInt8>? {
        while let end = buffer[scanned...].firstIndex(of: Self.newline) {
            let line = buffer[start..<end]
            start = end + 1
            scanned = start
            guard line.count <= largestLine else { throw .tooLarge(limit: largestLine) }
            if !line.allSatisfy(Self.isBlank) { return line }
        }
        scanned = buffer.count
        guard buffer.count - start <= largestLine else { throw .tooLarge(limit: largestLine) }
        return nil
    }

    /// Whether nothing is left of a line that has begun.
    var isAtBorder: Bool { buffer[start...].allSatisfy(Self.isBlank) }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") || byte == newline
    }
}
