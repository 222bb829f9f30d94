import KubernetesModel
import Testing

@testable import MartletOperator

@Suite("Schedules by endpoint") struct ScheduleIndexTests {
    private let index = ScheduleIndex()
    private let day = ObjectKey(namespace: "dev", name: "day")
    private let night = ObjectKey(namespace: "dev", name: "night")
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")
    private let c = ObjectKey(namespace: "dev", name: "c")

    @Test("an endpoint has every schedule that names it")
    func several() {
        #expect(index.record(day, targets: [a, b]) == [a, b])
        #expect(index.record(night, targets: [b]) == [b])
        #expect(index.schedules(of: b) == [day, night])
        #expect(index.endpoints(of: day) == [a, b])
    }

    @Test("an edit wakes those that were named and those that are")
    func edit() {
        index.record(day, targets: [a, b])
        #expect(index.record(day, targets: [b, c]) == [a, b, c])
        #expect(index.schedules(of: a).isEmpty)
        #expect(index.schedules(of: c) == [day])
    }

    @Test("a deleted schedule governs no more")
    func deletion() {
        index.record(day, targets: [a])
        #expect(index.record(day, targets: []) == [a])
        #expect(index.schedules(of: a).isEmpty && index.endpoints(of: day).isEmpty)
    }
}
