internal import Glibc

/// The environment twin of a flag: `--metrics-address` is also `MARTLET_METRICS_ADDRESS`. The flag wins.
enum EnvironmentTwin {
    static func text(_ flag: String) -> String? {
        let name = "MARTLET_" + flag.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
        return getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    static func isSet(_ flag: String) -> Bool {
        ["1", "true", "yes"].contains(text(flag)?.lowercased())
    }

    /// What a flag with a `--no-` form is set to; nil: nothing that can be understood.
    static func choice(_ flag: String) -> Bool? {
        switch text(flag)?.lowercased() {
        case "1", "true", "yes": true
        case "0", "false", "no": false
        default: nil
        }
    }

    /// Values separated by commas, for a flag that may be given several times.
    static func list(_ flag: String) -> [String] {
        (text(flag) ?? "").split(separator: ",").map(String.init)
    }
}
