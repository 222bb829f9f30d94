internal import KubernetesModel

extension GPUScheduleSpec {
    /// The checked spec with every default filled in, or everything that is wrong with it.
    public func resolved() -> ScheduleResolution {
        var checks = SpecChecks()
        let zone = resolvedZone(&checks)
        let targets = resolvedTargets(&checks)
        inside?.check(&checks, at: "spec.inside")
        outside?.check(&checks, at: "spec.outside", omitted: 0)
        let windows = resolvedWindows(&checks)
        let exceptions = resolvedExceptions(&checks)
        if (self.windows ?? []).isEmpty && (self.exceptions ?? []).isEmpty {
            checks.report(.windowsMissing, at: "spec.windows", "is required: when capacity may exist")
        }
        let preWarm = checks.number(
            preWarmSeconds, default: 0, in: 0...SpecLimits.preWarmSeconds, at: "spec.preWarmSeconds")
        guard checks.problems.isEmpty, let zone else { return .refused(checks.problems) }
        return .accepted(
            ResolvedSchedule(
                timeZone: zone, targets: targets, windows: windows, inside: inside ?? ScheduleBounds(),
                outside: outside ?? ScheduleBounds(), exceptions: exceptions, preWarmSeconds: preWarm,
                suspend: suspend ?? false, backends: namedBackends))
    }

    /// The backends that the bounds name; both if none is named. Never empty.
    public var namedBackends: Set<CapacityBackend> {
        let bounds = [inside, outside] + (windows ?? []).map(\.bounds)
        var named: Set<CapacityBackend> = []
        if bounds.contains(where: { $0?.workers != nil }) { named.insert(.workers) }
        if bounds.contains(where: { $0?.runpod != nil }) { named.insert(.runpod) }
        return named.isEmpty ? Set(CapacityBackend.allCases) : named
    }

    private func resolvedZone(_ checks: inout SpecChecks) -> TimeZoneName? {
        guard let timeZone, !timeZone.isEmpty else {
            checks.report(.timeZoneMissing, at: "spec.timeZone", "is required: an IANA name, such as Asia/Seoul")
            return nil
        }
        guard let zone = TimeZoneName(timeZone) else {
            checks.report(
                .invalidTimeZone, at: "spec.timeZone", "must be the IANA name of a time zone, such as Asia/Seoul")
            return nil
        }
        return zone
    }

    private func resolvedTargets(_ checks: inout SpecChecks) -> [String] {
        let names = (targets ?? []).map(\.name)
        guard !names.isEmpty else {
            checks.report(
                .targetsMissing, at: "spec.targets", "is required: the InferenceEndpoints that the schedule governs")
            return []
        }
        checks.count(names.count, in: 1...SpecLimits.targets, at: "spec.targets", of: "targets")
        checks.unique(names, at: "spec.targets", .duplicateName)
        for (index, name) in names.enumerated() { checks.objectName(name, at: "spec.targets[\(index)].name") }
        return names
    }

    private func resolvedWindows(_ checks: inout SpecChecks) -> [ResolvedWindow] {
        let windows = windows ?? []
        checks.count(windows.count, in: 0...SpecLimits.windows, at: "spec.windows", of: "windows")
        checks.unique(windows.map(\.name), at: "spec.windows", .duplicateName)
        // What is beyond the limit is refused already; a hostile spec must not cost more than that.
        return windows.prefix(SpecLimits.windows).enumerated().compactMap { index, window in
            window.resolved(&checks, at: "spec.windows[\(index)]", inside: inside ?? ScheduleBounds())
        }
    }

    private func resolvedExceptions(_ checks: inout SpecChecks) -> [ResolvedException] {
        let exceptions = exceptions ?? []
        checks.count(exceptions.count, in: 0...SpecLimits.exceptions, at: "spec.exceptions", of: "exceptions")
        checks.unique(exceptions.map(\.name), at: "spec.exceptions", .duplicateName)
        return exceptions.prefix(SpecLimits.exceptions).enumerated().compactMap { index, exception in
            exception.resolved(&checks, at: "spec.exceptions[\(index)]")
        }
    }
}

extension ScheduleWindowSpec {
    fileprivate func resolved(
        _ checks: inout SpecChecks, at path: String, inside: ScheduleBounds
    ) -> ResolvedWindow? {
        checks.windowName(name, at: "\(path).name")
        bounds?.check(&checks, at: "\(path).bounds")
        let merged = inside.replaced(by: bounds)
        // Each alone may be in order and the two together not.
        if bounds?.isOrdered ?? false, inside.isOrdered { merged.check(&checks, at: "\(path).bounds") }
        let isWeekly = days != nil || from != nil || to != nil
        let isCron = start != nil || end != nil
        switch (isWeekly, isCron) {
        case (true, true):
            checks.report(.windowTimesAmbiguous, at: path, "must have either days, from and to, or start and end")
            return nil
        case (false, false):
            checks.report(.windowTimesMissing, at: path, "must have days, from and to, or start and end")
            return nil
        case (true, false): return weekly(&checks, at: path, bounds: merged)
        case (false, true): return cron(&checks, at: path, bounds: merged)
        }
    }

    private func weekly(_ checks: inout SpecChecks, at path: String, bounds: ScheduleBounds) -> ResolvedWindow? {
        guard let days, !days.isEmpty, let from, let to else {
            checks.report(.windowTimesMissing, at: path, "must have all of days, from and to")
            return nil
        }
        var numbers: Set<Int> = []
        for (index, day) in days.enumerated() {
            guard let number = Self.days.firstIndex(of: day) else {
                checks.report(
                    .invalidDay, at: "\(path).days[\(index)]", "must be Mon, Tue, Wed, Thu, Fri, Sat or Sun")
                continue
            }
            if !numbers.insert(number).inserted {
                checks.report(.duplicateName, at: "\(path).days[\(index)]", "must not name a day twice")
            }
        }
        let opening = checks.minuteOfDay(from, at: "\(path).from")
        let closing = checks.minuteOfDay(to, at: "\(path).to")
        guard let opening, let closing, !numbers.isEmpty else { return nil }
        return ResolvedWindow(
            name: name, start: CronExpression(minuteOfDay: opening, daysOfWeek: numbers),
            end: CronExpression(minuteOfDay: closing), bounds: bounds)
    }

    private func cron(_ checks: inout SpecChecks, at path: String, bounds: ScheduleBounds) -> ResolvedWindow? {
        guard let start, let end else {
            checks.report(.windowTimesMissing, at: path, "must have both start and end")
            return nil
        }
        let opening = checks.cron(start, at: "\(path).start")
        let closing = checks.cron(end, at: "\(path).end")
        guard let opening, let closing else { return nil }
        return ResolvedWindow(name: name, start: opening, end: closing, bounds: bounds)
    }

    /// As cron counts them.
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
}

extension ScheduleExceptionSpec {
    fileprivate func resolved(_ checks: inout SpecChecks, at path: String) -> ResolvedException? {
        checks.windowName(name, at: "\(path).name")
        let first = checks.date(from, at: "\(path).from")
        let last = checks.date(to ?? from, at: to == nil ? "\(path).from" : "\(path).to", isKnown: to == nil)
        guard let first, let last else { return nil }
        guard first <= last else {
            checks.report(.invalidDate, at: "\(path).to", "must not be before from, which is \(first)")
            return nil
        }
        return ResolvedException(name: name, days: first...last, state: state)
    }
}
