internal import ArgumentParser
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import MartletOperator
internal import YAML

/// Shows when an endpoint or a schedule is open.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Show when an endpoint or a schedule is open, in the next two weeks.",
        discussion: """
            NAME is an InferenceEndpoint, whose schedules and override are taken together, or else a GPUSchedule; \
            iep/NAME and gsch/NAME say which. With --filename the schedules of a file are shown, without a cluster.
            """)

    @OptionGroup var cluster: ClusterOptions

    @Option(name: .shortAndLong, help: "Namespace. Default: the context's.")
    var namespace: String?

    @Option(name: .shortAndLong, help: "A file with GPUSchedules, - for standard input. No cluster is asked.")
    var filename: String?

    @Option(help: "First day, YYYY-MM-DD. Default: today.")
    var from: String?

    @Option(help: "How many days, at most 366.")
    var days = 14

    @Argument(help: "An InferenceEndpoint or a GPUSchedule.")
    var name: String?

    func validate() throws {
        guard name != nil || filename != nil else { throw ValidationError("name an endpoint, a schedule or a file") }
        guard from.map({ CivilDate($0) != nil }) ?? true else {
            throw ValidationError("--from is a day such as 2027-03-28, not '\(from ?? "")'")
        }
        guard (1...366).contains(days) else { throw ValidationError("--days is 1 to 366") }
    }

    func run() async throws {
        let now = Date()
        let zones = EndpointSchedules.zones
        if let filename {
            let schedules = try Self.schedules(inFile: filename).filter { name == nil || $0.metadata.name == name }
            guard !schedules.isEmpty else {
                throw ValidationError("\(filename) has no GPUSchedule\(name.map { " named \($0)" } ?? "")")
            }
            print(try schedules.map { try show($0, zones, now) }.joined(separator: "\n\n"))
            return
        }
        guard let name else { return }
        let client = try cluster.client()
        let (kind, plain) = Self.split(name)
        let key = ObjectKey(namespace: namespace ?? client.namespace, name: plain)
        if kind != .schedule {
            do throws(KubernetesError) {
                let endpoint = try await client.resources(InferenceEndpoint.self).get(key)
                return print(show(await EndpointSchedules.load(of: endpoint, client), now))
            } catch {
                guard error.isNotFound, kind == nil else { throw error }
            }
        }
        print(try show(try await client.resources(GPUSchedule.self).get(key), zones, now))
    }

    private enum Kind { case endpoint, schedule }

    private static func split(_ name: String) -> (Kind?, String) {
        let parts = name.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return (nil, name) }
        switch parts[0].lowercased() {
        case "iep", "inferenceendpoint", "inferenceendpoints": return (.endpoint, String(parts[1]))
        case "gsch", "gpuschedule", "gpuschedules": return (.schedule, String(parts[1]))
        default: return (nil, name)
        }
    }

    private static func schedules(inFile path: String) throws -> [GPUSchedule] {
        guard let data = FileManager.default.contents(atPath: path == "-" ? "/dev/stdin" : path) else {
            throw ValidationError("\(path) can't be read")
        }
        return try YAMLDecoder().documents(JSONValue.self, from: [UInt8](data))
            .flatMap { $0["items"]?.array ?? [$0] }
            .filter { $0["kind"]?.string == GPUSchedule.resourceType.kind }
            .map { try JSONDecoder().decode(GPUSchedule.self, from: JSONEncoder().encode($0)) }
    }

    // MARK: Text

    private func show(_ schedule: GPUSchedule, _ zones: ZoneDirectory, _ now: Date) throws -> String {
        guard case .accepted(let resolved) = schedule.resolution else {
            guard case .refused(let problems) = schedule.resolution else { return "" }
            throw ValidationError(
                "GPUSchedule \(schedule.key.name) is refused: " + problems.map(\.description).joined(separator: " "))
        }
        let zone: TimeZoneRules
        do throws(ZoneProblem) { zone = try zones.rules(of: resolved.timeZone) } catch {
            throw ValidationError(error.message)
        }
        let calendar = ScheduleCalendar(resolved, in: zone)
        let range = range(in: zone, now)
        var title = "GPUSchedule \(schedule.key.name), \(resolved.timeZone): "
        if resolved.suspend {
            title += "suspended, holds \(schedule.status?.open == true ? "open" : "closed"); without that it would be"
        } else {
            title += calendar.state(at: now).isOpen ? "open now" : "closed now"
            if let next = calendar.nextTransition(after: now) {
                let text = LocalText(zone: zone).full(next.time)
                title += next.kind == .open ? ", opens \(text)" : ", closes \(text)"
            }
        }
        return chart(title, Forecast(of: calendar, in: range.instants), zone, range.days)
    }

    private func show(_ schedules: EndpointSchedules, _ now: Date) -> String {
        let zone = schedules.zone?.rules ?? EndpointSchedules.local(schedules.zones) ?? .utc
        let range = range(in: zone, now)
        let rules = schedules.rules(now: now)
        let capacity = rules.capacity(at: now)
        var title = "InferenceEndpoint \(schedules.endpoint.key)"
        title += schedules.zone.map { ", \($0.name): " } ?? ": "
        title += capacity.isOpen ? "open now" : "closed now"
        title += capacity.by.map { " by \($0)" } ?? ", no schedule names it"
        if let next = capacity.nextTransition {
            title += ", changes \(LocalText(zone: zone).full(next))"
        }
        for schedule in schedules.all {
            if case .refused = schedule.resolution {
                title +=
                    "\n\(schedule.key.name) is refused and holds what was recorded last; "
                    + "`martlet schedule gsch/\(schedule.key.name)` says why."
            }
        }
        return chart(title, Forecast(of: rules, in: range.instants, now: now), zone, range.days)
    }

    private func chart(_ title: String, _ forecast: Forecast, _ zone: TimeZoneRules, _ days: [CivilDate]) -> String {
        let chart = ScheduleChart(forecast: forecast, zone: zone, days: days, ink: Self.ink)
        return "\(title)\n\n\(chart.strip())\n\n\(chart.table())"
    }

    private func range(in zone: TimeZoneRules, _ now: Date) -> (instants: Range<Date>, days: [CivilDate]) {
        let first = from.flatMap { CivilDate($0) } ?? zone.local(at: now).date
        let start = zone.instant(of: LocalTime(first))
        let end = zone.instant(of: LocalTime(first.advanced(by: days)))
        return (start..<max(start, end), (0..<days).map { first.advanced(by: $0) })
    }

    private static var ink: ScheduleChart.Ink {
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty }
        let isUnicode = locale.map { $0.uppercased().contains("UTF-8") || $0.uppercased().contains("UTF8") } ?? false
        return isUnicode ? .blocks : .letters
    }
}
