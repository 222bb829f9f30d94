import FoundationEssentials

/// Where a laboratory keeps what its processes leave behind.
struct LaboratoryDirectory: Sendable {
    let path: String
    var logs: String { "\(path)/logs" }
    /// What worker processes write, one file each: the only witnesses of what ran.
    var results: String { "\(path)/results" }
    var processes: String { "\(path)/processes" }

    /// Makes what is missing.
    init(_ path: String) throws {
        self.path = URL(filePath: path).standardizedFileURL.path
        for directory in [logs, results] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
    }

    /// What processes get of this one's environment: enough to find programs and Python's modules, nothing that could
    /// be a credential.
    func surroundings(workdir: String?) -> ProcessSurroundings {
        let kept = ["PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"]
        var variables = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
        variables["MARTLET_LAB_RESULTS"] = results
        return ProcessSurroundings(
            variables: variables, workingDirectory: workdir ?? FileManager.default.currentDirectoryPath,
            logDirectory: logs)
    }
}
