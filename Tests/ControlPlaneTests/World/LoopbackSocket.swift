import Glibc

/// A blocking TCP connection to this machine. A silent server is an error after ten seconds.
final class LoopbackSocket {
    enum Failure: Error { case refused, closed, silent }

    private let descriptor: Int32
    private var unread: ArraySlice<UInt8> = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Failure.refused }
    }

    deinit { close(descriptor) }

    func write(_ text: String) throws {
        var bytes = ArraySlice(text.utf8)
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw Failure.closed }
            bytes = bytes.dropFirst(sent)
        }
    }

    /// Up to the next line end, without it.
    func readLine() throws -> String {
        var line: [UInt8] = []
        while true {
            let byte = try next()
            if byte == UInt8(ascii: "\n") { break }
            line.append(byte)
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }

    func read(_ count: Int) throws -> String {
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(try next()) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func readToEnd() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try? next() { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func next() throws -> UInt8 {
        if unread.isEmpty {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count != 0 else { throw Failure.closed }
            guard count > 0 else { throw Failure.silent }
            unread = buffer[..<count]
        }
        return unread.removeFirst()
    }
}

/// The answer to one HTTP request, as far as tests look at it.
struct HTTPAnswer {
    var status: Int
    var body: String

    init(get path: String, port: Int) throws { try self.init("GET", path, port: port) }

    /// A request, with a body of JSON if there is one.
    init(
        _ method: String, _ path: String, port: Int, headers: [String: String] = [:], body content: String? = nil
    ) throws {
        let socket = try LoopbackSocket(port: port)
        var request = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        if let content {
            request += "Content-Type: application/json\r\nContent-Length: \(content.utf8.count)\r\n"
        }
        try socket.write("\(request)\r\n\(content ?? "")")
        let statusLine = try socket.readLine()
        status = Int(statusLine.split(separator: " ").dropFirst().first ?? "") ?? 0
        while try !socket.readLine().isEmpty {}
        body = try socket.readToEnd()
    }
}
