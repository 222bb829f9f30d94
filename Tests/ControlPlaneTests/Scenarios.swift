import Testing

/// Everything that runs against the shared control plane, one test after the other: outages of the API server and counts
/// of writes bear no neighbours.
@Suite("On a real control plane", .serialized, .timeLimit(.minutes(10)))
enum Scenarios {}
