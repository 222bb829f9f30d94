internal import ArgumentParser
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import RunPod

/// Shows the GPU pools with prices and what is free.
struct GPUsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gpus", abstract: "Show RunPod's GPU pools: members, memory, price and what is free.",
        discussion: "With --for the pools that an InferenceEndpoint names are marked with their rank.")

    @OptionGroup var options: AccountOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("An InferenceEndpoint, whose API key is taken too.", valueName: "name"))
    var endpoint: String?

    func run() async throws {
        try await reportingFailures {
            var named: [String] = []
            let account: RunPodConnection
            if let endpoint {
                let client = try options.cluster.client()
                let key = ObjectKey(namespace: options.namespace ?? client.namespace, name: endpoint)
                let object = try await client.resources(InferenceEndpoint.self).get(key)
                let credentials = try EndpointAddress.credentials(of: object)
                if case .accepted(let spec) = object.resolution { named = spec.runpod?.gpu?.pools ?? [] }
                let secret = ObjectKey(namespace: key.namespace, name: credentials.name)
                var apiKey = options.secret == nil ? nil : try await options.namedKey()
                if apiKey == nil { apiKey = try await RunPodKeySource(client: client).key(secret, credentials.key) }
                guard let apiKey else { throw CommandFailure("no API key") }
                account = RunPodConnection(key: apiKey, hosts: try options.hosts.hosts())
            } else {
                account = try await options.account()
            }
            let pools = PoolTable(try await account.control.gpus(), named: named)
            switch output.format {
            case .json: Stdout.line(JSONText.pretty(pools.json))
            case .text: Stdout.line(PlainText.safe(pools.text))
            }
            for pool in pools.unknown {
                Stderr.line("Warning: \(endpoint ?? "") names pool \(pool), which RunPod's catalogue does not have")
            }
        }
    }
}
