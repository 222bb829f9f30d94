extension RunPodWorld {
    private func refusal(_ text: String) -> Refusal { Refusal(.json(400, ["error": .string(text)])) }

    /// `{"seconds": 3600}`
    mutating func advance(by body: WireJSON) throws(Refusal) {
        // A century: far beyond any schedule, far from the end of Int64.
        guard let seconds = body["seconds"]?.number, (0...3_200_000_000).contains(seconds) else {
            throw refusal("seconds must be a number from 0 to 3200000000")
        }
        advance(to: now + .milliseconds(Int64(seconds * 1000)))
    }

    /// `{"mode": "F10"}`, or a fault as `Fault.init(_:at:)` reads it.
    mutating func armFault(_ body: WireJSON) throws(Refusal) -> WireJSON {
        if let name = body["mode"]?.string {
            guard let mode = FailureMode(rawValue: name) else { throw refusal("no failure mode \(name)") }
            inject(mode)
            return ["mode": .string(name)]
        }
        guard let fault = Fault(body, at: now) else {
            throw refusal("a fault has match, commit, answer, skip, times, always, afterSeconds and forSeconds")
        }
        return ["id": WireJSON(inject(fault).number)]
    }

    /// `{"key": …, "account": …, "right": "all"|"readOnly"|"revoked", "replaces": …}`
    mutating func putKey(_ body: WireJSON) throws(Refusal) {
        guard let key = body["key"]?.string, !key.isEmpty else { throw refusal("key is missing") }
        if let old = body["replaces"]?.string { return rotateKey(old, to: key, at: now) }
        let account = AccountID(body["account"]?.string ?? accounts.keys.first?.text ?? "")
        guard accounts[account] != nil else { throw refusal("no such account") }
        let rights: [String: KeyRight] = ["all": .all, "readOnly": .readOnly, "revoked": .revoked]
        guard let right = rights[body["right"]?.string ?? "all"] else { throw refusal("unknown right") }
        addKey(key, to: account, right: right)
    }

    /// `{"account": …, "quota": 5, "balance": 10.5, "rateMinute": 60}`; a balance of null is one without end.
    mutating func putAccount(_ body: WireJSON) throws(Refusal) {
        let account = AccountID(body["account"]?.string ?? accounts.keys.first?.text ?? "")
        guard accounts[account] != nil else { throw refusal("no such account") }
        if let quota = body["quota"]?.integer { setWorkerQuota(quota, of: account) }
        if let balance = body["balance"] { setBalance(balance.number, of: account) }
        if let requests = body["rateMinute"] {
            guard let count = requests.integer, count > 0 else { throw refusal("rateMinute is a number above 0") }
            setRateQuota(RateQuota("minute", requests: count, span: .seconds(60)), of: account)
        }
    }

    /// `{"id": …, "account": …, "image": …, "serverless": true}`, or `{"id": …, "gone": true}`
    mutating func putTemplate(_ body: WireJSON) throws(Refusal) {
        let account = AccountID(body["account"]?.string ?? accounts.keys.first?.text ?? "")
        guard let id = body["id"]?.string, accounts[account] != nil else { throw refusal("id or account is missing") }
        guard body["gone"]?.bool != true else { return removeTemplate(TemplateID(id), from: account) }
        var container = Container()
        container.apply(body.members ?? [:], mergesEnvironment: false)
        let isServerless = body["serverless"]?.bool ?? true
        addTemplate(TemplateID(id), to: account, container: container, isServerless: isServerless)
    }

    /// `{"endpoint": …, "worker": …}`
    mutating func loseWorker(_ body: WireJSON) throws(Refusal) {
        guard let endpoint = body["endpoint"]?.string, let worker = body["worker"]?.string else {
            throw refusal("endpoint or worker is missing")
        }
        loseWorker(WorkerID(worker), of: EndpointID(endpoint))
    }

    /// Changes the settings that are named; seconds are numbers.
    mutating func apply(settings body: WireJSON) throws(Refusal) {
        guard let members = body.members else { throw refusal("the settings must be an object") }
        var changed = settings
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard changed.apply(value, to: name) else { throw refusal("\(name) is no setting, or not with this value") }
        }
        settings = changed
    }
}

