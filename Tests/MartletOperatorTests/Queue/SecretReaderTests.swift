import ControllerRuntime
import FoundationEssentials
import KubernetesModel
import Testing

@testable import MartletOperator

@Suite("Secrets", .timeLimit(.minutes(1))) struct SecretReaderTests {
    private static let request = "GET /api/v1/namespaces/dev/secrets/runpod"
    private let time = ManualTime(startingAt: Date(timeIntervalSince1970: 1_800_000_000))
    // "key", as the API encodes it.
    private let api = ScriptedAPI([
        Self.request: #"{"metadata":{"name":"runpod","namespace":"dev"},"data":{"apiKey":"a2V5"}}"#
    ])
    private let reference = SecretText(
        secret: ObjectKey(namespace: "dev", name: "runpod"), key: "apiKey", demandsConsent: false)

    @Test("However many ask for one Secret at once, it is read once, also when it has grown old")
    func together() async throws {
        let reader = SecretReader(api.client(time), time: time)
        for reads in 1...2 {
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<100 { group.addTask { try await reader.text(of: reference) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(texts == ["key"])
            #expect(api.requests == Array(repeating: Self.request, count: reads))
            time.advance(by: .seconds(301))
        }
    }
}
