import HTTPTransport
import Synchronization

@testable import RunPod

/// Counts from 1.
final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// What a client reported.
final class Reports: Sendable {
    private let reports = Mutex<[RunPodReport]>([])
    var all: [RunPodReport] { reports.withLock { $0 } }
    func add(_ report: RunPodReport) { reports.withLock { $0.append(report) } }
}

/// Sends one byte each 20 seconds, for ever.
struct TricklingTransport: HTTPTransport {
    let clock: ManualClock

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let body = HTTPBody(
            next: {
                clock.advance(by: .seconds(20))
                return [0x20]
            }, cancel: {})
        return HTTPResponse(status: 200, headers: [:], body: body)
    }
}

/// What happened, in order.
final class Record<Entry: Sendable>: Sendable {
    private let entries = Mutex<[Entry]>([])
    var all: [Entry] { entries.withLock { $0 } }
    func add(_ entry: Entry) { entries.withLock { $0.append(entry) } }
}
