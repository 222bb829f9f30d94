import FoundationEssentials
import Glibc
import Kubernetes
import KubernetesModel
import Logging

/// The one real control plane of a test run, with Martlet's CRD served and a user `martlet` who may do what an operator
/// must and nothing more.
struct ControlPlane: Sendable {
    /// Kubeconfig, audit log, and what the tests keep.
    let directory: String
    /// Speaks as an administrator.
    let client: KubernetesClient

    /// As whom operators act, by their client certificate.
    static let operatorUser = "martlet"
    static let repository = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL.path
    /// Where the executables of the package were built: beside the tests'.
    static let products = URL(
        filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    )
    .deletingLastPathComponent().path

    /// Started by the first test that asks, ended with the process.
    static func shared() throws -> ControlPlane { try started.get() }
    private static let started = Result { try ControlPlane() }

    var kubeconfig: String { "\(directory)/kubeconfig" }
    var operatorKubeconfig: String { "\(directory)/martlet.kubeconfig" }
    var audit: AuditLog { AuditLog(path: "\(directory)/audit.log") }

    private init() throws {
        Self.removeAbandoned()
        directory = "\(Self.prefix)\(getpid())"
        AtExit.shared.stopControlPlane(in: directory)
        try Self.script("start", directory)
        client = KubernetesClient(
            configuration: try .load(paths: ["\(directory)/kubeconfig"]), logger: Logger(label: "scenario"))
        try ChildProcess.run(
            [
                "/bin/bash", "\(Self.repository)/Tests/ControlPlaneTests/World/prepare-cluster", directory,
                Self.repository,
            ])
    }

    /// Ends the API server alone, as an outage does.
    func stopAPIServer() throws { try Self.script("stop-apiserver", directory) }
    func startAPIServer() throws { try Self.script("start-apiserver", directory) }

    /// Lets it neither answer nor close a connection until it is resumed.
    func freezeAPIServer() throws { _ = Glibc.kill(try apiServer, SIGSTOP) }
    func resumeAPIServer() { if let pid = try? apiServer { _ = Glibc.kill(pid, SIGCONT) } }

    private var apiServer: pid_t {
        get throws {
            let text = try String(contentsOfFile: "\(directory)/kube-apiserver.pid", encoding: .utf8)
            guard let pid = pid_t(text.trimmingPrefix(while: \.isWhitespace).prefix(while: \.isNumber)) else {
                throw CocoaError(.fileReadCorruptFile)
            }
            return pid
        }
    }

    private static let prefix = "/tmp/martlet-scenarios-"

    @discardableResult
    private static func script(_ command: String, _ directory: String) throws -> String {
        try ChildProcess.run(["\(repository)/scripts/control-plane", command, "--dir", directory])
    }

    static func remove(_ directory: String) {
        _ = try? script("stop", directory)
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A run that was killed leaves its servers behind; the directory's name tells whose they were.
    private static func removeAbandoned() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? [] {
            let path = "/tmp/\(name)"
            guard path.hasPrefix(prefix), let pid = pid_t(path.dropFirst(prefix.count)), Glibc.kill(pid, 0) != 0 else {
                continue
            }
            endProcesses(naming: path)
            remove(path)
        }
    }

    /// SIGTERM, so that virtual nodes take their processes with them.
    private static func endProcesses(naming directory: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = pid_t(name),
                let words = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8),
                words.contains("\(directory)/"), words.contains("martlet")
            else { continue }
            _ = Glibc.kill(pid, SIGTERM)
        }
    }
}
