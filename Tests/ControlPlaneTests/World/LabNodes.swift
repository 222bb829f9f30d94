import Glibc
import Kubernetes
import KubernetesModel
import RedisTestSupport
import Testing

/// Virtual GPU nodes whose Pods are real processes where they ask for it.
struct LabNodes: Sendable {
    let directory: String
    private let process: ChildProcess
    private let cluster: ControlPlane

    /// What the processes wrote, one file each.
    var results: String { "\(directory)/results" }

    /// Registers the nodes, runs the body and takes nodes and processes down again.
    static func play(_ count: Int, _ body: (LabNodes) async throws -> Void) async throws {
        let nodes = try LabNodes(count)
        let outcome: Result<Void, any Error>
        do {
            let ready = try await eventually(within: .seconds(60)) { try await nodes.readyCount == count }
            try #require(ready, "the virtual nodes are not Ready: \(nodes.process.output.suffix(2000))")
            outcome = .success(try await body(nodes))
        } catch {
            outcome = .failure(error)
        }
        nodes.process.signal(SIGTERM)
        nodes.process.wait()
        try outcome.get()
    }

    private init(_ count: Int) throws {
        cluster = try ControlPlane.shared()
        directory = "\(cluster.directory)/lab-\(try RedisServerProcess.freePort())"
        let environment = try PythonEnvironment.shared()
        process = try ChildProcess(
            [
                "\(ControlPlane.products)/martlet-lab", "nodes", "--kubeconfig", cluster.kubeconfig, "--count",
                "\(count)",
                "--gpus", "8", "--dir", directory, "--workdir", CeleryWorkers.samples,
            ], log: "\(directory).log", adding: environment.variables)
    }

    private var readyCount: Int {
        get async throws {
            try await cluster.client.resources(Node.self).page(in: nil).items.filter(\.isReady).count
        }
    }

    var output: String { process.output }
}

/// The private Python with Celery that scripts/test and scripts/demo use too; made where it is missing.
struct PythonEnvironment: Sendable {
    let path: String

    var python: String { "\(path)/bin/python3" }
    /// For programs that look for `celery` and `python3`.
    var variables: [String: String] {
        ["PATH": "\(path)/bin:/usr/local/bin:/usr/bin:/bin", "VIRTUAL_ENV": path, "PYTHONDONTWRITEBYTECODE": "1"]
    }

    static func shared() throws -> PythonEnvironment { try made.get() }

    private static let made = Result {
        if let given = getenv("MARTLET_TEST_VENV") { return PythonEnvironment(path: String(cString: given)) }
        let output = try ChildProcess.run([
            "/bin/bash", "-c", "set -e; source \"$0/scripts/lib/setup.sh\"; need_venv >&2; echo \"venv=$VENV\"",
            ControlPlane.repository,
        ])
        let line = try #require(output.split(separator: "\n").last { $0.hasPrefix("venv=") })
        return PythonEnvironment(path: String(line.dropFirst("venv=".count)))
    }
}
