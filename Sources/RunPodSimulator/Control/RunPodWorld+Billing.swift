extension RunPodWorld {
    /// A window of the bill and its buckets.
    private struct BillingWindow {
        let from: SimulatedInstant
        let to: SimulatedInstant
        let bucket: Duration
        let bucketName: String

        var query: [String: WireJSON] {
            [
                "startTime": .string(from.rfc3339), "endTime": .string(to.rfc3339),
                "bucketSize": .string(bucketName),
            ]
        }
    }

    /// Months and years are cut to 30 and 365 days here: nothing of ours asks for them.
    private static let bucketDays = ["day": 1.0, "hour": 1.0 / 24, "week": 7, "month": 30, "year": 365]

    func serverlessBilling(of account: AccountID, _ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse {
        let window = try billingWindow(request)
        let only = request.query["serverlessId"]
        var records: [WireJSON] = []
        var dollars = 0.0
        var billed: Set<EndpointID> = []
        let entries = ledger.entries.filter {
            $0.account == account && $0.from < window.to && (only == nil || $0.endpoint.text == only)
        }
        var begin = window.from
        while begin < window.to {
            let end = min(begin + window.bucket, window.to)
            var sums: [EndpointID: Double] = [:]
            for entry in entries where entry.from < end && (entry.to ?? now) > begin {
                let seconds = Self.seconds(of: entry, from: begin, to: min(end, now))
                if seconds > 0 { sums[entry.endpoint, default: 0] += Double(seconds) * entry.price }
            }
            for (id, amount) in sums.sorted(by: { $0.key < $1.key }) {
                billed.insert(id)
                dollars += amount
                let span: [String: WireJSON] = [
                    "startTime": .string(begin.rfc3339), "endTime": .string(end.rfc3339),
                    "serverlessId": .string(id.text),
                ]
                records.append(.object(span.merging(Self.amounts(amount)) { $1 }))
            }
            begin = end
        }
        var query = window.query
        query["serverlessId"] = WireJSON(only)
        return .json(
            200,
            [
                "records": .array(records),
                "metadata": [
                    "query": .object(query), "recordCount": WireJSON(records.count),
                    "uniqueServerlessCount": WireJSON(billed.count), "totals": .object(Self.amounts(dollars)),
                ],
            ])
    }

    /// RunPod's public endpoints, a product of its own: a trap for who looks for the own endpoints' cost here.
    func publicEndpointBilling(_ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse {
        let window = try billingWindow(request)
        return .json(
            200,
            [
                "records": [],
                "metadata": [
                    "query": .object(window.query), "recordCount": 0, "uniqueEndpointCount": 0,
                    "totals": ["totalAmount": 0],
                ],
            ])
    }

    /// Whole seconds of an entry in a bucket: differences of rounded sums, so that buckets add up to the ledger.
    private static func seconds(of entry: Ledger.Entry, from begin: SimulatedInstant, to end: SimulatedInstant) -> Int {
        entry.seconds(until: end) - entry.seconds(until: max(begin, entry.from))
    }

    private static func amounts(_ gpu: Double) -> [String: WireJSON] {
        ["totalAmount": WireJSON(gpu), "gpuAmount": WireJSON(gpu), "cpuAmount": 0, "diskAmount": 0, "feeAmount": 0]
    }

    private func billingWindow(_ request: SimulatedRequest) throws(Refusal) -> BillingWindow {
        let query = request.query
        let name = query["bucketSize"] ?? "day"
        guard let days = Self.bucketDays[name] else { throw Refusal(Problem.invalid(["bucketSize: unknown value"])) }
        let bucket = Duration.seconds(Int64(days * 86_400))
        let times = try ["startTime", "endTime"].map { key throws(Refusal) -> SimulatedInstant? in
            guard let text = query[key] else { return nil }
            guard let instant = SimulatedInstant(rfc3339: text) else {
                throw Refusal(Problem.invalid(["\(key): not a date-time"]))
            }
            return instant
        }
        if query["lastN"] != nil, times[0] != nil || times[1] != nil {
            throw Refusal(400, "lastN and startTime or endTime are mutually exclusive")
        }
        let to = Self.snap(times[1] ?? now, up: true, to: bucket)
        var from = times[0] ?? (now + .seconds(-30 * 86_400))
        if let text = query["lastN"] {
            guard let count = Int(text), (1...10_000).contains(count) else {
                throw Refusal(Problem.invalid(["lastN: minimum 1"]))
            }
            from = to + .milliseconds(-bucket.wholeMilliseconds * Int64(count))
        }
        from = Self.snap(from, up: false, to: bucket)
        guard from < to, (to - from).wholeMilliseconds / bucket.wholeMilliseconds <= 100_000 else {
            throw Refusal(400, "startTime must lie before endTime")
        }
        return BillingWindow(from: from, to: to, bucket: bucket, bucketName: name)
    }

    private static func snap(_ instant: SimulatedInstant, up: Bool, to bucket: Duration) -> SimulatedInstant {
        let width = bucket.wholeMilliseconds
        let number = (instant.milliseconds + (up ? width - 1 : 0)).flooredQuotient(width)
        return SimulatedInstant(milliseconds: number * width)
    }
}
