internal import KubernetesModel
internal import RunPod

/// One screen about a RunPod endpoint.
struct HealthView: Sendable {
    /// What the user calls it; nil: it is known by its id only.
    var title: String?
    var id: EndpointID
    var queue = QueueView()
    /// Nil: not told.
    var workers: EndpointWorkers?
    /// Why the counts are old.
    var trouble: String?
    /// Why bounds and list are missing or old.
    var listingTrouble: String?

    init(title: String?, id: EndpointID) {
        self.title = title
        self.id = id
    }

    var text: String {
        let health = queue.health ?? EndpointHealth()
        let bounds = queue.bounds.map { "workers \($0.min) to \($0.max)" + ($0.max == 0 ? " (closed)" : "") }
        var parts = [(title.map { "\($0)   " } ?? "") + "\(id)" + (bounds.map { "   \($0)" } ?? "")]
        parts.append(
            TextTable.text([
                ["JOBS", "QUEUED", "RUNNING", "COMPLETED", "FAILED", "RETRIED"],
                [
                    "", count(health.jobs.inQueue), count(health.jobs.inProgress), count(health.jobs.completed),
                    count(health.jobs.failed), count(health.jobs.retried),
                ],
            ]))
        parts.append(
            TextTable.text([
                ["WORKERS", "RUNNING", "IDLE", "INITIALIZING", "THROTTLED", "UNHEALTHY"],
                [
                    "", count(health.workers.running), count(health.workers.idle), count(health.workers.initializing),
                    count(health.workers.throttled), count(health.workers.unhealthy),
                ],
            ]))
        if let workers, !workers.workers.isEmpty { parts.append(Self.table(workers)) }
        if (health.jobs.inQueue ?? 0) > 0, !queue.cause.description.isEmpty {
            parts.append("queued jobs wait: \(queue.cause)")
        }
        if let trouble { parts.append("counts are old: \(trouble)") }
        if let listingTrouble { parts.append("the list of workers can't be read: \(listingTrouble)") }
        return PlainText.safe(parts.joined(separator: "\n\n"))
    }

    var json: JSONValue {
        .members([
            "id": .string(id.rawValue),
            "bounds": queue.bounds.map { ["min": .integer(Int64($0.min)), "max": .integer(Int64($0.max))] },
            "jobs": queue.health.map { Self.json($0.jobs) }, "workers": queue.health.map { Self.json($0.workers) },
            "list": workers.map { .array($0.workers.map(Self.json)) }, "problem": .text(trouble ?? listingTrouble),
        ])
    }

    private func count(_ number: Int?) -> String { number.map(String.init) ?? "-" }

    private static func table(_ workers: EndpointWorkers) -> String {
        let heading = ["WORKER", "STATUS", "GPU", "DATA CENTER", "UP", "RELEASE"]
        return TextTable.text(
            [heading]
                + workers.workers.map { worker in
                    [
                        worker.id, worker.status?.rawValue ?? "-", worker.gpuTypeID ?? "-", worker.dataCenterID ?? "-",
                        worker.uptimeSeconds.map(uptime) ?? "-",
                        (worker.version.map(String.init) ?? "-") + (worker.isStale == true ? " (old)" : ""),
                    ]
                })
    }

    private static func uptime(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        default: "\(seconds / 3600)h\(seconds % 3600 / 60)m"
        }
    }

    private static func json(_ jobs: EndpointHealth.Jobs) -> JSONValue {
        .members([
            "inQueue": .number(jobs.inQueue), "inProgress": .number(jobs.inProgress),
            "completed": .number(jobs.completed), "failed": .number(jobs.failed), "retried": .number(jobs.retried),
        ])
    }

    private static func json(_ workers: EndpointHealth.Workers) -> JSONValue {
        .members([
            "idle": .number(workers.idle), "initializing": .number(workers.initializing),
            "ready": .number(workers.ready), "running": .number(workers.running),
            "throttled": .number(workers.throttled), "unhealthy": .number(workers.unhealthy),
        ])
    }

    private static func json(_ worker: RunPodWorker) -> JSONValue {
        .members([
            "id": .string(worker.id), "status": .text(worker.status?.rawValue), "gpuTypeId": .text(worker.gpuTypeID),
            "dataCenterId": .text(worker.dataCenterID), "uptimeSeconds": .number(worker.uptimeSeconds),
            "version": .number(worker.version), "isStale": worker.isStale.map { .bool($0) },
        ])
    }
}
