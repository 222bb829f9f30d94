internal import Hummingbird
internal import Logging
internal import MartletOperator

/// `/metrics`, `/healthz` and `/readyz`. Tells nothing that a neighbour in the cluster may not know.
struct HealthServer: Sendable {
    var address: ListenAddress
    var metrics: @Sendable () -> String
    var readiness: @Sendable () -> Readiness
    var logger: Logger

    /// Serves until the task is cancelled. Throws if the address can't be bound.
    func run() async throws {
        let router = Router()
        router.get("healthz") { _, _ in "ok\n" }
        router.get("readyz") { _, _ in
            let readiness = readiness()
            return Response(
                status: readiness == .starting ? .serviceUnavailable : .ok,
                body: .init(byteBuffer: ByteBuffer(string: "\(readiness.answer)\n")))
        }
        router.get("metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: metrics())))
        }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: router, configuration: .init(address: .hostname(address.host, port: address.port)), logger: quiet)
        try await application.run()
    }
}

extension Readiness {
    /// A standby is ready too: a rollout must not wait for it to lead.
    fileprivate var answer: String {
        switch self {
        case .starting: "not synced yet"
        case .alone: "ok"
        case .leading: "ok: leader"
        case .standby: "ok: standby"
        }
    }
}

/// `host:port`, with an IPv6 host in brackets.
struct ListenAddress: Sendable, Equatable {
    var host: String
    var port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host.isEmpty ? "0.0.0.0" : host
        self.port = port
    }
}