extension WireJSON {
    /// Seconds as a duration, within a century.
    var seconds: Duration? {
        guard let number, (0...3_200_000_000).contains(number) else { return nil }
        return .milliseconds(Int64(number * 1000))
    }
}

extension RunPodWorld.Settings {
    private static var flags: [String: WritableKeyPath<Self, Bool>] {
        [
            "acceptsUnknownPools": \.acceptsUnknownPools, "healthDisagreesWithWorkers": \.healthDisagreesWithWorkers,
            "reportsValidFieldsAsAdditional": \.reportsValidFieldsAsAdditional, "crashes": \.image.crashes,
            "restartsIdleTimeoutWhenMinFalls": \.restartsIdleTimeoutWhenMinFalls, "idleClock": \.idleClock.isOn,
            "executionTimeoutFails": \.jobs.executionTimeoutFails, "showsExpired": \.jobs.showsExpired,
            "showsPurged": \.jobs.showsPurged,
        ]
    }
    private static var durations: [String: WritableKeyPath<Self, Duration>] {
        [
            "listAfterCreate": \.lag.listAfterCreate, "listAfterDelete": \.lag.listAfterDelete,
            "listAfterUpdate": \.lag.listAfterUpdate, "readAfterCreate": \.lag.readAfterCreate,
            "readAfterDelete": \.lag.readAfterDelete, "jobsAfterCreate": \.lag.jobsAfterCreate,
            "statusAfterRun": \.lag.statusAfterRun,
        ]
    }
    private static var spans: [String: WritableKeyPath<Self, DurationSpan>] {
        [
            "pull": \.image.pull, "load": \.image.load, "revival": \.image.revival, "execution": \.image.job.execution,
        ]
    }

    /// Takes over one setting of the admin path; false if there is none of this name that takes this value.
    fileprivate mutating func apply(_ value: WireJSON, to name: String) -> Bool {
        if let path = Self.flags[name], let flag = value.bool {
            self[keyPath: path] = flag
        } else if let path = Self.durations[name], let seconds = value.seconds {
            self[keyPath: path] = seconds
        } else if let path = Self.spans[name], let span = DurationSpan(value) {
            self[keyPath: path] = span
        } else if name == "listedNameSuffix", let text = value.string {
            listedNameSuffix = text
        } else if name == "pageSize", value == .null || value.integer.map({ $0 > 0 }) == true {
            pageSize = value.integer
        } else if name == "extraWorkers", let count = value.integer, (0...2).contains(count) {
            extraWorkers = count
        } else if name == "timeoutWhenOmitted", let milliseconds = value.integer {
            timeoutWhenOmitted = milliseconds
        } else if name == "missingKeys", let keys = value.strings {
            missingKeys = Set(keys)
        } else if name == "unknownWorkerStatus", value == .null || value.string != nil {
            unknownWorkerStatus = value.string
        } else if name == "refusedPools", let pools = value.strings {
            capacity.refusedPools = Set(pools)
        } else if name == "closedPools", let pools = value.strings {
            capacity.closed = Set(pools.map { RunPodWorld.Capacity.Place(pool: $0) })
        } else if name == "hostsDown", let hosts = value.strings {
            let surfaces = hosts.compactMap(SimulatedRequest.Surface.init(rawValue:))
            guard surfaces.count == hosts.count else { return false }
            hostsDown = Set(surfaces)
        } else {
            return false
        }
        return true
    }
}

extension DurationSpan {
    /// A number of seconds, or the shortest and the longest.
    fileprivate init?(_ json: WireJSON) {
        if let seconds = json.seconds {
            self = .exactly(seconds)
        } else if let ends = json.array, ends.count == 2, let shortest = ends[0].seconds, let longest = ends[1].seconds
        {
            self.init(shortest, longest)
        } else {
            return nil
        }
    }
}
