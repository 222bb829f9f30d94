extension RunPodWorld {
    /// The failure modes that the project's tests number F1 to F28, as far as this world can show them by itself.
    ///
    /// Not here: F2 (the caller dies), F15 and F18 (what `input.lab` and `policy.ttl` of a job ask for), F17 (webhooks are not
    /// sent).
    package enum FailureMode: String, Hashable, Sendable, CaseIterable {
        /// The next create takes effect, its answer is lost.
        case createAnswerLost = "F1"
        /// The next create takes effect and answers 504.
        case createFailsAfterCommit = "F3"
        /// The next call of the control plane is one too many.
        case rateLimited = "F4"
        /// No account has money left.
        case balanceEmpty = "F5"
        /// Every pool refuses creates and updates.
        case capacityRefused = "F6"
        /// The control plane knows no key until the faults are removed.
        case keyRefused = "F7"
        /// The next create finds an unknown field.
        case apiDrift = "F8"
        /// The control plane has moved away, until the faults are removed.
        case gone = "F9"
        /// The next delete takes effect and answers 500; deleted endpoints stay listed for a minute.
        case deleteFailsAfterCommit = "F10"
        /// No delete takes effect until the faults are removed.
        case deleteFails = "F11"
        /// The next answer of the control plane is a page of HTML.
        case htmlAnswer = "F12"
        /// `/status` does not know a job for 5 s after `/run`.
        case statusLags = "F13"
        /// No host has room.
        case throttled = "F14"
        /// Every running worker is lost now.
        case workersLost = "F16"
        /// Health and worker list disagree, lack keys and use a new word.
        case viewsDisagree = "F19"
        /// The next update resets what it does not name.
        case updateResets = "F20"
        /// Names of FlashBoot endpoints end in `-fb` in lists.
        case namesDecorated = "F21"
        /// Lists have pages of one, the next follow-up page fails.
        case pageFails = "F22"
        /// The next answer of the control plane breaks off.
        case truncated = "F23"
        /// Every quota is what the account's endpoints use of it.
        case quotaExhausted = "F25"
        /// The job plane's host is away.
        case jobPlaneDown = "F26"
        /// Every template has vanished.
        case templatesGone = "F27"
        /// A long holiday has lowered every `max` to 0.
        case idleScaleDown = "F28"
    }

    /// Makes a failure mode happen.
    package mutating func inject(_ mode: FailureMode) {
        switch mode {
        case .createAnswerLost: inject(Fault(.create, answer: .lost(.reset)))
        case .createFailsAfterCommit: inject(Fault(.create, answer: .problem(status: 504, detail: "upstream timeout")))
        case .rateLimited:
            let detail = "rate limit exceeded for the minute window"
            inject(Fault(.control, commit: .never, answer: .problem(status: 429, detail: detail, retryAfter: 12)))
        case .balanceEmpty: for account in accounts.keys { setBalance(0, of: account) }
        case .capacityRefused: settings.capacity.refusedPools = settings.catalogue.pools
        case .keyRefused: refuseAll(.control, status: 401, detail: "invalid bearer token")
        case .apiDrift:
            let errors = ["$: additional properties 'workers' not allowed"]
            inject(
                Fault(
                    .create, commit: .never,
                    answer: .problem(status: 422, detail: "Request validation failed.", errors: errors)))
        case .gone: refuseAll(.control, status: 410, detail: "this version of the API has been retired")
        case .deleteFailsAfterCommit:
            settings.lag.listAfterDelete = .seconds(60)
            inject(Fault(.delete, answer: .problem(status: 500, detail: "internal error")))
        case .deleteFails: refuseAll(.delete, status: 500, detail: "internal error")
        case .htmlAnswer: inject(Fault(.control, answer: .garbled(.html)))
        case .statusLags: settings.lag.statusAfterRun = .seconds(5)
        case .throttled: settings.capacity.closed = Set(settings.catalogue.pools.map { Capacity.Place(pool: $0) })
        case .workersLost:
            for endpoint in endpoints {
                for worker in endpoint.workers.values where worker.phase.status == "RUNNING" {
                    loseWorker(worker.id, of: endpoint.id)
                }
            }
        case .viewsDisagree:
            settings.healthDisagreesWithWorkers = true
            settings.missingKeys = ["unhealthy"]
            settings.unknownWorkerStatus = "HIBERNATING"
        case .updateResets: inject(Fault(.update, commit: .nonSparse))
        case .namesDecorated: settings.listedNameSuffix = "-fb"
        case .pageFails:
            settings.pageSize = 1
            inject(
                Fault(
                    Match(.listEndpoints, isFollowUpPage: true), commit: .never,
                    answer: .problem(status: 500, detail: "internal error")))
        case .truncated: inject(Fault(.control, answer: .garbled(.truncated)))
        case .quotaExhausted:
            for account in accounts.keys {
                let used = endpoints.filter { $0.account == account }.map(\.configuration.workers.max)
                setWorkerQuota(used.reduce(0, +), of: account)
            }
        case .jobPlaneDown: settings.hostsDown.insert(.jobs)
        case .templatesGone:
            for account in accounts.values {
                for template in account.templates.keys { removeTemplate(template, from: account.id) }
            }
        case .idleScaleDown: for id in endpointTable.keys { lowerMax(id, to: 0) }
        }
    }

    private mutating func refuseAll(_ match: Match, status: Int, detail: String) {
        inject(Fault(match, commit: .never, answer: .problem(status: status, detail: detail), times: nil))
    }
}
