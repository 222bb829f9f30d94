/// RunPod as a state machine: accounts, endpoints, workers, jobs and the bill, in virtual time.
///
/// A value: a copy is a fork of history. Nothing in it waits, reads a clock or draws a number of its own; equal worlds
/// that are handed equal requests at equal instants stay equal. Time never runs backwards: an earlier instant counts as
/// the present one.
package struct RunPodWorld: Sendable {
    /// The present: the latest instant that it was told.
    package internal(set) var now: SimulatedInstant
    /// May be changed at any time.
    package var settings: Settings {
        didSet { settingsChanged() }
    }
    /// Every billed second.
    package internal(set) var ledger = Ledger()
    /// Every request that arrived, and what became of it.
    package internal(set) var calls: [Call] = []
    package internal(set) var accounts = OrderedTable<AccountID, Account>()

    var endpointTable = OrderedTable<EndpointID, Endpoint>()
    var tombstones: [Tombstone] = []
    var keys: [String: Key] = [:]
    var random: SeededRandom
    var events = EventQueue<Event>()
    var waits: [Int: Wait] = [:]
    var waitCount = 0
    var faults: [ArmedFault] = []
    var faultCount = 0
    var requestCount = 0

    /// An empty RunPod without accounts.
    package init(seed: UInt64, at now: SimulatedInstant, settings: Settings = Settings()) {
        self.now = now
        self.settings = settings
        random = SeededRandom(seed: seed)
    }

    /// What will happen by itself.
    enum Event: Sendable {
        case worker(EndpointID, WorkerID, step: Int)
        case idleTimeout(EndpointID)
        case queueDelay(EndpointID)
        case idleClock(EndpointID, round: Int)
        case attemptEnds(EndpointID, JobID, step: Int, AttemptEnd)
        case jobExpires(EndpointID, JobID)
        case jobForgotten(EndpointID, JobID, step: Int)
        case commit(SimulatedRequest, nonSparse: Bool)
    }

    /// How a worker's attempt at a job ends.
    enum AttemptEnd: Sendable {
        case reported
        case lost
        case overTime
    }

    /// Every endpoint that exists, in the order of creation.
    package var endpoints: [Endpoint] { endpointTable.values }

    /// An endpoint; nil if it does not exist (any more).
    package subscript(id: EndpointID) -> Endpoint? { endpointTable[id] }

    func workers(of id: EndpointID) -> [Worker] { endpointTable[id]?.workers.values ?? [] }
    func queue(of id: EndpointID) -> [JobID] { endpointTable[id]?.queue ?? [] }

    /// The endpoints whose environment names `owner`.
    package func endpoints(ownedBy owner: String) -> [Endpoint] { endpoints.filter { $0.owner == owner } }

    /// Those of them that cost money, or may at any moment.
    package func billableEndpoints(ownedBy owner: String, atLeast least: Billing = .mayBill) -> [EndpointID] {
        endpoints(ownedBy: owner).filter { $0.billing >= least }.map(\.id)
    }

    /// When something next happens by itself; nil if nothing will.
    package var nextEvent: SimulatedInstant? { events.next }

    /// Lets everything happen that happens until `instant`, and at it.
    package mutating func advance(to instant: SimulatedInstant) {
        while let (at, event) = events.take(until: instant) {
            now = max(now, at)
            apply(event)
        }
        now = max(now, instant)
    }

    /// Adds an account with one key. Returns it.
    @discardableResult
    package mutating func addAccount(_ id: AccountID, key: String, balance: Double? = nil) -> AccountID {
        let windows = settings.rateQuotas.map { RateWindow($0, at: now) }
        accounts.insert(
            Account(id: id, workerQuota: settings.workerQuota, balance: balance, windows: windows), for: id)
        addKey(key, to: id)
        return id
    }

    /// Adds a key, or changes what an old one may do. It holds from `from` until `until`.
    package mutating func addKey(
        _ key: String, to account: AccountID, right: KeyRight = .all, from: SimulatedInstant? = nil,
        until: SimulatedInstant? = nil
    ) {
        keys[key] = Key(account: account, right: right, from: from, until: until)
    }

    /// Makes `old` end and `new` begin at `instant`: the same account, the same rights.
    package mutating func rotateKey(_ old: String, to new: String, at instant: SimulatedInstant) {
        guard var key = keys[old] else { return }
        keys[new] = Key(account: key.account, right: key.right, from: instant, until: nil)
        key.until = instant
        keys[old] = key
    }

    /// Takes a key back: 401 from now on.
    package mutating func revokeKey(_ key: String) { keys[key]?.right = .revoked }

    /// Changes the account's quota of workers.
    package mutating func setWorkerQuota(_ quota: Int, of account: AccountID) { accounts[account]?.workerQuota = quota }

    /// Changes the rate limit of that name; its window begins anew.
    package mutating func setRateQuota(_ quota: RateQuota, of account: AccountID) {
        guard var windows = accounts[account]?.windows else { return }
        windows.removeAll { $0.quota.name == quota.name }
        accounts[account]?.windows = [RateWindow(quota, at: now)] + windows
    }

    /// Changes what was paid in, in US dollars; nil for as many as it takes.
    package mutating func setBalance(_ balance: Double?, of account: AccountID) { accounts[account]?.balance = balance }
}
