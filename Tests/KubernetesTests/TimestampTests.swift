import FoundationEssentials
import KubernetesModel
import Testing

@Suite struct TimestampTests {
    @Test(
        "A time is the same instant however it is written",
        arguments: [
            "2026-11-20T21:00:00Z", "2026-11-20t21:00:00z", "2026-11-20T21:00:00.000000Z", "2026-11-21T06:00:00+09:00",
            "2026-11-20T15:30:00-05:30", "2026-11-20T21:00:00.0000000001Z",
        ])
    func sameInstant(text: String) {
        #expect(Timestamp(text)?.date == Date(timeIntervalSince1970: 1_795_208_400))
        #expect(Timestamp(text)?.description == "2026-11-20T21:00:00Z")
    }

    @Test(
        "Times round-trip to the microsecond",
        arguments: [
            "1970-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.999999Z", "2000-02-29T12:34:56.654321Z",
            "2026-11-20T21:00:00.999999Z", "2100-03-01T00:00:00.100000Z", "0001-01-01T00:00:00.000000Z",
        ])
    func microseconds(text: String) throws {
        #expect(Timestamp(text)?.micro == text)
    }

    @Test("Every day of four centuries round-trips")
    func days() {
        for day in stride(from: -73_000, to: 73_100, by: 1) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 86_399)
            if Timestamp(Timestamp(date).description)?.date != date { Issue.record("day \(day)") }
        }
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "2026-11-20", "2026-11-20 21:00:00Z", "2026-11-20T21:00:00", "2026-13-20T21:00:00Z",
            "2026-02-29T21:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T21:60:00Z", "2026-11-20T21:00:00.Z",
            "2026-11-20T21:00:00Zx", "2026-11-20T21:00:00+9:00", "-026-11-20T21:00:00Z",
            // Of a year that has not four digits in UTC.
            "9999-12-31T23:59:60Z", "9999-12-31T23:00:00-01:00", "9999-12-31T23:59:59.999999Z",
            "0000-01-01T00:00:00+00:01",
        ])
    func refused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("A Lease writes microseconds, an object's metadata whole seconds")
    func encoding() throws {
        let date = Date(timeIntervalSince1970: 1_795_208_400.25)
        let lease = LeaseSpec(holderIdentity: "a", renewTime: MicroTimestamp(date))
        let text = String(decoding: try JSONEncoder().encode(lease), as: UTF8.self)
        #expect(text.contains(#""renewTime":"2026-11-20T21:00:00.250000Z""#))
        #expect(try JSONDecoder().decode(LeaseSpec.self, from: Data(text.utf8)) == lease)
        let whole = try JSONEncoder().encode([Timestamp(date)])
        #expect(String(decoding: whole, as: UTF8.self) == #"["2026-11-20T21:00:00Z"]"#)
    }
}
