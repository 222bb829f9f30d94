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
    private let port: Int
    private let process: ChildProcess

    var key: String { keys[0] }

    /// An account for each key, with room for `quota` workers.
    init(accounts: Int = 1, quota: Int = 50, time: FastTime, in cluster: ControlPlane) async throws {
        keys = (0..<accounts).map { _ in "lab-key-canary-\(UUID().uuidString.lowercased())" }
        self.time = time
        port = try Self.threeFreePorts()
        process = try ChildProcess(
            ["\(ControlPlane.products)/martlet-lab", "runpod", "--port", "\(port)", "--quota", "\(quota)"]
                + keys.flatMap { ["--key", $0] },
            log: "\(cluster.directory)/runpod-\(port).log", adding: try time.environment)
        let answers = await eventually { (try? self.ask("GET", "")) != nil }
        try #require(answers, "the simulated RunPod does not answer: \(process.output.suffix(2000))")
    }

    func stop() { process.kill() }

    /// For the operator.
    var flags: [String] {
        ["--runpod-api-url", "http://127.0.0.1:\(port)/v2", "--runpod-jobs-url", jobsURL]
    }
    var jobsURL: String { "http://127.0.0.1:\(port + 1)/v2" }

    private static func threeFreePorts() throws -> Int {
        while true {
            let port = try RedisServerProcess.freePort()
            let isFree = port < 65_000 && (1...2).allSatisfy { (try? LoopbackSocket(port: port + $0)) == nil }
            if isFree { return port }
        }
    }

    // MARK: The laboratory's own paths

    @discardableResult
    func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> Data {
        let answer = try HTTPAnswer(
            method, "/_lab/\(path)", port: port + 2, body: try body.map { try $0.text })
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
        try request(method, path, port, body)
    }

    func jobs(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> (Int, JSONValue) {
        try request(method, path, port + 1, body)
    }

    private func request(_ method: String, _ path: String, _ port: Int, _ body: JSONValue?) throws -> (Int, JSONValue) {
        let answer = try HTTPAnswer(
            method, "/v2\(path)", port: port, headers: ["Authorization": "Bearer \(key)"],
            body: try body.map { try $0.text })
        return (answer.status, (try? JSONDecoder().decode(JSONValue.self, from: Data(answer.body.utf8))) ?? .null)
    }
}

extension JSONValue {
    /// As it is sent.
    var text: String { get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) } }
}
