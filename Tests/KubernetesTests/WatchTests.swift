import HTTPTransport
import Kubernetes
import KubernetesModel
import Testing

@Suite struct WatchTests {
    private let target =
        "/api/v1/namespaces/dev/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=290"
    private let stream = """
        {"type":"ADDED","object":{"metadata":{"name":"é","resourceVersion":"6"}}}
        {"type":"MODIFIED","object":{"metadata":{"name":"é","resourceVersion":"7"},"data":{"a":"x\\ny"}}}
        {"type":"BOOKMARK","object":{"kind":"ConfigMap","metadata":{"resourceVersion":"8"}}}
        {"type":"DELETED","object":{"metadata":{"name":"é","resourceVersion":"9"}}}

        """
    private let events = ["added é 6", "modified é 7", "bookmark 8", "deleted é 9"]
    private let gone = #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410}}"#

    private func watch(
        _ reply: ScriptedTransport.Reply, limits: RequestLimits = RequestLimits()
    ) async -> (events: [String], error: KubernetesError?) {
        let server = ScriptedTransport(.get, target, reply)
        let maps = KubernetesClient(server, limits: limits).resources(ConfigMap.self)
        var seen: [String] = []
        do throws(KubernetesError) {
            let changes = try await maps.watch(in: "dev", from: ResourceVersion(rawValue: "5"), for: .seconds(290))
            for try await change in changes { seen.append(describe(change)) }
            return (seen, nil)
        } catch { return (seen, error) }
    }

    private func describe(_ event: WatchEvent<ConfigMap>) -> String {
        func text(_ map: ConfigMap) -> String { "\(map.key.name) \(map.metadata.resourceVersion?.rawValue ?? "")" }
        return switch event {
        case .added(let map): "added \(text(map))"
        case .modified(let map): "modified \(text(map))"
        case .deleted(let map): "deleted \(text(map))"
        case .bookmark(let version): "bookmark \(version.rawValue)"
        case .unreadable(let object): "unreadable \(object.key)"
        case .unreadableDeleted(let object): "unreadable deleted \(object.key)"
        }
    }

    @Test("The events are the same wherever the stream is cut into two pieces")
    func everySplit() async {
        let bytes = Array(stream.utf8)
        for split in 0...bytes.count {
            let result = await watch(.stream([Array(bytes[..<split]), Array(bytes[split...])]))
            if result.events != events || result.error != nil { Issue.record("split at \(split): \(result)") }
        }
    }

    @Test("The events are the same when each byte comes alone")
    func singleBytes() async {
        let result = await watch(.stream(stream.utf8.map { [$0] }))
        #expect(result.events == events)
        #expect(result.error == nil)
    }

    @Test("A stream that is cut in the middle of an event throws, after the events before it")
    func truncated() async {
        let result = await watch(.stream([Array(stream.utf8.dropLast(3))]))
        #expect(result.events == Array(events.dropLast()))
        #expect(result.error?.cause == .truncated)
        #expect(result.error?.isRetryable == true)
    }

    @Test("A connection that breaks throws what the transport says")
    func broken() async {
        let result = await watch(.stream([Array(stream.utf8)], end: .timedOut("silence")))
        #expect(result.events == events)
        #expect(result.error?.cause == .transport(.timedOut("silence")))
        #expect(result.error?.operation.verb == .watch)
    }

    @Test("A version that is too old is recognised in the stream")
    func goneInStream() async {
        let result = await watch(.stream([Array((stream + gone + "\n").utf8)]))
        #expect(result.events == events)
        #expect(result.error?.isGone == true)
        #expect(result.error?.status?.reason == "Expired")
    }

    @Test("A version that is too old is recognised as the answer's status")
    func goneAtOnce() async {
        let result = await watch(.json(410, #"{"status":"Failure","reason":"Gone","code":410}"#))
        #expect(result.events.isEmpty)
        #expect(result.error?.isGone == true)
    }

    @Test("An event beyond the limit throws before it is whole")
    func tooLarge() async {
        let limits = RequestLimits(largestWatchLine: 40)
        let piece = Array(#"{"type":"ADDED","object":{"metadata":{"na"#.utf8)
        let result = await watch(.stream([piece], end: .connectionLost("not reached")), limits: limits)
        #expect(result.error?.cause == .tooLarge(limit: 40))
    }

    @Test("An object that cannot be read is an event of its own, and the watch goes on")
    func unreadable() async {
        let bad = #"{"type":"TYPE","object":{"metadata":{"name":"bad"},"data":3}}"# + "\n"
        let text =
            bad.replacing("TYPE", with: "MODIFIED") + bad.replacing("TYPE", with: "DELETED") + stream
        let result = await watch(.stream([Array(text.utf8)]))
        #expect(result.events == ["unreadable bad", "unreadable deleted bad"] + events)
        #expect(result.error == nil)
    }

    @Test("A line that is no event throws without quoting it")
    func malformed() async {
        let result = await watch(.stream([Array("canary\n".utf8)]))
        #expect(result.error?.cause == .malformed("not valid JSON"))
    }

    @Test("Blank lines are no events")
    func blank() async {
        let result = await watch(.stream([Array(("\r\n\n" + stream + "\n").utf8)]))
        #expect(result.events == events)
        #expect(result.error == nil)
    }

    @Test("A watch that has thrown is over")
    func overAfterError() async throws {
        let server = ScriptedTransport(.get, target, .stream([Array((gone + "\n" + stream).utf8)]))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let changes = try await maps.watch(in: "dev", from: ResourceVersion(rawValue: "5"), for: .seconds(290))
        var iterator = changes.makeAsyncIterator()
        await #expect(throws: KubernetesError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
    }

    @Test("The silence that a watch may keep is the caller's to say")
    func idle() async throws {
        let server = ScriptedTransport(.get, target, .stream([]))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        _ = try await maps.watch(
            in: "dev", from: ResourceVersion(rawValue: "5"), for: .seconds(290), idle: .seconds(75))
        #expect(server.requests[0].timeouts.idle == .seconds(75))
    }
}
