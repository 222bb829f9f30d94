/// Says whether this process may write to the cluster now: the border between one that leads and one that stands by.
///
/// A client made with `KubernetesClient.writing(under:)` asks before each request that changes something: when its turn in
/// the rate limit has come, and once more when the connection stands and nothing has been sent. So a process that was
/// stopped for a while and goes on begins no write that its permit does not cover any more. All members are called on
/// any thread and must be quick.
public protocol WritePermit: Sendable {
    /// How long a write that begins now may take until it is given up; nil: none may begin.
    ///
    /// Must be judged by a clock that counts the time in which the machine sleeps.
    var allowance: Duration? { get }
    /// A write is about to ask for its allowance. Each call is followed by one of `ended()`.
    func began()
    /// The write has been answered, has failed or was refused.
    func ended()
}

extension KubernetesClient {
    /// The same client, whose every request that changes something needs `permit`. Refused ones throw
    /// `KubernetesError.isWithheld`; reads and watches are not asked about.
    public func writing(under permit: any WritePermit) -> KubernetesClient {
        KubernetesClient(core: core, permit: permit)
    }
}
