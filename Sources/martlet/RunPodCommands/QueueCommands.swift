internal import ArgumentParser
internal import KubernetesModel
internal import RunPod

/// Cancels jobs, queued or running.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel jobs, queued or running.")

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    @Argument(help: ArgumentHelp("Ids of jobs.", valueName: "id"))
    var ids: [String] = []

    func run() async throws {
        try await reportingFailures {
            let (name, words) = try endpoint.words(name, ids)
            let ids = words.compactMap { JobID($0) }
            guard !ids.isEmpty, ids.count == words.count else {
                throw CommandFailure("give the ids of jobs, as martlet run prints them")
            }
            let session = try await endpoint.session(name)
            var areAllKnown = true
            for id in ids {
                do throws(RunPodError) {
                    let job = try await session.account.jobs.cancel(id, on: session.id)
                    switch output.format {
                    case .json: Stdout.line(JSONText.pretty(JobText.json(job)))
                    case .text: Stdout.line("\(id) \(PlainText.safe(job.status.rawValue))")
                    }
                } catch {
                    areAllKnown = false
                    let what = error.isNotFound ? "RunPod knows no such job of this endpoint" : "\(error)"
                    Stderr.line("\(id): \(PlainText.safe(what))")
                }
            }
            if !areAllKnown { throw ExitCode(ExitCodes.unknown) }
        }
    }
}

/// Drops the jobs that wait.
struct PurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Drop all jobs that wait; those that run go on.")

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    func run() async throws {
        try await reportingFailures {
            let (name, rest) = try endpoint.words(name, [])
            guard rest.isEmpty else { throw CommandFailure("give NAME or --endpoint-id, not both") }
            let session = try await endpoint.session(name)
            if !yes {
                let health = try await session.account.jobs.health(of: session.id)
                let count = health.jobs.inQueue.map { $0.counted("queued job") } ?? "all queued jobs"
                guard try Confirmation.ask("Drop \(count) of \(session.hint)?") else {
                    throw CommandFailure("nothing was dropped")
                }
            }
            let purged = try await session.account.jobs.purgeQueue(of: session.id)
            switch output.format {
            case .json:
                Stdout.line(
                    JSONText.pretty(.members(["removed": .number(purged.removed), "status": .text(purged.status)])))
            case .text: Stdout.line(purged.removed.map { "\($0.counted("job")) dropped" } ?? "the queue is purged")
            }
        }
    }
}
