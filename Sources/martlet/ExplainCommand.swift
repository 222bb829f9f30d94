internal import ArgumentParser
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI

/// Shows the last decision about an endpoint with its inputs, step by step.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show the last decision with its inputs.")

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var scope: ScopeOptions

    @Argument(help: "An InferenceEndpoint.")
    var name: String

    func run() async throws {
        let client = try cluster.client()
        let endpoint = try await client.resources(InferenceEndpoint.self).get(scope.key(name, client))
        print(DecisionText.explain(endpoint))
    }
}

/// A recorded decision as text for people.
enum DecisionText {
    static func explain(_ endpoint: InferenceEndpoint) -> String {
        let parts = [workers(endpoint), runpod(endpoint)].compactMap { $0 }
        guard !parts.isEmpty else {
            let accepted = endpoint.status?.conditions?["Accepted"]
            let why = accepted.map { "\($0.reason): \($0.message)" } ?? "no operator has seen it yet"
            return "\(endpoint.key): nothing was decided; \(why)"
        }
        var text = parts.joined(separator: "\n\n")
        if endpoint.status?.observedGeneration != endpoint.metadata.generation {
            text += "\n(the spec has changed since; the operator has not decided over it yet)"
        }
        return text
    }

    /// Why the RunPod endpoint is what it is: what the schedules want of it, what it has, and what stands in the way.
    private static func runpod(_ endpoint: InferenceEndpoint) -> String? {
        guard let status = endpoint.status, let ready = status.conditions?["RunPodReady"] else { return nil }
        var lines = ["\(endpoint.key) on RunPod, \(ready.reason) since \(ready.lastTransitionTime)", "", "inputs"]
        if let schedule = status.schedule { lines.append("  schedule   \(EndpointText.text(schedule, Date()))") }
        lines += EndpointText.runpod(status.runpod).map { "  \($0)" }
        lines += ["", "result       \(ready.message)"]
        return lines.joined(separator: "\n")
    }

    private static func workers(_ endpoint: InferenceEndpoint) -> String? {
        guard let decision = endpoint.status?.workers?.decision else { return nil }
        var lines = ["\(endpoint.key), decided \(decision.time)", "", "inputs"]
        if let waiting = decision.waiting, let inFlight = decision.inFlight {
            lines.append(
                "  queue     \(waiting) waiting + \(inFlight) in flight = \(decision.demand ?? waiting + inFlight)")
        } else {
            lines.append("  queue     can't be read")
        }
        lines.append(
            "  workers   \(decision.current) wished so far; \(decision.busy) busy, \(decision.idle) idle, \(decision.unknown) unknown"
        )
        lines.append("")
        lines.append("steps")
        for (number, step) in decision.steps.enumerated() { lines.append("  \(number + 1). \(step)") }
        lines.append("")
        lines.append("result      \(decision.current) → \(decision.desired)")
        return lines.joined(separator: "\n")
    }
}
