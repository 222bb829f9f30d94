import HTTPTransport
import Testing

@testable import RunPod

@Suite struct ListTests {
    private static func page(_ ids: [String], _ more: String = "") -> ScriptedTransport.Reply {
        .json(200, #"{"endpoints":[\#(ids.map { #"{"id":"\#($0)"}"# }.joined(separator: ","))]\#(more)}"#)
    }

    private static func list(_ script: [ScriptedTransport.Exchange]) async throws -> [String] {
        let transport = ScriptedTransport(script)
        let ids = try await RunPodControl(transport).listEndpoints().map(\.id.rawValue)
        #expect(transport.remaining.isEmpty)
        return ids
    }

    @Test(
        "a list without a mark of further pages is one page",
        arguments: [
            "", #","nextCursor":null"#, #","nextCursor":"""#, #","pagination":{"hasMore":false,"cursor":"own"}"#,
            #","total":2"#, #","links":{"next":null}"#, #","pageInfo":{"hasNextPage":false,"endCursor":"z"}"#,
            #","metadata":{"totalCount":2}"#, #","later":[1,2]"#,
        ])
    func onePage(more: String) async throws {
        #expect(try await Self.list([.init(.get, "io/serverless", Self.page(["a", "b"], more))]) == ["a", "b"])
    }

    @Test(
        "a cursor is followed to the end, whatever it is called",
        arguments: [
            (#","nextCursor":"c 1/+""#, "cursor=c%201%2F%2B"), (#","next_page_token":"t""#, "page_token=t"),
            (#","pagination":{"next_cursor":7}"#, "cursor=7"),
            (#","pageInfo":{"hasNextPage":true,"endCursor":"e"}"#, "after=e"),
        ])
    func cursors(more: String, query: String) async throws {
        let ids = try await Self.list([
            .init(.get, "io/serverless", Self.page(["a"], more)),
            .init(.get, "io/serverless?\(query)", Self.page(["b"])),
        ])
        #expect(ids == ["a", "b"])
    }

    @Test("a page that fails makes the list fail: it is never given in part")
    func failingPage() async throws {
        let second = ScriptedTransport.Exchange(.get, "io/serverless?cursor=x", .problem(500, "x"))
        let transport = ScriptedTransport([
            .init(.get, "io/serverless", Self.page(["a"], #","nextCursor":"x""#)), second, second, second,
        ])
        let error = try await failure { _ = try await RunPodControl(transport).listEndpoints() }
        guard case .server = error.cause else {
            Issue.record("\(error)")
            return
        }
        #expect(error.operation == .listEndpoints && transport.remaining.isEmpty)
    }

    @Test(
        "a list that may have a gap is an error",
        arguments: [
            #","hasMore":true"#, #","next":"https://api.runpod.io/v2/serverless?page=2""#, #","next":2"#,
            #","total":3"#,
            #","links":{"next":{"href":"x"}}"#,
        ])
    func gaps(more: String) async throws {
        let transport = ScriptedTransport([.init(.get, "io/serverless", Self.page(["a", "b"], more))])
        let error = try await failure { _ = try await RunPodControl(transport).listEndpoints() }
        guard case .malformedAnswer = error.cause else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("a further page that is told only in a header is an error")
    func linkHeader() async throws {
        let reply = ScriptedTransport.Reply.json(
            200, #"{"endpoints":[]}"#, headers: ["Link": "<https://api.runpod.io/v2/x>; rel=\"next\""])
        let transport = ScriptedTransport([.init(.get, "io/serverless", reply)])
        let error = try await failure { _ = try await RunPodControl(transport).listEndpoints() }
        guard case .malformedAnswer = error.cause else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("a server that ignores the cursor, or goes round in circles, is an error and no endless loop")
    func circles() async throws {
        let ignorant = ScriptedTransport([
            .init(.get, "io/serverless", Self.page(["a"], #","nextCursor":"x""#)),
            .init(.get, "io/serverless?cursor=x", Self.page(["a"], #","nextCursor":"x""#)),
        ])
        let circular = ScriptedTransport([
            .init(.get, "io/serverless", Self.page([], #","nextCursor":"x""#)),
            .init(.get, "io/serverless?cursor=x", Self.page([], #","nextCursor":"y""#)),
            .init(.get, "io/serverless?cursor=y", Self.page([], #","nextCursor":"x""#)),
        ])
        for transport in [ignorant, circular] {
            let error = try await failure { _ = try await RunPodControl(transport).listEndpoints() }
            guard case .malformedAnswer = error.cause else {
                Issue.record("\(error)")
                return
            }
            #expect(transport.remaining.isEmpty)
        }
    }

    @Test(
        "a list without its list, or with an entry that can't be identified, is no list",
        arguments: [
            "[]", "{}", #"{"endpoints":null}"#, #"{"endpoints":[{"name":"x"}]}"#, #"{"endpoints":[null]}"#,
            #"{"data":[{"id":"a"}]}"#, #"{"errors":[{"message":"x"}],"data":null}"#,
        ])
    func notAList(body: String) async throws {
        let reply = ScriptedTransport.Exchange(.get, "io/serverless", .json(200, body))
        let transport = ScriptedTransport([reply, reply, reply])
        let error = try await failure { _ = try await RunPodControl(transport).listEndpoints() }
        guard case .malformedAnswer = error.cause else {
            Issue.record("\(error)")
            return
        }
    }
}
