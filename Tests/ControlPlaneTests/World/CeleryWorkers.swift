import FoundationEssentials
import Glibc
import Kubernetes
import KubernetesModel
import RedisTestSupport
import YAML

/// Real Celery workers as Pods of a Deployment, one queue and one Redis database a flavour, judged by what they wrote.
struct CeleryWorkers: Sendable {
    /// How a worker is started, and what tells whether it is busy.
    struct Flavour: Sendable {
        var name: String
        var pool = "prefork"
        var acknowledgesLate = false
        var options = ""
        /// Seconds from SIGTERM to SIGKILL: one is less than any task takes, so a busy worker that is taken dies.
        var grace = 1
    }

    /// The verdict of judge.py.
    struct Verdict: Decodable, Sendable {
        var done: Int
        var lost: Int
        var duplicated: Int
        var killedWhileBusy: Int
        var perPod: [String: Pod]
        struct Pod: Decodable, Sendable {
            var started: Int
            var done: Int
        }
        /// Workers that run a task right now.
        var busy: Int { perPod.values.count { $0.started > $0.done } }
    }

    static let samples = "\(ControlPlane.repository)/samples/celery"

    let scene: Scene
    let flavour: Flavour
    let database: Int
    private let results: String
    private let python: PythonEnvironment

    var name: String { flavour.name }
    private var broker: String { "redis://127.0.0.1:\(scene.redis.port)/\(database)" }

    init(_ flavour: Flavour, database: Int, in scene: Scene, _ nodes: LabNodes) throws {
        self.scene = scene
        self.flavour = flavour
        self.database = database
        python = try PythonEnvironment.shared()
        results = "\(nodes.results)/\(flavour.name)"
        try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
    }

    /// The sample's Deployment, at zero, with this flavour's settings.
    func create() async throws {
        let text = try String(contentsOfFile: "\(Self.samples)/worker-deployment.yaml", encoding: .utf8)
        let sample = try YAMLDecoder().decode(JSONValue.self, from: text)
        let labels: JSONValue = ["matchLabels": ["app": .string(name)]]
        guard let podSpec = sample["spec"]?["template"]?["spec"],
            case .object(var container)? = podSpec["containers"]?.array?.first
        else { throw CocoaError(.fileReadCorruptFile) }
        let settings = [
            "CELERY_BROKER_URL": broker, "CELERY_POOL": flavour.pool, "CELERY_WORKER_OPTIONS": flavour.options,
            "CELERY_ACKS_LATE": flavour.acknowledgesLate ? "1" : "0", "MARTLET_LAB_RESULTS": results,
        ]
        let kept = (container["env"]?.array ?? []).filter { settings[$0["name"]?.string ?? ""] == nil }
        container["env"] = .array(
            settings.map { ["name": .string($0), "value": .string($1)] as JSONValue } + kept)
        // Another name, and Pods that only this Deployment selects.
        let object = sample.merged(with: [
            "metadata": ["name": .string(name)],
            "spec": [
                "selector": labels,
                "template": [
                    "metadata": ["labels": ["app": .string(name)]],
                    "spec": [
                        "containers": [.object(container)],
                        "terminationGracePeriodSeconds": .integer(Int64(flavour.grace)),
                    ],
                ],
            ],
        ])
        _ = try await scene.resources(Deployment.self).create(object, in: scene.namespace, as: Scene.manager)
    }

    /// `count` tasks that take `seconds` each, through Celery's own client.
    func send(_ count: Int, taking seconds: Double) throws {
        let program = "from tasks import work; [work.delay(\(seconds), '\(name)-%d' % n) for n in range(\(count))]"
        try ChildProcess.run(
            [python.python, "-c", program],
            adding: python.variables.merging(["CELERY_BROKER_URL": broker, "PYTHONPATH": Self.samples]) { $1 })
    }

    /// What the workers' own files say of `count` tasks so far.
    func verdict(of count: Int) throws -> Verdict {
        let text = try ChildProcess.run([python.python, "\(Self.samples)/judge.py", results, "--count", "\(count)"])
        return try JSONDecoder().decode(Verdict.self, from: Data(text.utf8))
    }
}
