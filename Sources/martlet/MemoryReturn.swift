internal import CMalloc
internal import ControllerRuntime
internal import ServiceLifecycle

/// Keeps the process as small as what it holds: lists are read in megabytes and kept in kilobytes, and glibc would
/// hold on to the difference for ever, once for each of its arenas.
struct MemoryReturn: Service {
    /// Two arenas are enough for two busy threads; by default there are eight for each core.
    private static let arenas: CInt = 2
    /// Soon after the first lists, then now and then: it takes a millisecond or two.
    private static let first = Duration.seconds(5)
    private static let interval = Duration.seconds(30)

    /// Must run before the first thread is started.
    static func limitArenas() { _ = mallopt(M_ARENA_MAX, arenas) }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            let time = SystemTime()
            try await time.sleep(for: Self.first)
            while true {
                _ = malloc_trim(0)
                try await time.sleep(for: Self.interval)
            }
        }
    }
}
