import ControllerRuntime
import FoundationEssentials
import Kubernetes
import KubernetesModel
import Logging

/// Registers virtual nodes and keeps them Ready for as long as it runs.
struct NodeHeartbeat: Sendable {
    /// A kubelet's own interval: the lifecycle controller gives a node up after 40 s of silence.
    private static let leaseInterval = Duration.seconds(10)
    /// The status itself is repeated each 30th time, five minutes, as a kubelet does that has nothing new to say.
    private static let beatsPerStatus = 30
    /// How many requests are under way at once.
    private static let concurrency = 8

    let nodes: [VirtualNode]
    let client: KubernetesClient
    let time: any TimeSource
    let logger: Logger
    private let store = Store<Node>()

    init(nodes: [VirtualNode], client: KubernetesClient, time: any TimeSource, logger: Logger) {
        self.nodes = nodes
        self.client = client
        self.time = time
        self.logger = logger
    }

    /// Makes the Nodes and Leases that are missing, and says of all that they are Ready.
    func register() async throws(KubernetesError) {
        try await onEach { node throws(KubernetesError) in
            try await tolerating(\.alreadyExists) { () throws(KubernetesError) in
                _ = try await client.resources(Node.self).create(node.node(now: time.now), as: .lab)
            }
            try await tolerating(\.alreadyExists) { () throws(KubernetesError) in
                _ = try await client.resources(Lease.self)
                    .create(node.lease(now: time.now), in: node.leaseKey.namespace, as: .lab)
            }
            try await reportStatus(of: node)
        }
    }

    /// Beats until cancelled. An API server that does not answer is tried again at the next beat, and a Node that was
    /// taken for dead meanwhile is Ready again with it.
    func run() async throws {
        let watcher = Watcher(
            client.resources(Node.self), selecting: .labels(LabelSelector(matchLabels: [VirtualNode.label: "virtual"])),
            into: store, time: time, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            group.addTask { try await beat() }
            try await group.waitForAll()
        }
    }

    private func beat() async throws {
        var beat = 0
        while true {
            try await time.sleep(for: Self.leaseInterval)
            beat += 1
            do throws(KubernetesError) {
                try await onEach { [beat] node throws(KubernetesError) in
                    try await client.resources(Lease.self)
                        .mergePatch(node.leaseKey, Lease.RenewalPatch(now: time.now), as: .lab)
                    let isTakenForDead = store[ObjectKey(name: node.name)]?.isReady == false
                    if isTakenForDead || beat.isMultiple(of: Self.beatsPerStatus) {
                        try await reportStatus(of: node)
                    }
                }
            } catch {
                try Task.checkCancellation()
                logger.warning("a heartbeat failed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Deletes the Nodes and Leases that are still there; their Pods are the garbage collector's.
    func unregister() async throws(KubernetesError) {
        try await onEach { node throws(KubernetesError) in
            try await tolerating(\.isNotFound) { () throws(KubernetesError) in
                try await client.resources(Node.self).delete(ObjectKey(name: node.name))
            }
            try await tolerating(\.isNotFound) { () throws(KubernetesError) in
                try await client.resources(Lease.self).delete(node.leaseKey)
            }
        }
    }

    private func reportStatus(of node: VirtualNode) async throws(KubernetesError) {
        try await client.resources(Node.self)
            .mergePatch(ObjectKey(name: node.name), node.statusPatch(now: time.now), at: .status, as: .lab)
    }

    private func tolerating(
        _ harmless: KeyPath<KubernetesError, Bool>, _ request: () async throws(KubernetesError) -> Void
    ) async throws(KubernetesError) {
        do throws(KubernetesError) {
            try await request()
        } catch {
            guard error[keyPath: harmless] else { throw error }
        }
    }

    /// All nodes get their turn, whatever fails; then the first failure is thrown.
    private func onEach(
        _ body: @escaping @Sendable (VirtualNode) async throws(KubernetesError) -> Void
    ) async throws(KubernetesError) {
        let failure = await withTaskGroup(of: KubernetesError?.self) { group in
            var rest = nodes[...]
            var first: KubernetesError?
            func startNext() {
                guard let node = rest.popFirst() else { return }
                group.addTask {
                    do throws(KubernetesError) {
                        try await body(node)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for _ in 0..<Self.concurrency { startNext() }
            for await failure in group {
                first = first ?? failure
                startNext()
            }
            return first
        }
        if let failure { throw failure }
    }
}

extension FieldManager {
    /// What the laboratory writes in the name of kubelets.
    static let lab: FieldManager = "martlet-lab"
}
