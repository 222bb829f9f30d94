/// Status and header fields of a response.
struct ResponseHead: Sendable, Equatable {
    var status: Int
    var headers: HTTPHeaders
}

/// Makes a head of the lines that libcurl hands over one by one: interim responses (1xx) are skipped, trailers ignored.
struct ResponseHeadParser {
    private enum State {
        case awaitingStatus
        case fields(ResponseHead, size: Int)
        case complete
    }

    enum Outcome: Equatable {
        case more
        case head(ResponseHead)
        case malformed
    }

    /// What a server may make us hold before the body; Go's own limit for requests is 1 MiB, API servers send under 2 KiB.
    static let sizeLimit = 256 << 10

    private var state: State = .awaitingStatus

    /// One line with its line end.
    mutating func receive(_ line: UnsafeRawBufferPointer) -> Outcome {
        var line = line[...]
        while let last = line.last, last == 0x0D || last == 0x0A { line = line.dropLast() }
        switch state {
        case .complete: return .more
        case .awaitingStatus:
            guard let status = Self.status(of: line) else { return .malformed }
            state = .fields(ResponseHead(status: status, headers: [:]), size: 0)
            return .more
        case .fields(var head, var size):
            if line.isEmpty {
                // 101 is final for us: nothing here asks for an upgrade.
                guard head.status >= 200 || head.status == 101 else {
                    state = .awaitingStatus
                    return .more
                }
                state = .complete
                return .head(head)
            }
            size += line.count
            guard size <= Self.sizeLimit else { return .malformed }
            if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                let name = String(decoding: Self.trimmed(line[..<colon]), as: UTF8.self)
                let value = String(decoding: Self.trimmed(line[(colon + 1)...]), as: UTF8.self)
                state = .awaitingStatus  // gives up the only other reference, so that the append is in place
                head.headers.append(name: name, value: value)
            }
            state = .fields(head, size: size)
            return .more
        }
    }

    /// `HTTP/1.1 200 OK` -> 200
    private static func status(of line: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard line.starts(with: "HTTP/".utf8), let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let digits = line[(space + 1)...].prefix(3)
        guard digits.count == 3, let status = Int(String(decoding: digits, as: UTF8.self)), status >= 100 else {
            return nil
        }
        return status
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
        return bytes
    }
}
