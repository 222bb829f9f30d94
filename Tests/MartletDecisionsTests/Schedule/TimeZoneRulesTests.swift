import Foundation
import MartletAPI
import Testing

@testable import MartletDecisions

/// A file as RFC 9636 describes it, of version 2 with an empty first block.
struct TZif {
    var times: [Int64] = []
    var kinds: [UInt8] = []
    /// Offset and place of the abbreviation.
    var types: [(Int32, UInt8)] = [(0, 0)]
    var names = "UTC\0"
    var leaps: UInt32 = 0
    var footer = ""
    var version = UInt8(ascii: "2")

    var bytes: [UInt8] {
        func header(_ counts: [UInt32]) -> [UInt8] {
            Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15) + counts.flatMap { big($0) }
        }
        func big(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        let block =
            times.flatMap { big($0) } + kinds + types.flatMap { big($0.0) + [0, $0.1] } + Array(names.utf8)
            + Array(repeating: 0, count: 12 * Int(leaps))
        let counts = [
            0, 0, leaps, UInt32(times.count), UInt32(types.count), UInt32(names.utf8.count),
        ]
        return header([0, 0, 0, 0, 1, 1]) + Array(repeating: 0, count: 7) + header(counts) + block
            + Array("\n\(footer)\n".utf8)
    }
}

private let sample = [
    "Asia/Seoul", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia",
    "Africa/Casablanca", "Europe/Dublin", "Asia/Kathmandu", "America/Nuuk", "Antarctica/Troll", "Asia/Gaza", "UTC",
    "Africa/El_Aaiun", "Asia/Tehran", "America/St_Johns", "Pacific/Chatham", "Pacific/Kiritimati",
]

