internal import ControllerRuntime
internal import Glibc
internal import Kubernetes
internal import KubernetesModel
internal import Logging
internal import MartletOperator
internal import ServiceLifecycle
internal import Synchronization

/// The operator as a service of the process: waits for the API server, runs, and ends on the first signal.
final class OperatorService: Service {
    private let client: KubernetesClient
    private let apiServer: [String]
    private let settings: OperatorSettings
    private let elector: LeaderElector?
    private let logger: Logger
    private let running = Mutex<Operator?>(nil)

    init(
        client: KubernetesClient, apiServer: [String], settings: OperatorSettings, elector: LeaderElector?,
        logger: Logger
    ) {
        self.client = client
        self.apiServer = apiServer
        self.settings = settings
        self.elector = elector
        self.logger = logger
    }

    var readiness: Readiness { running.withLock { $0?.readiness ?? .starting } }

    func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await self.operate() }
                group.addTask {
                    try await gracefulShutdown()
                    // The one that takes over is waiting: first the lead is handed to it, then the rest is put away.
                    try await self.elector?.resign()
                }
                try await group.next()
            }
        } catch is CancellationError {}
        logger.info("stopping")
    }

    private func operate() async throws {
        let discovery = try await discover()
        var settings = settings
        if settings.runpod.needsClusterID { settings.runpod = settings.runpod.identified(as: try await clusterID()) }
        let theOperator = Operator(
            client: client, discovery: discovery, apiServer: apiServer, settings: settings,
            instance: ServerAddresses.hostName, elector: elector, logger: logger)
        running.withLock { $0 = theOperator }
        try await theOperator.run()
    }

    /// The uid of a namespace that is never made anew: kube-system, or the operator's own where it may not read that, or
    /// works in some namespaces only. Nil: neither may be read, and then nothing is done on RunPod.
    private func clusterID() async throws -> String? {
        let names = settings.namespaces.isEmpty ? ["kube-system", client.namespace] : [client.namespace]
        let time = SystemTime()
        for name in names {
            while true {
                do throws(KubernetesError) {
                    if let uid = try await client.resources(Namespace.self).get(ObjectKey(name: name)).metadata.uid {
                        return uid
                    }
                    break
                } catch {
                    guard !error.isForbidden, !error.isNotFound else { break }
                    try Task.checkCancellation()
                }
                try await time.sleep(for: .seconds(1))
            }
        }
        logger.error(
            "no namespace can be read that would tell this cluster from others: RunPod endpoints are not managed; set --cluster-id or grant get on the namespace"
        )
        return nil
    }

    /// An API server that is away at the start is waited for: the operator must not need a restart to find it.
    private func discover() async throws -> Discovery {
        let time = SystemTime()
        var delay = Duration.milliseconds(250)
        while true {
            do throws(KubernetesError) {
                let discovery = try await client.discover()
                logger.info("connected", metadata: ["kubernetes": "\(discovery.server)"])
                return discovery
            } catch {
                try Task.checkCancellation()
                logger.warning("the API server can't be asked yet", metadata: ["error": "\(error)"])
            }
            try await time.sleep(for: delay)
            delay = min(delay * 2, .seconds(10))
        }
    }
}

/// The health server as a service of the process.
struct HealthService: Service {
    let server: HealthServer

    func run() async throws { try await server.run() }
}

/// Names and addresses of machines.
enum ServerAddresses {
    /// This machine's name: in a cluster the Pod's.
    static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "martlet" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The addresses behind the host of a URL, as texts; empty if it does not resolve.
    static func resolve(_ url: String) -> [String] {
        let rest = url.split(separator: "/", maxSplits: 2).last.map(String.init) ?? url
        var host = String(rest.split(separator: "/").first ?? "")
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            host = String(host[host.index(after: host.startIndex)..<end])
        } else if let colon = host.lastIndex(of: ":") {
            host = String(host[..<colon])
        }
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: Set<String> = []
        var next = list
        while let entry = next?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            {
                addresses.insert(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            next = entry.ai_next
        }
        return addresses.sorted()
    }
}
