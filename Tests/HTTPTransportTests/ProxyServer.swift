import Foundation
import Synchronization

/// A proxy for tunnels, by CONNECT and by SOCKS5, that notes what it was asked for. Names are never looked up: every
/// tunnel ends at the one server of the test.
final class ProxyServer: Sendable {
    /// `host:port` that was asked for, and the credentials that came along, as they came.
    struct Asked: Sendable, Equatable {
        var target: String
        var credentials: String?
    }

    let asked: Events<Asked>
    private let server: TestServer

    /// nil refuses every tunnel: HTTP with 407, SOCKS by closing.
    init(to target: UInt16?) throws {
        let asked = Events<Asked>()
        self.asked = asked
        server = try TestServer { connection in
            guard let first = connection.peek() else { return }
            let request = first == 5 ? Self.greetSOCKS(connection) : Self.greetHTTP(connection)
            guard let request else { return }
            asked.tell(request)
            guard let target, let far = Self.connect(to: target) else {
                if first != 5 { connection.respond("canary", status: "407 Proxy Authentication Required") }
                return
            }
            if first == 5 {
                connection.send([5, 0, 0, 1, 127, 0, 0, 1, 0, 0])
            } else {
                connection.send("HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
            }
            Self.tunnel(connection, far)
        }
    }

    func url(_ scheme: String = "http", credentials: String = "") -> String {
        "\(scheme)://\(credentials)127.0.0.1:\(server.port)"
    }

    private static func greetHTTP(_ connection: TestConnection) -> Asked? {
        guard let request = connection.request() else { return nil }
        let words = request.line.split(separator: " ")
        guard words.first == "CONNECT" else {
            connection.respond("\(words[1])")
            return nil
        }
        return Asked(target: String(words[1]), credentials: request.headers["proxy-authorization"])
    }

    /// RFC 1928 and, if the client offers it, user and password of RFC 1929.
    private static func greetSOCKS(_ connection: TestConnection) -> Asked? {
        guard let head = connection.exactly(2), let methods = connection.exactly(Int(head[1])) else { return nil }
        var credentials: String?
        if methods.contains(2) {
            connection.send([5, 2])
            guard let user = connection.exactly(2).flatMap({ connection.exactly(Int($0[1])) }),
                let password = connection.exactly(1).flatMap({ connection.exactly(Int($0[0])) })
            else { return nil }
            credentials = String(decoding: user + [0x3A] + password, as: UTF8.self)
            connection.send([1, 0])
        } else {
            connection.send([5, 0])
        }
        // Only names: whoever sends an address has looked it up by itself.
        guard let request = connection.exactly(5), request[3] == 3, let name = connection.exactly(Int(request[4])),
            let port = connection.exactly(2)
        else { return nil }
        let number = Int(port[0]) << 8 | Int(port[1])
        return Asked(target: "\(String(decoding: name, as: UTF8.self)):\(number)", credentials: credentials)
    }

    private static func connect(to port: UInt16) -> TestConnection? {
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return code == 0 ? TestConnection(socket: far) : nil
    }

    /// Carries bytes both ways until both ends have closed.
    private static func tunnel(_ near: TestConnection, _ far: TestConnection) {
        let back = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while let bytes = far.read(65536) { near.send(bytes) }
            shutdown(near.socket, Int32(SHUT_WR))
            back.signal()
        }
        while let bytes = near.read(65536) { far.send(bytes) }
        shutdown(far.socket, Int32(SHUT_WR))
        back.wait()
        close(far.socket)
    }
}

extension TestConnection {
    /// The first byte, left where it is.
    fileprivate func peek() -> UInt8? {
        var byte = UInt8(0)
        return recv(socket, &byte, 1, Int32(MSG_PEEK)) == 1 ? byte : nil
    }

    fileprivate func exactly(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard let more = read(count - bytes.count) else { return nil }
            bytes += more
        }
        return bytes
    }
}