@Suite("The rules of a time zone")
struct TimeZoneRulesTests {
    @Test("are the database's own, at any instant that Foundation's copy of it knows", arguments: sample)
    func offsets(_ name: String) throws {
        let (rules, foundation) = (try rules(name), try #require(TimeZone(identifier: name)))
        var random = SplitMix(seed: 5)
        // Rules of some zones are announced weeks ahead: both copies are of the past only.
        for _ in 0..<300 {
            let instant = Date(timeIntervalSince1970: .random(in: 0..<1_700_000_000, using: &random).rounded())
            #expect(rules.offset(at: instant) == foundation.secondsFromGMT(for: instant), "\(instant)")
        }
    }

    @Test("bring the wall's time to UTC and back, in order, the first of two", arguments: sample)
    func roundTrips(_ name: String) throws {
        let rules = try rules(name)
        var random = SplitMix(seed: 6)
        for _ in 0..<300 {
            // Around the changes, where there are any, also in a far future.
            let borders = rules.periods.map(\.start).filter { $0 > -4_000_000_000 }
            let border = borders.randomElement(using: &random) ?? 0
            let shift = TimeZoneRules.cycle * Int.random(in: 0...3, using: &random)
            let time = border + (border > 5_000_000_000 ? shift : 0) + Int.random(in: -7_500...7_500, using: &random)
            let local = time + rules.period(at: time).offset
            let first = rules.instant(ofLocal: local)
            #expect(first <= time)
            #expect(first + rules.period(at: first).offset == local, "a time that the wall has shown is not skipped")
            #expect(rules.latestLocal(at: time) >= local)
            #expect(rules.instant(ofLocal: rules.latestLocal(at: time)) <= time)
            #expect(rules.instant(ofLocal: rules.latestLocal(at: time) + 1) > time)
            #expect(rules.instant(ofLocal: local + 1) >= first)
        }
    }

    @Test("repeat after 400 years where the file has a rule")
    func cycle() throws {
        let rules = try rules("America/New_York")
        for year in stride(from: 2040, through: 2430, by: 13) {
            let summer = at("\(year)-07-01T12:00:00Z")
            #expect(rules.offset(at: summer) == -4 * 3600)
            #expect(rules.offset(at: summer.addingTimeInterval(Double(TimeZoneRules.cycle) * 7)) == -4 * 3600)
            #expect(rules.offset(at: at("\(year)-12-31T23:59:59Z")) == -5 * 3600)
        }
        #expect(rules.abbreviation(at: at("2500-07-01T12:00:00Z")) == "EDT")
        #expect(rules.local(at: at("2500-07-01T12:00:00Z")).description == "2500-07-01 08:00")
    }

    @Test("of UTC need no file")
    func utc() throws {
        let now = at("2026-11-20T12:34:56Z")
        #expect(TimeZoneRules.utc.local(at: now).description == "2026-11-20 12:34:56")
        #expect(TimeZoneRules.utc.instant(of: TimeZoneRules.utc.local(at: now)) == now)
        #expect(TimeZoneRules.utc.abbreviation(at: now) == "UTC")
    }

    @Test("are read from a file of the first version too")
    func versionOne() throws {
        let file = TZif(footer: "").bytes
        // The first block alone, with one transition in 32 bits.
        var bytes = Array(file[..<44])
        bytes[4] = 0
        bytes[35] = 1
        bytes[39] = 2
        bytes[43] = 8
        bytes += [0, 0, 0, 100, 1, 0, 0, 0, 0, 0, 0] + [0, 0, 0x0e, 0x10, 1, 4] + Array("AAA\0BBB\0".utf8)
        let rules = try TimeZoneRules(tzif: bytes)
        #expect(rules.offset(at: Date(timeIntervalSince1970: 99)) == 0)
        #expect(rules.offset(at: Date(timeIntervalSince1970: 100)) == 3600)
        #expect(rules.abbreviation(at: Date(timeIntervalSince1970: 1e10)) == "BBB")
    }
}

@Suite("A damaged TZif file is refused")
struct TZifReaderTests {
    @Test("with a reason")
    func reasons() {
        func refusal(_ bytes: [UInt8]) -> TimeZoneError? {
            do {
                _ = try TimeZoneRules(tzif: bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal(TZif().bytes) == nil)
        #expect(refusal([]) == .notTZif)
        #expect(refusal(Array("# a text".utf8)) == .notTZif)
        #expect(refusal(Array(TZif().bytes.dropLast())) == .truncated)
        #expect(refusal(Array(TZif().bytes.prefix(60))) == .truncated)
        #expect(refusal(Array(TZif().bytes.prefix(51))) == .notTZif)
        #expect(refusal(TZif(types: []).bytes) == .malformed("it has no local time type"))
        #expect(refusal(TZif(leaps: 1).bytes) == .malformed("it counts leap seconds, which no clock of a server does"))
        #expect(refusal(TZif(types: [(90_000_000, 0)]).bytes) == .malformed("an offset is too great"))
        #expect(refusal(TZif(types: [(.min, 0)]).bytes) == .malformed("an offset is too great"))
        #expect(
            refusal(TZif(times: [5], kinds: [1]).bytes) == .malformed("a transition names a type that is not there"))
        #expect(refusal(TZif(times: [5, 5], kinds: [0, 0]).bytes) == .malformed("the transitions are not in order"))
        #expect(refusal(TZif(times: [.max], kinds: [0]).bytes) == .malformed("a transition is too far away"))
        #expect(refusal(TZif(times: [.min], kinds: [0]).bytes) == .malformed("a transition is too far away"))
        #expect(refusal(Array(repeating: 0x54, count: 2 << 20)) == .malformed("it is longer than a mebibyte"))
        let unreadable = TimeZoneError.malformed("the rule for the years to come can't be read")
        for footer in [
            "KS-9", "KST", "KST-25", "KST-9X", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
            "EST5EDT,M3.6.0,M11.1.0",
            "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J5", "EST5EDT,J1,J366", "EST5EDT,M3.2.0/168,M11.1.0", "<+9-9",
            "EST5EDT,M3.2.0,M11.1.0,",
        ] {
            #expect(refusal(TZif(footer: footer).bytes) == unreadable, "\(footer)")
        }
    }

    @Test("or read, but never traps, whatever is changed in it", arguments: ["America/New_York", "Asia/Gaza", "UTC"])
    func hostile(_ name: String) throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)")))
        var random = SplitMix(seed: 7)
        for _ in 0..<150 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place =
                    Bool.random(using: &random)
                    ? Int.random(in: 0..<44, using: &random) : damaged.indices.randomElement(using: &random) ?? 0
                damaged[place] = .random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random)) }
            guard let rules = try? TimeZoneRules(tzif: damaged) else { continue }
            for time in [-3e12, -1e9, 0, 1e9, 1e11, 3e12] {
                let local = rules.local(at: Date(timeIntervalSince1970: time))
                #expect(rules.instant(of: local) <= Date(timeIntervalSince1970: time))
            }
        }
    }

    @Test(
        "rules in all their forms",
        arguments: [
            // The first day of the year, the whole year, hours beyond a day and before it, southern, quoted and half hours.
            ("EST5EDT,0/0,J365/25", "2030-01-15T12:00:00Z", -4 * 3600),
            ("EST5EDT,0/0,J365/25", "2031-01-01T04:30:00Z", -4 * 3600),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-07-01T00:00:00Z", -3600),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-31T00:59:59Z", -7200),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-31T01:00:00Z", -3600),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2030-01-15T00:00:00Z", 39_600),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2030-07-15T00:00:00Z", 37_800),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2030-01-15T00:00:00Z", 0),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2030-07-15T00:00:00Z", 3600),
            ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2030-07-15T00:00:00Z", 10_800),
            ("AAA0BBB,J60,J61", "2032-03-01T12:00:00Z", 3600),
            ("AAA0BBB,59,60", "2032-02-29T12:00:00Z", 3600), ("JST-9", "2030-07-15T00:00:00Z", 32_400),
        ])
    func footers(_ footer: String, _ time: String, _ offset: Int) throws {
        #expect(try TimeZoneRules(tzif: TZif(footer: footer).bytes).offset(at: at(time)) == offset)
    }
}
