internal import ArgumentParser
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import MartletOperator

/// Holds an endpoint open for a while, whatever its schedules say.
struct OpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Hold an endpoint open for a while, whatever its schedules say.",
        discussion: OverrideOptions.discussion)

    @OptionGroup var options: OverrideOptions
    @OptionGroup var span: SpanOptions

    func run() async throws { try await options.hold(.open, until: span.end(from: Date())) }
}

/// Holds an endpoint closed for a while, whatever its schedules say.
struct CloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Hold an endpoint closed for a while, whatever its schedules say.",
        discussion: "Busy workers have closing.drainSeconds; waiting tasks stay queued. " + OverrideOptions.discussion)

    @OptionGroup var options: OverrideOptions
    @OptionGroup var span: SpanOptions

    func run() async throws { try await options.hold(.closed, until: span.end(from: Date())) }
}

/// Gives an endpoint back to its schedules.
struct AutoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auto", abstract: "End an override: the endpoint's schedules hold again.")

    @OptionGroup var options: OverrideOptions

    func run() async throws { try await options.release() }
}

/// How long an override holds.
struct SpanOptions: ParsableArguments {
    private static let most = Int(CapacityOverride.longest)

    @Option(name: .customLong("for"), help: "How long, at most 31 days: 90m, 2h, 1h30m, 3d.")
    var span = "2h"

    @Option(help: "Until when instead: an RFC 3339 time such as 2026-11-20T21:00:00+09:00.")
    var until: String?

    func validate() throws {
        if let until {
            guard Timestamp(until) != nil else {
                throw ValidationError(
                    "--until is a time with its offset, such as 2026-11-20T21:00:00+09:00, not '\(until)'")
            }
        } else {
            guard let seconds = SpanText(span)?.seconds, seconds <= Self.most else {
                throw ValidationError("--for is a span of at most 31 days, such as 90m, 2h or 3d, not '\(span)'")
            }
        }
    }

    func end(from now: Date) throws -> Date {
        let end = until.flatMap { Timestamp($0)?.date } ?? now.addingTimeInterval(Double(SpanText(span)?.seconds ?? 0))
        guard end > now else { throw ValidationError("--until lies in the past") }
        guard end.timeIntervalSince(now) <= CapacityOverride.longest else {
            throw ValidationError("an override lasts 31 days at most; a longer one is a schedule's exception")
        }
        return end
    }
}

/// What the three commands share.
struct OverrideOptions: ParsableArguments {
    static let discussion =
        "It writes the annotation \(CapacityOverride.annotation); `martlet auto NAME` removes it. "
        + "`martlet schedule NAME` shows what holds when."

    @OptionGroup var cluster: ClusterOptions

    @Option(name: .shortAndLong, help: "Namespace. Default: the context's.")
    var namespace: String?

    @Argument(help: "An InferenceEndpoint.")
    var name: String

    func hold(_ state: CapacityOverride.State, until end: Date) async throws {
        let client = try cluster.client()
        let override = CapacityOverride(state, until: end)
        let endpoint = try await write(.string(override.description), client)
        let schedules = await EndpointSchedules.load(of: endpoint, client)
        let word = state == .open ? "open" : "closed"
        print("\(endpoint.key) is held \(word) until \(schedules.describe(end)).")
        print(
            schedules.all.isEmpty
                ? "No GPUSchedule names it: after that it is open, within its own bounds."
                : "After that \(schedules.names) decides again; `martlet auto \(name)` ends it sooner.")
    }

    func release() async throws {
        let client = try cluster.client()
        let endpoint = try await write(.null, client)
        let schedules = await EndpointSchedules.load(of: endpoint, client)
        print(
            schedules.all.isEmpty
                ? "\(endpoint.key) is open, within its own bounds: no GPUSchedule names it."
                : "\(endpoint.key) follows \(schedules.names) again.")
    }

    private func write(_ value: JSONValue, _ client: KubernetesClient) async throws -> InferenceEndpoint {
        let key = ObjectKey(namespace: namespace ?? client.namespace, name: name)
        let patch: JSONValue = ["metadata": ["annotations": [CapacityOverride.annotation: value]]]
        return try await client.resources(InferenceEndpoint.self).mergePatch(key, patch, as: "martlet-cli")
    }
}
