extension RunPodWorld {
    mutating func apply(_ event: Event) {
        switch event {
        case .worker(let endpoint, let worker, let step): workerMovesOn(endpoint, worker, step: step)
        case .idleTimeout(let endpoint), .queueDelay(let endpoint): rescale(endpoint)
        case .idleClock(let endpoint, let round): idleClockStrikes(endpoint, round: round)
        case .attemptEnds(let endpoint, let job, let step, let end): attemptEnds(endpoint, job, step: step, end)
        case .jobExpires(let endpoint, let job): jobExpires(endpoint, job)
        case .jobForgotten(let endpoint, let job, let step): jobForgotten(endpoint, job, step: step)
        case .commit(let request, let nonSparse): _ = respond(to: request, nonSparse: nonSparse)
        }
    }

    /// New capacity may let throttled workers start; new lags do not change what is hidden already.
    mutating func settingsChanged() {
        for id in endpointTable.keys { endpointTable[id]?.listText = nil }
        placeThrottledWorkers()
    }

    // MARK: The idle clock

    /// Something was asked of the endpoint, or its bounds were set: three and seven days count from now.
    mutating func restartIdleClock(_ id: EndpointID) {
        guard let endpoint = endpointTable[id] else { return }
        endpointTable[id]?.idleClockStart = now
        // The clock's event looks at the start again when it comes: no event a request.
        guard endpoint.idleClockRound == 0 || endpoint.idleClockHasStruck else { return }
        endpointTable[id]?.idleClockHasStruck = false
        armIdleClock(id, for: settings.idleClock.first)
    }

    private mutating func armIdleClock(_ id: EndpointID, for span: Duration) {
        guard settings.idleClock.isOn, let start = endpointTable[id]?.idleClockStart else { return }
        endpointTable[id]?.idleClockRound += 1
        events.schedule(.idleClock(id, round: endpointTable[id]?.idleClockRound ?? 0), at: start + span)
    }

    private mutating func idleClockStrikes(_ id: EndpointID, round: Int) {
        let clock = settings.idleClock
        guard clock.isOn, let endpoint = endpointTable[id], endpoint.idleClockRound == round else { return }
        let idle = now - endpoint.idleClockStart
        guard idle >= clock.first else { return armIdleClock(id, for: clock.first) }
        lowerMax(id, to: idle >= clock.second ? clock.maxAfterSecond : clock.maxAfterFirst)
        // After the second strike it sleeps until the next request or change.
        if idle >= clock.second {
            endpointTable[id]?.idleClockRound = 0
        } else {
            endpointTable[id]?.idleClockHasStruck = true
            armIdleClock(id, for: clock.second)
        }
    }

    mutating func lowerMax(_ id: EndpointID, to limit: Int) {
        guard let bounds = endpointTable[id]?.configuration.workers, bounds.max > limit else { return }
        endpointTable[id]?.configuration.workers.max = limit
        endpointTable[id]?.configuration.workers.min = min(bounds.min, limit)
        rescale(id)
    }
}
