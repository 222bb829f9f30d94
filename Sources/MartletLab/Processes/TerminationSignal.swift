internal import Dispatch
internal import Glibc

/// Waits for SIGINT or SIGTERM, or for the task's cancellation. Once a process: the signals' defaults are not restored.
func untilAskedToEnd() async {
    let (signals, arrived) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { arrived.yield() }
        source.resume()
        return source
    }
    for await _ in signals { break }
    sources.forEach { $0.cancel() }
}
