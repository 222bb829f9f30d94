extension RunPodWorld {
    /// Every second that RunPod bills for, by worker: from the start of its container to its end, rounded up.
    package struct Ledger: Sendable {
        /// What one container cost.
        package struct Entry: Hashable, Sendable {
            package let account: AccountID
            package let endpoint: EndpointID
            package let endpointName: String
            /// The marker of the environment, if there is one.
            package let owner: String?
            package let worker: WorkerID
            package let pool: String
            package let gpuType: String?
            package let gpus: Int
            /// US dollars each second.
            package let price: Double
            package let from: SimulatedInstant
            /// Nil while it runs.
            package internal(set) var to: SimulatedInstant?

            /// Started seconds until its end, or until `instant` if it still runs.
            package func seconds(until instant: SimulatedInstant) -> Int {
                Int((min(to ?? instant, instant) - from).secondsRoundedUp).clamped(from: 0)
            }
        }

        /// Whose seconds to count.
        package enum Scope: Hashable, Sendable {
            case everything
            case endpoint(EndpointID)
            case owner(String)
        }

        /// Ended ones, in the order of their ends.
        package private(set) var closed: [Entry] = []
        private var running: [WorkerID: Entry] = [:]

        /// Running ones, in the order of their starts.
        package var open: [Entry] { running.values.sorted { ($0.from, $0.worker) < ($1.from, $1.worker) } }
        /// All that there is.
        package var entries: [Entry] { closed + open }

        /// The entries of `scope`.
        package func entries(of scope: Scope) -> [Entry] {
            entries.filter { entry in
                switch scope {
                case .everything: true
                case .endpoint(let id): entry.endpoint == id
                case .owner(let owner): entry.owner == owner
                }
            }
        }

        /// Billed worker-seconds up to `instant`.
        package func seconds(of scope: Scope, until instant: SimulatedInstant) -> Int {
            entries(of: scope).reduce(0) { $0 + $1.seconds(until: instant) }
        }

        /// Billed GPU-seconds up to `instant`.
        package func gpuSeconds(of scope: Scope, until instant: SimulatedInstant) -> Int {
            entries(of: scope).reduce(0) { $0 + $1.seconds(until: instant) * $1.gpus }
        }

        /// US dollars up to `instant`.
        package func dollars(of scope: Scope, until instant: SimulatedInstant) -> Double {
            entries(of: scope).reduce(0) { $0 + Double($1.seconds(until: instant)) * $1.price }
        }

        /// The endpoints that billed at `instant`, sorted.
        package func endpoints(of scope: Scope, billingAt instant: SimulatedInstant) -> [EndpointID] {
            let billing = entries(of: scope).filter { $0.from <= instant && $0.to.map { $0 > instant } ?? true }
            return Set(billing.map(\.endpoint)).sorted()
        }

        /// How long more than one endpoint of `owner` billed at once, up to `instant`: zero if nothing was ever duplicated.
        package func doubledTime(of owner: String, until instant: SimulatedInstant) -> Duration {
            var edges: [(at: SimulatedInstant, endpoint: EndpointID, change: Int)] = []
            for entry in entries(of: .owner(owner)) where entry.from < min(entry.to ?? instant, instant) {
                edges.append((entry.from, entry.endpoint, 1))
                edges.append((min(entry.to ?? instant, instant), entry.endpoint, -1))
            }
            edges.sort { ($0.at, $0.change) < ($1.at, $1.change) }
            var billing: [EndpointID: Int] = [:]
            var doubled = Duration.zero
            var last = edges.first?.at
            for edge in edges {
                if billing.count > 1, let last { doubled += edge.at - last }
                last = edge.at
                let count = billing[edge.endpoint, default: 0] + edge.change
                billing[edge.endpoint] = count == 0 ? nil : count
            }
            return doubled
        }

        mutating func open(_ entry: Entry) { running[entry.worker] = entry }

        mutating func close(_ worker: WorkerID, at instant: SimulatedInstant) {
            guard var entry = running.removeValue(forKey: worker) else { return }
            entry.to = instant
            closed.append(entry)
        }
    }
}

extension Int {
    /// This number, or `least` if it is smaller.
    func clamped(from least: Int) -> Int { Swift.max(self, least) }
}
