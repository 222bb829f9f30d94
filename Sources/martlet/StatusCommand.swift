internal import ArgumentParser
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// Shows endpoints as a table, or one of them in detail.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the endpoints do.",
        discussion: "Without a name: a table. With one: its conditions and figures.")

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var scope: ScopeOptions

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    func run() async throws {
        let client = try cluster.client()
        let endpoints = client.resources(InferenceEndpoint.self)
        if let name {
            print(EndpointText.detail(try await endpoints.get(scope.key(name, client))))
            return
        }
        var items: [InferenceEndpoint] = []
        var next: PageToken?
        repeat {
            let page = try await endpoints.page(in: scope.namespace(client), after: next)
            items += page.items
            next = page.next
        } while next != nil
        guard !items.isEmpty else {
            print(
                scope.allNamespaces
                    ? "No InferenceEndpoints." : "No InferenceEndpoints in this namespace; -A shows all.")
            return
        }
        print(EndpointText.table(items.sorted { $0.key < $1.key }, withNamespace: scope.allNamespaces))
    }
}

/// Which namespace a command looks at, with kubectl's flags.
struct ScopeOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Namespace. Default: the context's.")
    var namespace: String?

    @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
    var allNamespaces = false

    /// Nil for all namespaces.
    func namespace(_ client: KubernetesClient) -> String? {
        allNamespaces ? nil : namespace ?? client.namespace
    }

    func key(_ name: String, _ client: KubernetesClient) -> ObjectKey {
        ObjectKey(namespace: namespace ?? client.namespace, name: name)
    }
}

/// Endpoints as text for people.
enum EndpointText {
    /// The columns of `kubectl get iep`, with the reason.
    static func table(_ endpoints: [InferenceEndpoint], withNamespace: Bool) -> String {
        let now = Date()
        var rows = [
            (withNamespace ? ["NAMESPACE"] : []) + [
                "NAME", "OPEN", "BY", "NEXT", "QUEUE", "WORKERS", "BUSY", "READY", "REASON",
            ]
        ]
        for endpoint in endpoints {
            let status = endpoint.status
            let ready = status?.conditions?["Ready"]
            let reason =
                ready?.status == .yes ? status?.workers?.reason ?? "" : ready?.message ?? "not seen by an operator yet"
            rows.append(
                (withNamespace ? [endpoint.key.namespace] : []) + [
                    endpoint.key.name, (status?.schedule?.open).map { $0 ? "yes" : "no" } ?? "-",
                    status?.schedule?.by ?? "-", next(status?.schedule, now), status?.queue?.summary ?? "-",
                    status?.workers?.summary ?? "-",
                    (status?.workers?.busyReplicas).map(String.init) ?? "-", ready?.status.rawValue ?? "Unknown",
                    reason,
                ])
        }
        return TextTable.text(rows)
    }

    /// In how long the schedule changes something, as the table has room for it.
    private static func next(_ schedule: ScheduleStatus?, _ now: Date) -> String {
        guard let time = schedule?.nextTransitionTime?.date else { return "-" }
        return time <= now ? "now" : "in \(ScheduleChart.span(time.timeIntervalSince(now)))"
    }

    /// `closed by office-hours since …, changes …`, in the reader's own time.
    static func text(_ schedule: ScheduleStatus, _ now: Date) -> String {
        let zone = EndpointSchedules.local(EndpointSchedules.zones) ?? .utc
        let local = LocalText(zone: zone)
        var line = schedule.open == false ? "closed" : "open"
        line += schedule.by.map { " by \($0)" } ?? ", no schedule names it"
        if let time = schedule.lastTransitionTime { line += " since \(local.full(time.date))" }
        if let time = schedule.nextTransitionTime { line += ", changes \(local.full(time.date))" }
        return line
    }

    /// What is known of the RunPod endpoint; nothing without one.
    static func runpod(_ runpod: RunPodStatus?) -> [String] {
        guard let runpod else { return [] }
        var lines: [String] = []
        if let id = runpod.endpointId {
            lines.append("runpod     endpoint \(id)\(runpod.version.map { ", release \($0)" } ?? "")")
        }
        if let intent = runpod.intent {
            lines.append("runpod     \(intent.name) is being created since \(intent.time)")
        }
        if lines.isEmpty { lines.append("runpod     no endpoint") }
        if let workers = runpod.workers {
            let counts = [
                (workers.running, "running"), (workers.idle, "idle"), (workers.initializing, "initializing"),
                (workers.throttled, "throttled"), (workers.unhealthy, "unhealthy"),
            ]
            lines.append("workers    \(counts.map { "\($0.0 ?? 0) \($0.1)" }.joined(separator: ", "))")
        }
        if let jobs = runpod.jobs {
            let counts = [
                (jobs.queued, "queued"), (jobs.running, "running"), (jobs.completed, "completed"),
                (jobs.failed, "failed"),
            ]
            lines.append("jobs       \(counts.map { "\($0.0 ?? 0) \($0.1)" }.joined(separator: ", "))")
        }
        return lines
    }

    /// Everything that the status holds, conditions last.
    static func detail(_ endpoint: InferenceEndpoint) -> String {
        guard let status = endpoint.status else { return "\(endpoint.key): not seen by an operator yet" }
        var lines = ["\(endpoint.key)"]
        if let schedule = status.schedule { lines.append("  schedule   \(text(schedule, Date()))") }
        if let queue = status.queue {
            lines.append(
                "  queue      \(queue.waiting ?? 0) waiting, \(queue.inFlight ?? 0) in flight (\(queue.source?.rawValue ?? "-"))"
            )
        }
        if let workers = status.workers {
            lines.append(
                "  workers    \(workers.replicas ?? 0) of \(workers.desiredReplicas ?? 0), \(workers.busyReplicas ?? 0) busy"
            )
            lines.append("  reason     \(workers.reason ?? "-")")
            if let time = workers.lastScaleTime { lines.append("  scaled     \(time)") }
            if let time = workers.lastActiveTime { lines.append("  active     \(time)") }
        }
        lines += runpod(status.runpod).map { "  \($0)" }
        for condition in status.conditions ?? [] {
            let name = condition.type + String(repeating: " ", count: max(1, 22 - condition.type.count))
            lines.append("  \(name)\(condition.status.rawValue)  \(condition.reason): \(condition.message)")
        }
        return lines.joined(separator: "\n")
    }
}
