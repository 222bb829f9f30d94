import Foundation

/// A certificate authority and what it signed, made by the `openssl` command in a directory of their own.
struct TestAuthority {
    let directory: URL

    /// Makes `ca`, a server certificate for 127.0.0.1 (`address`), one for `api.internal` (`name`), and `client`.
    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "martlet-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.pem"] + Self.key)
        try sign("address", subject: "/CN=address", extensions: "subjectAltName=IP:127.0.0.1")
        try sign("name", subject: "/CN=name", extensions: "subjectAltName=DNS:api.internal")
        try sign("client", subject: "/CN=martlet-client", extensions: "extendedKeyUsage=clientAuth")
    }

    func pem(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: directory.appending(path: name))) }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func sign(_ name: String, subject: String, extensions: String) throws {
        try openssl(
            [
                "req", "-x509", "-days", "2", "-subj", subject, "-CA", "ca.pem", "-CAkey", "ca.key", "-addext",
                extensions,
            ]
                + ["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "\(name).key", "-out", "\(name).pem"]
                + Self.key)
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw POSIXError(.EPROTO) }
    }
}

/// An https server that answers with what it saw: `HOST FIELD|SNI|SUBJECT OF THE CLIENT`. `/watch` is answered with two
/// lines, of which the second comes when `/go` was asked for.
final class TLSServer {
    let port: UInt16
    private let process = Process()

    /// `clients` decides whether a client certificate is asked for (`CERT_OPTIONAL`) or demanded (`CERT_REQUIRED`).
    init(_ authority: TestAuthority, certificate: String, clients: String = "CERT_OPTIONAL") throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.script, certificate, clients]
        process.currentDirectoryURL = authority.directory
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A { line.append(byte) }
        guard let port = UInt16(String(decoding: line, as: UTF8.self)) else { throw POSIXError(.EPROTO) }
        self.port = port
    }

    deinit {
        // Not SIGTERM: the child inherits the signal mask of the thread that starts it, and Dispatch's block that one.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func url(host: String = "127.0.0.1") -> String { "https://\(host):\(port)/" }

    private static let script = """
        import http.server, ssl, sys, threading
        gone = threading.Event()
        name, clients = sys.argv[1:]
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                if self.path == "/watch": return self.watch()
                if self.path == "/go": gone.set()
                subject = dict(x[0] for x in (self.connection.getpeercert() or {}).get("subject", ()))
                sni = getattr(self.connection, "asked_for", "")
                body = "|".join([self.headers["Host"], sni, subject.get("commonName", "")]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def watch(self):
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"4\\r\\none\\n\\r\\n")
                gone.wait()
                self.wfile.write(b"4\\r\\ntwo\\n\\r\\n0\\r\\n\\r\\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(name + ".pem", name + ".key")
        context.load_verify_locations("ca.pem")
        context.verify_mode = getattr(ssl, clients)
        def note(connection, asked_for, _): connection.asked_for = asked_for or ""
        context.sni_callback = note
        class Server(http.server.ThreadingHTTPServer):
            def get_request(self):
                connection, address = super().get_request()
                return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address
        server = Server(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True)
        server.serve_forever()
        """
}
