/// Whom to ask for the slot map when, and which masters to be connected to: the pure half of a ``ClusterWatch``.
package struct ClusterWatchState {
    package typealias Instant = ContinuousClock.Instant

    package enum Event {
        /// What a search at one of the given addresses came to.
        case found(RedisAddress, Result<ClusterView, ClusterFault>)
        case connected(RedisAddress)
        /// An attempt to connect failed, or the connection ended.
        case lost(RedisAddress)
        /// The connection to a node that was closed is gone.
        case ended(RedisAddress)
        case answered(RedisAddress, Result<ClusterView, ClusterFault>)
        /// A node does not serve what the map says; it is asked first, for it knows more.
        case disturbed(by: RedisAddress)
    }

    package enum Step: Equatable {
        case tell(ClusterChange)
        /// Connect to a given address only to ask for the map.
        case search(RedisAddress)
        case open(RedisAddress)
        case close(RedisAddress)
        case ask(RedisAddress)
        /// Nothing to do until then, or until the next event.
        case rest(until: Instant)
    }

    private enum Link: Equatable {
        case connecting
        case up
        case down
        case closing(reopens: Bool)
    }

    private struct Node {
        var link = Link.connecting
        /// While an answer is due.
        var askedAt: Instant?
        /// Some of its slots are on their way to another master.
        var isLosingSlots = false
    }

    private struct Search {
        var untried: ArraySlice<RedisAddress>
        var underway: Set<RedisAddress> = []
        var faults: [RedisAddress: ClusterFault] = [:]
        var nextAt: Instant
    }

    private enum Orientation {
        /// At least one master is connected.
        case found
        case searching(Search)
        case waiting(until: Instant)
    }

    /// Nobody tells of a failover where the old master is silent instead of gone: 1 s of the 2 s in which the queue is
    /// to be right again. One command a second and cluster.
    package static let interval = Duration.seconds(1)
    /// While some slot has no connected master, or is on its way.
    package static let unsettledInterval = Duration.milliseconds(500)
    /// A cluster that sends everybody elsewhere is not asked more often than this.
    package static let shortestInterval = Duration.milliseconds(200)
    /// After this another node is asked, or another address tried.
    package static let answerLimit = Duration.milliseconds(500)
    /// What a node says with a lower epoch is out of date, unless all say so for this long: the cluster was made anew.
    package static let epochMemory = Duration.seconds(10)
    /// How long the known masters are waited for before the given addresses are tried.
    package static let patience = Duration.seconds(1)

    private let seeds: [RedisAddress]
    private var orientation: Orientation
    /// Searches since a master was connected last.
    private var searches = 0
    private var map: ClusterMap?
    private var epoch: Int?
    private var outdatedSince: Instant?
    private var nodes: [RedisAddress: Node] = [:]
    private var pending: [Step] = []
    private var asked: (node: RedisAddress, at: Instant)?
    private var isAnswered = true
    private var disturbedBy: RedisAddress?
    private var didLastAskFail = false

    package init(seeds: [RedisAddress], at now: Instant) {
        self.seeds = seeds
        orientation = .waiting(until: now)
    }

    /// - Parameter jitter: 0 to 1; shortens the wait between two searches by up to half.
    package mutating func receive(_ event: Event, at now: Instant, jitter: Double) {
        switch event {
        case .found(let address, let result): found(result, at: address, now, jitter)
        case .connected(let address):
            guard isOpen(address) else { return }
            nodes[address]?.link = .up
            orientation = .found
            searches = 0
        case .lost(let address): lost(address, at: now)
        case .ended(let address):
            guard case .closing(let reopens)? = nodes[address]?.link else { return }
            nodes[address] = reopens ? Node() : nil
            if reopens { pending.append(.open(address)) }
        case .answered(let address, let result): answered(address, result, at: now)
        case .disturbed(let address): disturbedBy = address
        }
    }

    package mutating func nextStep(at now: Instant) -> Step {
        guard pending.isEmpty else { return pending.removeFirst() }
        switch orientation {
        case .waiting(let until) where until <= now:
            orientation = .searching(Search(untried: seeds[...], nextAt: now))
            return nextStep(at: now)
        case .waiting(let until):
            return .rest(until: until)
        case .searching(var search):
            // A dead address may take seconds to fail; the next one need not wait for that.
            guard let next = search.untried.first, search.nextAt <= now || search.underway.isEmpty else {
                return .rest(until: search.untried.isEmpty ? now + Self.interval : search.nextAt)
            }
            search.untried.removeFirst()
            search.underway.insert(next)
            search.nextAt = now + Self.answerLimit
            orientation = .searching(search)
            return .search(next)
        case .found:
            let due = nextAskAt(now)
            guard due <= now else { return .rest(until: due) }
            guard let node = nextToAsk() else { return .rest(until: now + Self.unsettledInterval) }
            if disturbedBy != nil { disturbedBy = nil }
            nodes[node]?.askedAt = now
            asked = (node, now)
            isAnswered = false
            return .ask(node)
        }
    }

    private func isOpen(_ address: RedisAddress) -> Bool {
        switch nodes[address]?.link {
        case .connecting, .up, .down: true
        case .closing, nil: false
        }
    }

    private mutating func lost(_ address: RedisAddress, at now: Instant) {
        guard isOpen(address) else { return }
        let wasUp = nodes[address]?.link == .up
        nodes[address]?.link = .down
        nodes[address]?.askedAt = nil
        if asked?.node == address { isAnswered = true }
        guard wasUp else { return }
        disturbedBy = disturbedBy ?? address
        if !nodes.values.contains(where: { $0.link == .up }) { orientation = .waiting(until: now + Self.patience) }
    }

    private mutating func found(
        _ result: Result<ClusterView, ClusterFault>, at address: RedisAddress, _ now: Instant, _ jitter: Double
    ) {
        guard case .searching(var search) = orientation, search.underway.remove(address) != nil else { return }
        switch result {
        case .success(let view):
            orientation = .waiting(until: now + max(Self.patience, nextWait(jitter)))
            epoch = nil
            take(view, at: now)
        case .failure(let fault):
            search.faults[address] = fault
            orientation = .searching(search)
            guard search.untried.isEmpty, search.underway.isEmpty else { return }
            orientation = .waiting(until: now + nextWait(jitter))
            // Always the same of several, so that a condition does not alternate.
            if let first = seeds.lazy.compactMap({ search.faults[$0] }).first {
                pending.append(.tell(.unmapped(first)))
            }
        }
    }

    private mutating func nextWait(_ jitter: Double) -> Duration {
        defer { searches += 1 }
        return RedisSessionState.wait(after: searches, jitter: jitter)
    }

    private mutating func answered(
        _ address: RedisAddress, _ result: Result<ClusterView, ClusterFault>, at now: Instant
    ) {
        guard isOpen(address), nodes[address]?.askedAt != nil else { return }
        nodes[address]?.askedAt = nil
        if asked?.node == address { isAnswered = true }
        guard case .success(let view) = result else {
            didLastAskFail = true
            return
        }
        didLastAskFail = false
        if let known = epoch, let told = view.epoch, told < known {
            let since = outdatedSince ?? now
            outdatedSince = since
            guard since + Self.epochMemory <= now else { return }
        }
        let wasLosing = nodes[address]?.isLosingSlots == true
        nodes[address]?.isLosingSlots = !view.leaving.isEmpty
        take(view, at: now)
        if wasLosing || !view.leaving.isEmpty { pending.append(.tell(.leaving(address, view.leaving))) }
    }

    private mutating func take(_ view: ClusterView, at now: Instant) {
        outdatedSince = nil
        epoch = view.epoch ?? epoch
        guard view.map != map else { return }
        map = view.map
        let masters = Set(view.map.masters)
        for address in nodes.keys where !masters.contains(address) {
            if isOpen(address) { pending.append(.close(address)) }
            nodes[address]?.link = .closing(reopens: false)
        }
        // Told before the new masters are opened: whoever is told knows of a master before its connection is up.
        pending.append(.tell(.mapped(view.map)))
        for address in view.map.masters {
            switch nodes[address]?.link {
            case nil:
                nodes[address] = Node()
                pending.append(.open(address))
            case .closing: nodes[address]?.link = .closing(reopens: true)
            case .connecting, .up, .down: break
            }
        }
        guard !nodes.values.contains(where: { $0.link == .up }), case .found = orientation else { return }
        orientation = .waiting(until: now + Self.patience)
    }

    private func nextAskAt(_ now: Instant) -> Instant {
        guard let asked else { return now }
        if !isAnswered { return asked.at + Self.answerLimit }
        if disturbedBy != nil { return asked.at + Self.shortestInterval }
        let isUnsettled =
            didLastAskFail || map?.isComplete != true
            || nodes.values.contains { $0.link != .up || $0.isLosingSlots }
        return asked.at + (isUnsettled ? Self.unsettledInterval : Self.interval)
    }

    /// In turns, so that each is heard; none twice before it has answered.
    private func nextToAsk() -> RedisAddress? {
        let ready = (map?.masters ?? []).filter { nodes[$0]?.link == .up && nodes[$0]?.askedAt == nil }
        if let disturbedBy, ready.contains(disturbedBy) { return disturbedBy }
        guard let last = asked?.node, let turn = map?.masters.firstIndex(of: last) else { return ready.first }
        return ready.first { map?.masters.firstIndex(of: $0) ?? 0 > turn } ?? ready.first
    }
}
