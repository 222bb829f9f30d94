import HTTPTransport
import Testing

@testable import RunPod

@Suite struct RedactionTests {
    @Test(
        "a key that the server repeats, whole, cut, quoted, split or in capitals, is masked; 500 seeds",
        arguments: [
            UInt64(20_261_121)
        ])
    func keysAreMasked(seed: UInt64) async throws {
        var random = RandomSource(seed: seed)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
        for round in 0..<500 {
            let secret = String(
                (0..<Int.random(in: 20...60, using: &random)).map { _ in
                    alphabet.randomElement(using: &random) ?? "a"
                })
            let key = try #require(RunPodKey(secret))
            let echo: String
            switch round % 5 {
            case 0: echo = secret
            case 1: echo = String(secret.dropFirst(Int.random(in: 0...9, using: &random)).dropLast(3))
            case 2: echo = "\\\"\(secret)\\\""
            case 3: echo = secret.uppercased()
            default:
                let middle = secret.index(secret.startIndex, offsetBy: 10)
                let splitter = ["\u{0}", "\n", "\u{200B}", "\u{202E}", "\u{AD}"].randomElement(using: &random) ?? ""
                echo = secret[..<middle] + splitter + secret[middle...]
            }
            let padding = String(repeating: "x", count: Int.random(in: 0...600, using: &random))
            let text = "\(padding) Bearer \(echo) is not known"
            let shown = Redaction(key: key).shown(text)
            let runs = Set(
                (0...(secret.count - 6)).map { start in
                    String(secret.lowercased().dropFirst(start).prefix(6))
                })
            #expect(!runs.contains { shown.lowercased().contains($0) }, "seed \(seed), round \(round)")
        }
    }

    @Test(
        "no error of any status shows the key or a value of the environment that was sent",
        arguments: [
            400, 401, 402, 403, 404, 405, 409, 410, 422, 429, 500, 503, 418,
        ])
    func nothingLeaks(status: Int) async throws {
        let secrets = [testKey.secret, "env-value-of-the-user"]
        let echo = "got Bearer \(secrets[0]) and TOKEN=\(secrets[1])"
        let create = EndpointCreate(
            name: "x", image: "i", env: ["TOKEN": secrets[1], "FLAG": "1"], hardware: .gpu(GPUSelection()),
            workers: WorkersBounds(min: 0, max: 1), scaling: .queueDelay(4), timeout: 0)
        let transport = ScriptedTransport([
            .init(.post, "io/serverless", .problem(status, echo, errors: [echo, "limit of (1)"]))
        ])
        let error = try await failure { _ = try await RunPodControl(transport).create(create) }
        var text = "\(error) \(error.localizedText)"
        dump(error, to: &text)
        for secret in secrets { #expect(!text.contains(secret)) }
        if let problem = error.problem {
            #expect(problem.detail?.contains("***") == true)
            #expect(problem.errors.last == "limit of (1)", "a value of one character is no secret")
        }
    }

    @Test("foreign text is shown without control characters and up to a length")
    func textIsTrimmed() throws {
        let redaction = Redaction(key: testKey, values: ["", "abc"])
        #expect(redaction.shown("a\u{1B}[31mb\r\nc\u{202E}") == "a[31mbc")
        #expect(redaction.shown(String(repeating: "é", count: 10_000)).count == 501)
        #expect(redaction.shown(Array(repeating: "e", count: 50)).count == 10)
        #expect(redaction.shown("") == "")
    }
}

extension RunPodError {
    /// What a logger makes of an error by itself.
    fileprivate var localizedText: String { String(reflecting: self) }
}
