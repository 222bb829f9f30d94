import FoundationEssentials
import Glibc

/// Time that runs faster for the programs of a scene than for the test: the built operator lives through hours in minutes.
///
/// The programs see it through `lab/fast_time.c`, loaded in front of the C library. Every program of the scene, also one
/// that was started again, agrees on what time it is.
struct FastTime: Sendable {
    /// Seconds of the scene in a second of the test.
    let speed: Int
    private let origin: Date

    init(_ speed: Int) {
        self.speed = speed
        origin = Date()
    }

    /// What the programs take for the time.
    var now: Date { origin.addingTimeInterval(Date().timeIntervalSince(origin) * Double(speed)) }

    /// What a test has to wait for so many seconds of the scene.
    func real(_ seconds: Double) -> Duration { .milliseconds(Int64(seconds * 1000 / Double(speed))) }

    /// Lets so many seconds of the scene pass.
    func pass(_ seconds: Double) async throws { try await Task.sleep(for: real(seconds)) }

    /// For the programs.
    var environment: [String: String] {
        get throws {
            guard speed > 1 else { return [:] }
            return [
                "LD_PRELOAD": try Self.library.get(), "MARTLET_FAST_TIME_SPEED": "\(speed)",
                "MARTLET_FAST_TIME_ORIGIN": "\(Int64(origin.timeIntervalSince1970 * 1000) * 1_000_000)",
            ]
        }
    }

    /// Compiled once a test run.
    private static let library = Result {
        let directory = try ControlPlane.shared().directory
        let compilers = ["/usr/bin/cc", "/usr/bin/clang", "/opt/swift/usr/bin/clang"]
        let compiler = compilers.first { access($0, X_OK) == 0 } ?? compilers[0]
        let path = "\(directory)/fast_time.so"
        try ChildProcess.run([
            compiler, "-shared", "-fPIC", "-O2", "-fvisibility=hidden", "-o", path,
            "\(ControlPlane.repository)/lab/fast_time.c", "-ldl",
        ])
        return path
    }
}
