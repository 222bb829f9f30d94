/// One piece of work that is timed on its own, by `Benchmarks/Micro`.
///
/// It lives in this package because most of what it calls is visible here alone.
public struct Workload: Sendable {
    /// What is done, with its size: "500 Pods decoded from one page".
    public let name: String
    /// Does it once. Throws if the result is not what it must be: a wrong answer is never timed as a fast one.
    public let run: @Sendable () async throws -> Void

    init(_ name: String, _ run: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.run = run
    }

    /// All of them. Making them prepares their input; throws if that fails.
    public static func all() throws -> [Workload] {
        [
            respPipeline(), respBulk(), kubeconfig(), try podPage(), podWatch(), storeChanges(), workQueue(),
            try decision(),
        ]
    }
}

/// The work gave something else than it must.
struct WrongResult: Error {
    let got: Int
    let wanted: Int
}

func expect(_ got: Int, _ wanted: Int) throws(WrongResult) {
    guard got == wanted else { throw WrongResult(got: got, wanted: wanted) }
}
