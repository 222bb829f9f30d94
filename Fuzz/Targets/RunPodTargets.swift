import FoundationEssentials
import HTTPTransport

@testable import RunPod

extension FuzzTarget {
    /// Answers of RunPod's, or of whatever answers in its place. The first line is taken for each of the headers.
    static let runpod = FuzzTarget(
        "runpod",
        seeds: [
            "\"minute\";r=0;t=12, \"hour\";r=2800;t=1812\n{\"endpoints\": [{\"id\": \"a\", \"workers\": {\"min\": 0, \"max\": 1}}], "
                + "\"pagination\": {\"nextCursor\": \"c\", \"hasMore\": true}, \"total\": 2}",
            "12\n{\"title\": \"Bad Request\", \"status\": 400, \"detail\": \"Bearer made-up-key\", \"errors\": [\"$: x\"]}",
            "x\n{\"id\": \"j\", \"status\": \"FAILED\", \"error\": \"{\\\"error_message\\\": \\\"m\\\"}\", \"output\": {\"error\": 1}}",
            "\n{\"status\": \"IN_PROGRESS\", \"stream\": [{\"output\": \"a\"}]}",
            "\n{\"jobs\": {\"inQueue\": 1.0}, \"workers\": {\"idle\": \"2\"}, \"summary\": {}, \"releases\": [], \"records\": []}",
        ]
    ) { bytes in
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let header = String(decoding: parts.first ?? [], as: UTF8.self)
        let body = Array(parts.dropFirst().first ?? [])
        checkRate(header)
        checkWords(body)

        let answer = Answer(headers: ["Content-Type": "application/json"], body: body)
        if let page: ListPage<RunPodEndpoint> = try? WireFormat.read(answer) {
            var list = PagedList<RunPodEndpoint>()
            if let next = try? list.take(page) {
                promise(!next.cursor.isEmpty, "a page is asked for without a cursor")
            }
            promise(list.elements.count <= page.elements.count, "entries come from nowhere")
        }
        _ = try? WireFormat.read(answer) as RunPodEndpoint
        _ = try? WireFormat.read(answer) as EndpointWorkers
        _ = try? WireFormat.read(answer) as EndpointReleases
        _ = try? WireFormat.read(answer) as ServerlessBilling
        _ = try? WireFormat.read(answer) as EndpointHealth
        _ = try? WireFormat.read(answer) as JobStreamPage
        _ = try? WireFormat.read(answer) as Job
    }

    /// Whatever the headers say, a call goes at some time, and none waits for an answer that nobody has asked for.
    private static func checkRate(_ header: String) {
        let headers = RateHeaders(["RateLimit": header, "RateLimit-Policy": header, "Retry-After": header])
        var budget = RateBudget()
        budget.began()
        budget.ended(status: 429, headers, start: .zero, now: .zero)
        var now = Duration.zero
        for _ in 0..<4 {
            switch budget.decision(for: .closing, now: now) {
            case .go: return
            case .wait(let until):
                promise(until > now && until <= .seconds(100_000), "a wait from \(now) until \(until)")
                now = until
            case .waitForAnswer: promise(false, "no call is under way")
            }
        }
        promise(false, "no call goes after \(now)")
    }

    /// Whatever RunPod says, what is shown of it is short, of one line, and without the key.
    private static func checkWords(_ body: [UInt8]) {
        guard let key = RunPodKey("made-up-key") else { return }
        let problem = Problem(status: 400, body: body, redaction: Redaction(key: key, values: ["a value"]))
        let text = problem.description
        promise(!text.contains("made-up-key") && !text.contains("a value"), "a secret shows")
        promise(!text.contains { $0.isNewline } && text.unicodeScalars.count < 10_000, "the words are not trimmed")
    }
}
