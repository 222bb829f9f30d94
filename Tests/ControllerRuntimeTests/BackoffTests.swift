import ControllerRuntime
import Testing

@Suite struct BackoffTests {
    @Test func `the bound doubles up to the limit and stays there`() {
        let backoff = Backoff(first: .milliseconds(100), limit: .seconds(30))
        let bounds = (1...12).map { backoff.bound(afterFailures: $0) }
        #expect(bounds.prefix(4) == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(bounds[8] == .milliseconds(25_600))
        #expect(bounds[9...].allSatisfy { $0 == .seconds(30) })
        #expect(backoff.bound(afterFailures: .max) == .seconds(30))
    }

    @Test(arguments: [1, 5, 40, 1_000]) func `a delay lies between half of the bound and the bound`(failures: Int) {
        var random = SeededRandom(seed: UInt64(failures))
        let bound = Backoff.requests.bound(afterFailures: failures)
        let delays = (0..<200).map { _ in Backoff.requests.delay(afterFailures: failures, using: &random) }
        #expect(delays.allSatisfy { $0 >= bound / 2 && $0 <= bound })
        #expect(Set(delays).count > 100, "delays must be spread")
    }
}
