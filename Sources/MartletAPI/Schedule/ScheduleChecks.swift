internal import KubernetesModel

extension SpecChecks {
    /// Names of windows and exceptions, which status and events repeat.
    mutating func windowName(_ name: String, at field: String) {
        let isName =
            (1...SpecLimits.windowNameLength).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2d, 0x2e, 0x5f].contains(byte)
            }
        if !isName { report(.invalidName, at: field, "must be 1 to 63 letters, digits, '-', '_' and '.'") }
    }

    /// Minutes since midnight; nil, with a problem, for what is not `HH:MM`.
    mutating func minuteOfDay(_ text: String, at field: String) -> Int? {
        let digits = text.utf8.filter { (0x30...0x39).contains($0) }.map { Int($0 - 0x30) }
        let isTime = text.utf8.count == 5 && digits.count == 4 && Array(text.utf8)[2] == UInt8(ascii: ":")
        guard isTime, digits[0] * 10 + digits[1] < 24, digits[2] < 6 else {
            report(
                .invalidTime, at: field,
                "must be a time of the day as HH:MM, from \"00:00\" to \"23:59\"; midnight is \"00:00\"")
            return nil
        }
        return (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    }

    mutating func cron(_ text: String, at field: String) -> CronExpression? {
        do {
            return try CronExpression(text)
        } catch {
            report(.invalidCron, at: field, error.description)
            return nil
        }
    }

    /// `isKnown`: a problem with this text has been reported already.
    mutating func date(_ text: String, at field: String, isKnown: Bool = false) -> CivilDate? {
        if let date = CivilDate(text) { return date }
        if !isKnown { report(.invalidDate, at: field, "must be a day that exists, as YYYY-MM-DD") }
        return nil
    }
}

extension ScheduleBounds {
    /// `omitted`: what a bound is that is left out; nil: the endpoint's own, which is not known here.
    func check(_ checks: inout SpecChecks, at path: String, omitted: Int? = nil) {
        workers?.check(&checks, in: 0...SpecLimits.replicas, at: "\(path).workers", omitted: omitted)
        runpod?.check(&checks, in: 0...SpecLimits.runPodWorkers, at: "\(path).runpod", omitted: omitted)
    }

    /// Bound by bound.
    func replaced(by other: ScheduleBounds?) -> ScheduleBounds {
        ScheduleBounds(
            workers: WorkerBounds.replacing(workers, by: other?.workers),
            runpod: WorkerBounds.replacing(runpod, by: other?.runpod))
    }

    var isOrdered: Bool { (workers?.isOrdered ?? true) && (runpod?.isOrdered ?? true) }
}

extension WorkerBounds {
    func check(_ checks: inout SpecChecks, in range: ClosedRange<Int>, at path: String, omitted: Int?) {
        if let min { _ = checks.number(min, default: 0, in: range, at: "\(path).min") }
        if let max { _ = checks.number(max, default: 0, in: range, at: "\(path).max") }
        guard let low = min ?? omitted, let high = max ?? omitted, low > high else { return }
        let origin = max == nil ? ", unless given," : ""
        checks.report(.minAboveMax, at: "\(path).min", "\(low) is above max, which\(origin) is \(high)")
    }

    var isOrdered: Bool {
        guard let min, let max else { return true }
        return min <= max
    }

    static func replacing(_ bounds: WorkerBounds?, by other: WorkerBounds?) -> WorkerBounds? {
        guard bounds != nil || other != nil else { return nil }
        return WorkerBounds(min: other?.min ?? bounds?.min, max: other?.max ?? bounds?.max)
    }
}
