import FoundationEssentials
import HTTPTransport
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import RunPod
import Testing

extension Scenarios {
    /// The commands for people, finding endpoint and key in a cluster. No operator runs: the status is written by hand.
    @Suite("Commands on RunPod")
    struct RunPodCommandTests {
        private static let key = "lab-key-of-the-scenario"

        @Test(
            "NAME leads to the endpoint and its key, a closed endpoint takes no job, and orphans are deleted for good")
        func commands() async throws {
            let cluster = try ControlPlane.shared()
            let client = cluster.client
            let name = "commands-\(UUID().uuidString.prefix(8).lowercased())"
            let namespaces = client.resources(Namespace.self)
            let wish: JSONValue = ["metadata": ["name": .string(name)]]
            _ = try await namespaces.create(wish, as: Scene.manager)
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await play(in: name, cluster))
            } catch { outcome = .failure(error) }
            try await namespaces.delete(ObjectKey(name: name))
            try outcome.get()
        }

        private func play(in namespace: String, _ cluster: ControlPlane) async throws {
            let lab = try await Laboratory(directory: cluster.directory, key: Self.key)
            defer { lab.stop() }
            let client = cluster.client
            let key = ObjectKey(namespace: namespace, name: "image-gen")
            let endpoint = try await lab.create("image-gen", owner: nil)
            let object = try await createObjects(client, key)
            let system = try #require(
                try await client.resources(Namespace.self).get(ObjectKey(name: "kube-system")).metadata.uid)
            let uid = try #require(object.metadata.uid)
            func martlet(_ words: String...) throws -> String {
                try lab.martlet(words + ["--kubeconfig", cluster.kubeconfig, "-n", namespace])
            }

            #expect(throws: ChildProcess.Failure.self, "there is no endpoint yet") {
                try martlet("health", "image-gen")
            }
            try await record(["runpod": ["endpointId": .string(endpoint.rawValue)]], client, key)
            let job = try martlet("run", "image-gen", "prompt=hi").trimming()
            #expect(JobID(job) != nil, "\(job)")
            #expect(try martlet("job", "image-gen", job, "--wait").contains("\"prompt\" : \"hi\""))
            #expect(try martlet("gpus", "--for", "image-gen").contains("1      ADA_24"))

            try await record(["schedule": ["open": false, "by": "office-hours"]], client, key)
            do {
                let output = try martlet("run", "image-gen", "prompt=hi")
                Issue.record("a closed endpoint took a job: \(output)")
            } catch ChildProcess.Failure.failed(_, _, let output) {
                #expect(output.contains("closed by office-hours") && output.contains("martlet open image-gen"))
            }

            let owned = try await lab.create("image-gen-new", owner: "\(system)/\(namespace)/\(uid)")
            let orphan = try await lab.create("gone", owner: "\(system)/\(namespace)/gone")
            let foreign = try await lab.create("foreign", owner: "another-cluster/\(namespace)/gone")
            let table = try martlet("orphans")
            #expect(table.contains(orphan.rawValue) && !table.contains(foreign.rawValue), "\(table)")
            #expect(table.contains("duplicate of \(namespace)/image-gen"), "\(table)")
            #expect(try martlet("orphans", "--delete", "--yes").contains("\(orphan): deleted"))
            let left = try await lab.control.listEndpoints().map(\.id)
            #expect(Set(left) == [endpoint, owned, foreign])
        }

        private func createObjects(_ client: KubernetesClient, _ key: ObjectKey) async throws -> InferenceEndpoint {
            let secret: JSONValue = [
                "metadata": ["name": "runpod"],
                "data": ["apiKey": .string(Data(Self.key.utf8).base64EncodedString())],
            ]
            _ = try await client.resources(Secret.self).create(secret, in: key.namespace, as: Scene.manager)
            let object: JSONValue = [
                "metadata": ["name": .string(key.name)],
                "spec": [
                    "runpod": [
                        "credentialsSecretRef": ["name": "runpod"], "image": "acme/llm:1",
                        "gpu": ["pools": ["ADA_24"]],
                    ]
                ],
            ]
            return try await client.resources(InferenceEndpoint.self).create(
                object, in: key.namespace, as: Scene.manager)
        }

        private func record(_ status: JSONValue, _ client: KubernetesClient, _ key: ObjectKey) async throws {
            let patch: JSONValue = ["status": status]
            try await client.resources(InferenceEndpoint.self).mergePatch(key, patch, at: .status, as: Scene.manager)
        }
    }
}

/// `martlet-lab runpod`, and what a test asks of it.
private struct Laboratory {
    let control: RunPodControl
    private let process: ChildProcess
    private let environment: [String: String]

    init(directory: String, key: String) async throws {
        let log = "\(directory)/runpod-\(UUID().uuidString).log"
        let process = try ChildProcess(
            [
                "\(ControlPlane.products)/martlet-lab", "runpod", "--port", "0", "--speed", "20", "--rate-minute", "0",
                "--key", key, "--quota", "50",
            ], log: log)
        var bases: [String: String] = [:]
        let isUp = await eventually(within: .seconds(60)) {
            for line in process.output.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                if words.count == 2 { bases[words[0]] = words[1] }
            }
            return bases.count >= 3
        }
        try #require(isUp, "the lab's RunPod did not start: \(process.output)")
        self.process = process
        let hosts = try RunPodHosts(controlURL: bases["control"] ?? "", jobsURL: bases["jobs"] ?? "")
        environment = ["MARTLET_RUNPOD_API_URL": hosts.controlURL, "MARTLET_RUNPOD_JOBS_URL": hosts.jobsURL]
        control = RunPodControl(
            key: try #require(RunPodKey(key)), hosts: hosts, transport: CurlTransport(), queue: CallQueue())
    }

    func stop() { process.kill() }

    func create(_ name: String, owner: String?) async throws -> EndpointID {
        try await control.create(
            EndpointCreate(
                name: name, image: "acme/llm:1", env: owner.map { ["MARTLET_OWNER": $0] } ?? [:],
                hardware: .gpu(GPUSelection(pools: [GPUPool(rawValue: "ADA_24")])),
                workers: WorkersBounds(min: 0, max: 2, idleTimeout: 10), scaling: .queueDelay(1), timeout: 0)
        ).id
    }

    /// Output and errors of a command that succeeds; throws them for one that fails.
    func martlet(_ words: [String]) throws -> String {
        try ChildProcess.run(["\(ControlPlane.products)/martlet"] + words, adding: environment)
    }
}

extension String {
    fileprivate func trimming() -> String {
        String(trimmingPrefix(while: \.isWhitespace).prefix { !$0.isWhitespace })
    }
}
