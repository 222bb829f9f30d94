import FoundationEssentials
import Glibc
import KubernetesModel
import RedisTestSupport
import Testing

/// `martlet-lab runpod` beside a scene: a RunPod that tells what it was asked and what it billed.
final class RunPodLab: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// The API keys, one an account; no program may ever write one anywhere.
    let keys: [String]
    let time: FastTime
    private let controlURL: String
    let jobsURL: String
    private let labURL: String
    private let process: ChildProcess

    var key: String { keys[0] }

    /// An account for each key, with room for `quota` workers.
    init(accounts: Int = 1, quota: Int = 50, time: FastTime, in cluster: ControlPlane) async throws {
        keys = (0..<accounts).map { _ in "lab-key-canary-\(UUID().uuidString.lowercased())" }
        self.time = time
        let process = try ChildProcess(
            ["\(ControlPlane.products)/martlet-lab", "runpod", "--port", "0", "--quota", "\(quota)"]
                + keys.flatMap { ["--key", $0] },
            log: "\(cluster.directory)/runpod-\(UUID().uuidString.prefix(8)).log", adding: try time.environment)
        self.process = process
        var bases: [String: String] = [:]
        _ = await eventually {
            bases = Self.bases(in: process.output)
            return bases.count == 3
        }
        controlURL = try #require(bases["control"], "no simulated RunPod: \(process.output.suffix(2000))")
        jobsURL = try #require(bases["jobs"])
        labURL = try #require(bases["lab"])
    }

    /// The lines `control http://…`, `jobs http://…` and `lab http://…`.
    private static func bases(in output: String) -> [String: String] {
        let lines = output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(lines.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }, uniquingKeysWith: { $1 })
    }

    func stop() { process.kill() }

    /// For the operator.
    var flags: [String] { ["--runpod-api-url", controlURL, "--runpod-jobs-url", jobsURL] }

    // MARK: The laboratory's own paths

    @discardableResult
    func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> Data {
        let answer = try HTTPAnswer(
            method, "\(labURL)/\(path)", body: try body.map { try $0.text })
        guard (200..<300).contains(answer.status) else {
            throw Failure(description: "\(method) \(path): \(answer.status) \(answer.body)")
        }
        return Data(answer.body.utf8)
    }

    /// One endpoint as it is.
    struct Endpoint: Decodable, Sendable {
        var id: String
        var name: String
        var owner: String?
        /// `dormant`, `mayBill` or `bills`
        var billing: String
        var min: Int
        var max: Int
        var queued: Int
    }

    var endpoints: [Endpoint] {
        get throws {
            struct Answer: Decodable { var endpoints: [Endpoint] }
            return try JSONDecoder().decode(Answer.self, from: ask("GET", "endpoints")).endpoints
        }
    }

    /// One request that RunPod got.
    struct Call: Decodable, Sendable, CustomStringConvertible {
        var at: Timestamp
        var surface: String
        var method: String
        var path: String
        var operation: String
        var outcome: JSONValue
        var faulty: Bool

        var description: String { "\(at) \(method) \(path): \(outcome)" }
    }

    var calls: [Call] {
        get throws {
            struct Answer: Decodable { var calls: [Call] }
            return try JSONDecoder().decode(Answer.self, from: ask("GET", "calls")).calls
        }
    }

    func calls(_ operation: String) throws -> [Call] { try calls.filter { $0.operation == operation } }

    /// One worker that was billed.
    struct LedgerEntry: Decodable, Sendable {
        var endpoint: String
        var owner: String?
        var from: Timestamp
        var to: Timestamp?
        var seconds: Int
    }

    var ledger: [LedgerEntry] {
        get throws {
            struct Answer: Decodable { var entries: [LedgerEntry] }
            return try JSONDecoder().decode(Answer.self, from: ask("GET", "ledger")).entries
        }
    }

    /// The next request of that kind is held without an answer for ever; `commit` says what RunPod does with it.
    func hold(_ operation: String, matching match: JSONValue = [:], commit: JSONValue) throws {
        let match = JSONValue.object(["operation": .string(operation)]).merged(with: match)
        try ask("POST", "faults", ["match": match, "commit": commit, "answer": "silence"])
    }

    // MARK: As a user of RunPod

    func control(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> (Int, JSONValue) {
        try request(method, controlURL + path, body)
    }

    func jobs(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> (Int, JSONValue) {
        try request(method, jobsURL + path, body)
    }

    private func request(_ method: String, _ url: String, _ body: JSONValue?) throws -> (Int, JSONValue) {
        let answer = try HTTPAnswer(
            method, url, headers: ["Authorization": "Bearer \(key)"], body: try body.map { try $0.text })
        return (answer.status, (try? JSONDecoder().decode(JSONValue.self, from: Data(answer.body.utf8))) ?? .null)
    }
}

extension JSONValue {
    /// As it is sent.
    var text: String { get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) } }
}

extension HTTPAnswer {
    /// A request to a server on this machine: `http://127.0.0.1:<port>/<path>`.
    init(_ method: String, _ url: String, headers: [String: String] = [:], body content: String?) throws {
        let rest = url.trimmingPrefix("http://127.0.0.1:")
        let port = Int(rest.prefix(while: \.isNumber)) ?? 0
        try self.init(
            method, String(rest.drop(while: \.isNumber)), port: port, headers: headers, body: content)
    }
}
