internal import ArgumentParser

/// A span of time as a flag's value: `90s`, `10m`, `1h30m`, `2d`.
struct DurationArgument: ExpressibleByArgument, Equatable, Sendable {
    var duration: Duration

    /// Nil for what `SpanText` refuses.
    init?(argument: String) {
        guard let span = SpanText(argument) else { return nil }
        duration = .seconds(span.seconds)
    }

    /// As RunPod's policies count.
    var milliseconds: Int { Int(duration / .milliseconds(1)) }
}
