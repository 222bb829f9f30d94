internal import FoundationEssentials
internal import Glibc

/// The running processes as files named by process id, so that a laboratory that was killed can be cleaned up after.
struct ProcessJournal: Sendable {
    let directory: String

    /// Makes the directory and kills what an earlier laboratory left running.
    init(directory: String) throws {
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            guard let pid = pid_t(name) else { continue }
            let process = ProcessID(rawValue: pid)
            if (try? String(contentsOfFile: path(process), encoding: .utf8)) == Self.startTime(of: pid) {
                process.killGroup()
            }
            remove(process)
        }
    }

    func add(_ process: ProcessID) {
        try? Self.startTime(of: process.rawValue)?.write(toFile: path(process), atomically: false, encoding: .utf8)
    }

    func remove(_ process: ProcessID) { unlink(path(process)) }

    private func path(_ process: ProcessID) -> String { "\(directory)/\(process.rawValue)" }

    /// In ticks since the machine's start: tells a process from a later one with the same number.
    private static func startTime(of pid: pid_t) -> String? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let close = stat.lastIndex(of: ")")
        else { return nil }
        // Field 22 of proc(5); the first after the name is field 3.
        let fields = stat[close...].split(separator: " ")
        return fields.count > 20 ? String(fields[20]) : nil
    }
}
