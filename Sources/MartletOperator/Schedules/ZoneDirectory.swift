internal import Glibc
package import MartletAPI
package import MartletDecisions
internal import Synchronization

/// The time zones that this machine knows, from the files of the tz database. A zone is read once.
package final class ZoneDirectory: Sendable {
    /// Where distributions put the files, unless `TZDIR` says otherwise.
    package static let system = "/usr/share/zoneinfo"
    /// The largest zones have less than 4 KiB in today's format and less than 16 KiB in the oldest.
    private static let largestFile = 256 * 1024

    private let folder: String
    private let zones = Mutex<[TimeZoneName: TimeZoneRules]>([:])

    /// The files below `folder`, nil or empty for ``system``.
    package init(folder: String? = nil) {
        self.folder = folder.flatMap { $0.isEmpty ? nil : $0 } ?? Self.system
    }

    /// The rules of that zone. What is missing is looked for again each time.
    package func rules(of name: TimeZoneName) throws(ZoneProblem) -> TimeZoneRules {
        if let known = zones.withLock({ $0[name] }) { return known }
        let rules = try Self.rules(atPath: "\(folder)/\(name.rawValue)", of: name.rawValue, in: folder)
        zones.withLock { $0[name] = rules }
        return rules
    }

    /// The zone of this machine's own clock, for showing times to the person who sits there: `TZ`, else /etc/localtime.
    /// Nil where neither is legible.
    package func local(environment zone: String?) -> TimeZoneRules? {
        let name = zone.map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 }.flatMap(TimeZoneName.init)
        if let name, let rules = try? rules(of: name) { return rules }
        return try? Self.rules(atPath: "/etc/localtime", of: "localtime", in: folder)
    }

    private static func rules(
        atPath path: String, of name: String, in folder: String
    ) throws(ZoneProblem) -> TimeZoneRules {
        guard let bytes = bytes(atPath: path) else {
            throw ZoneProblem(
                message:
                    "There is no time zone \(name) in \(folder) here; use an IANA name such as Asia/Seoul, and see "
                    + "that the operator's image has tzdata.")
        }
        do throws(TimeZoneError) {
            return try TimeZoneRules(tzif: bytes)
        } catch {
            throw ZoneProblem(message: "Time zone \(name) can't be used, \(error); reinstall tzdata on the operator.")
        }
    }

    /// Nil for what is no regular file of a reasonable size: a folder, or a pipe that nobody writes to.
    private static func bytes(atPath path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= largestFile else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            count += got
        }
        return bytes
    }
}

/// Why a zone can't be used, with what to do.
package struct ZoneProblem: Error, Sendable, Hashable {
    /// For a condition.
    package var message: String
}
