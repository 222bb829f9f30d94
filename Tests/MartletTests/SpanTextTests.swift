import Testing

@testable import martlet

@Suite("Spans of time as people type them") struct SpanTextTests {
    @Test(
        "numbers with their units add up",
        arguments: [("2h", 7200), ("90m", 5400), ("1h30m", 5400), ("3d", 259_200), ("45s", 45), ("31d", 2_678_400)])
    func spans(text: String, seconds: Int) {
        #expect(SpanText(text)?.seconds == seconds)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "2", "h", "2 h", "-2h", "2w", "0h", "h2", "1.5h", "400d", "99999999999999999999h", "2h30", "２h",
        ])
    func refused(text: String) {
        #expect(SpanText(text) == nil)
    }

    @Test(
        "lengths are said in at most two units",
        arguments: [(32_400.0, "9 h"), (5400, "1 h 30 min"), (45, "45 s"), (0, "0 s"), (3_661, "1 h 1 min")])
    func said(seconds: Double, text: String) {
        #expect(ScheduleChart.span(seconds) == text)
    }
}
