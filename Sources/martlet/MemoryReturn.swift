internal import CMalloc
internal import ControllerRuntime
internal import ServiceLifecycle

/// Keeps the process as small as what it holds: lists are read in megabytes and kept in kilobytes, and glibc would
/// hold on to the difference for ever, once for each of its arenas.
struct MemoryReturn: Service {
    /// One arena: the work is done on two or three threads, and what one leaves free another can use.
    private static let arenas: CInt = 1
    /// Bytes from which an allocation is a mapping of its own, given back when it is freed. Setting it also keeps glibc from
    /// raising it to the size of the largest list ever read.
    private static let mappingThreshold: CInt = 64 << 10
    /// Soon after the first lists, then now and then: it takes a millisecond or two.
    private static let first = Duration.seconds(5)
    private static let interval = Duration.seconds(30)

    /// Must run before the first thread is started.
    static func keepSmall() {
        _ = mallopt(M_ARENA_MAX, arenas)
        _ = mallopt(M_MMAP_THRESHOLD, mappingThreshold)
    }

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
