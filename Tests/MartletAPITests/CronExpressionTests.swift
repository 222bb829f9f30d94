import Testing

@testable import MartletAPI

@Suite("A cron expression is read as crontab reads it")
struct CronExpressionTests {
    /// The numbers of a set.
    private func numbers(_ set: UInt64) -> [Int] { (0..<64).filter { set >> UInt64($0) & 1 == 1 } }

    @Test("lists, ranges and steps")
    func fields() throws {
        let cron = try CronExpression("*/15 8-17/3,23 1,15 * *")
        #expect(numbers(cron.minutes) == [0, 15, 30, 45])
        #expect(numbers(cron.hours) == [8, 11, 14, 17, 23])
        #expect(numbers(cron.daysOfMonth) == [1, 15])
        #expect(numbers(cron.months) == Array(1...12))
        #expect(numbers(cron.daysOfWeek) == Array(0...6))
        #expect(cron.description == "*/15 8-17/3,23 1,15 * *")
    }

    @Test("names in either case, alone and in ranges")
    func names() throws {
        let cron = try CronExpression("0 0 * jan,MAR-May Mon-Wed,fri")
        #expect(numbers(cron.months) == [1, 3, 4, 5])
        #expect(numbers(cron.daysOfWeek) == [1, 2, 3, 5])
    }

    @Test("Sunday is 0 and 7, and may end a range", arguments: ["0", "7", "sun", "0,7", "7-7"])
    func sunday(_ field: String) throws {
        #expect(numbers(try CronExpression("0 0 * * \(field)").daysOfWeek) == [0])
        #expect(numbers(try CronExpression("0 0 * * fri-sun").daysOfWeek) == [0, 5, 6])
        #expect(numbers(try CronExpression("0 0 * * 5-7").daysOfWeek) == [0, 5, 6])
        #expect(numbers(try CronExpression("0 0 * * 0-7").daysOfWeek) == Array(0...6))
    }

    @Test("nicknames stand for their five fields, also with spaces around")
    func nicknames() throws {
        for (name, fields) in [
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
            ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), (" @Annually\t", "0 0 1 1 *"),
        ] {
            let (named, written) = (try CronExpression(name), try CronExpression(fields))
            #expect(named.minutes == written.minutes && named.hours == written.hours, "\(name)")
            #expect(named.daysOfMonth == written.daysOfMonth && named.months == written.months, "\(name)")
            #expect(named.daysOfWeek == written.daysOfWeek, "\(name)")
            #expect(named.needsBothDays == written.needsBothDays, "\(name)")
        }
    }

    @Test("either field of days names a day, unless one of them begins with a star")
    func starRule() throws {
        #expect(try !CronExpression("0 0 13 * 5").needsBothDays)
        #expect(try !CronExpression("0 0 1-31 * 0-6").needsBothDays)
        #expect(try CronExpression("0 0 * * 5").needsBothDays)
        #expect(try CronExpression("0 0 13 * *").needsBothDays)
        #expect(try CronExpression("0 0 */2 * 1").needsBothDays)
        #expect(try CronExpression("0 0 1 * */2").needsBothDays)
    }

    @Test("spaces and tabs separate, before and behind too")
    func spaces() throws {
        #expect(try CronExpression("  0\t8  * * 1-5 ").hours == 1 << 8)
    }

    @Test(
        "a date that never comes is refused, at the field of the day",
        arguments: ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30,31 feb *", "0 0 30 2 */3", "0 0 31 4 *"])
    func impossible(_ text: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.position == 5)
        #expect(error?.message == "no month that is named has such a day")
    }

    @Test(
        "a date that comes is not",
        arguments: ["0 0 29 2 *", "0 0 31 1,2 *", "0 0 30 2 1", "0 0 */31 2 *", "0 0 30,1 2 *", "0 0 29 2 */7"])
    func possible(_ text: String) throws { _ = try CronExpression(text) }

    @Test(
        "what is wrong is named with its place",
        arguments: [
            ("", 1, "minute is missing"), ("0 8 * *", 8, "day of the week is missing"),
            ("60 * * * *", 1, "minute takes 0 to 59"), ("0 24 * * *", 3, "hour takes 0 to 23"),
            ("0 0 0 * *", 5, "day of the month takes 1 to 31"), ("0 0 * 13 *", 7, "month takes 1 to 12 or jan to dec"),
            ("0 0 * * 8", 9, "day of the week takes 0 to 7 or sun to sat"),
            ("0 0 * * Montag", 9, "day of the week takes"),
            ("*/0 * * * *", 3, "a step must be a number of at least 1"), ("*/ * * * *", 3, "a step must be"),
            ("5/10 * * * *", 2, "a step needs a range before it, such as 5-59/2"),
            ("30-10 * * * *", 1, "a range must not go backwards"), ("1,,2 * * * *", 3, "minute takes"),
            ("0 0 * * 1 2027", 11, "must end here"), ("0 0 L * *", 5, "day of the month takes"),
            ("0 0 * * 5#3", 10, "day of the week takes"), ("0 0 ? * *", 5, "day of the month takes"),
            ("0 0 * * 5L", 10, "day of the week takes"), ("-5 * * * *", 1, "minute takes"),
            ("99999999999999999999 * * * *", 1, "minute takes"), ("0 0 * * \u{C6D4}", 9, "day of the week takes"),
            ("@reboot", 1, "@reboot is no time"), ("@sometimes", 1, "must be five fields, or @hourly"),
            ("@daily 5", 1, "must be five fields, or @hourly"), ("TZ=UTC 0 0 * * *", 1, "minute takes"),
        ])
    func errors(_ text: String, _ position: Int, _ start: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.position == position, "\(text): \(error?.description ?? "")")
        #expect(error?.message.hasPrefix(start) == true, "\(text): \(error?.description ?? "")")
    }

    @Test("a long text is refused before it is read")
    func long() {
        let text = "0 0 * * " + Array(repeating: "1", count: 500).joined(separator: ",")
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.message == "must end here: it is too long")
    }
}
