import ControllerRuntime
import KubernetesModel
import Testing

@testable import MartletOperator

/// Always the middle of every range.
struct MiddleRandom: RandomNumberGenerator {
    mutating func next() -> UInt64 { 1 << 63 }
}

@Suite("What is known of a mirrored row")
struct MirrorRecordTests {
    private let open = MirrorRow(serviceName: "s", endpointID: "ep", isActive: true)
    private let start = MonotonicInstant(sinceOrigin: .seconds(1000))
    private var random = MiddleRandom()

    private func after(_ duration: Duration) -> MonotonicInstant { start.advanced(by: duration) }

    @Test("a confirmed row rests until it is looked at, and is looked at again after that")
    mutating func checks() {
        var record = MirrorRecord(open)
        #expect(record.step(at: start) == .write(open) && !record.isSettled)
        record.wrote(open, .success(()), at: start, using: &random)
        #expect(record.isSettled && record.report == .mirrored)
        #expect(record.step(at: start) == .wait(MirrorRecord.checkInterval))
        let due = after(MirrorRecord.checkInterval)
        #expect(record.step(at: due) == .read)
        record.read(.success(open), at: due, using: &random)
        #expect(record.step(at: due) == .wait(MirrorRecord.checkInterval))
        record.read(.success(nil), at: due, using: &random)
        #expect(record.step(at: due) == .write(open))
    }

    @Test("after a write whose answer was lost the row is looked at soon: it may arrive behind the next")
    mutating func lateWrite() {
        var record = MirrorRecord(open)
        record.wrote(open, .failure(.serverFailed), at: start, using: &random)
        record.want(open.withdrawn)
        record.wrote(open.withdrawn, .success(()), at: start, using: &random)
        #expect(record.step(at: start) == .wait(MirrorRecord.lateWriteLimit))
        record.read(.success(open), at: after(MirrorRecord.lateWriteLimit), using: &random)
        #expect(record.step(at: after(MirrorRecord.lateWriteLimit)) == .write(open.withdrawn))
    }

    @Test("what is wanted anew while a write is under way is written behind it")
    mutating func changedMeanwhile() {
        var record = MirrorRecord(open)
        record.want(open.withdrawn)
        record.wrote(open, .success(()), at: start, using: &random)
        #expect(record.step(at: start) == .write(open.withdrawn) && !record.isSettled)
    }

    @Test("a look that finds the key withdrawn tells so before the next change needs it")
    mutating func revokedKey() {
        var record = MirrorRecord(open)
        record.wrote(open, .success(()), at: start, using: &random)
        record.read(.failure(.keyRefused), at: start, using: &random)
        #expect(record.report.reason == "KeyRefused")
        record.wrote(open, .success(()), at: start, using: &random)
        record.read(.failure(.unreachable), at: start, using: &random)
        #expect(record.report == .mirrored && record.isSettled)
    }

    @Test("what may pass is told from its second failure on, what only a person can mend at once")
    mutating func telling() {
        var record = MirrorRecord(open)
        record.wrote(open, .failure(.serverFailed), at: start, using: &random)
        #expect(record.report == .notYet)
        record.wrote(open, .failure(.serverFailed), at: start, using: &random)
        #expect(record.report.reason == "ServerError" && record.report.status == .no)
        record = MirrorRecord(open)
        record.wrote(open, .failure(.tableMissing(table: "t")), at: start, using: &random)
        #expect(record.report.reason == "TableMissing")
    }

    @Test("failures are tried again at growing distances, at most five minutes, and as late as the server asks")
    mutating func pace() {
        func pause(_ record: MirrorRecord) -> Duration {
            if case .wait(let pause) = record.step(at: start) { pause } else { .zero }
        }
        var record = MirrorRecord(open)
        var last = Duration.zero
        for _ in 0..<20 {
            record.wrote(open, .failure(.keyForbidden), at: start, using: &random)
            #expect(pause(record) >= last && pause(record) > .seconds(5))
            last = pause(record)
        }
        #expect(last <= .seconds(300))
        record = MirrorRecord(open)
        record.wrote(open, .failure(.rateLimited(retryAfter: .seconds(90))), at: start, using: &random)
        #expect(pause(record) == .seconds(90))
        record.wrote(open, .failure(.rateLimited(retryAfter: .seconds(86_400))), at: start, using: &random)
        #expect(pause(record) == .seconds(300))
        record.want(open.withdrawn)
        #expect(record.step(at: start) == .write(open.withdrawn), "a change does not wait for an old failure")
    }

    @Test("losing the lead is no failure of the row's")
    mutating func withheld() {
        var record = MirrorRecord(open)
        for _ in 0..<5 { record.wrote(open, .failure(.withheld), at: start, using: &random) }
        #expect(record.report == .notYet)
        record.forget()
        #expect(record.step(at: start) == .write(open))
    }
}
