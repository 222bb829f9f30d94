internal import KubernetesModel
internal import RunPod

/// RunPod's GPU types by pool; the catalogue alone says which pool holds what.
struct PoolTable: Sendable {
    struct Pool: Sendable {
        var id: GPUPool
        var members: [GPUType]
        /// The place among the pools that an endpoint names, from 1; nil: not named.
        var rank: Int?
    }

    /// Named ones first by rank, then by price.
    var pools: [Pool]
    /// Named, but not in the catalogue.
    var unknown: [String]
    private let marks: Bool

    init(_ types: [GPUType], named: [String]) {
        var members: [GPUPool: [GPUType]] = [:]
        for type in types { if let pool = type.pool { members[pool, default: []].append(type) } }
        marks = !named.isEmpty
        unknown = named.filter { members[GPUPool(rawValue: $0)] == nil }
        pools = members.map { id, types in
            Pool(
                id: id, members: types.sorted { $0.id < $1.id },
                rank: named.firstIndex(of: id.rawValue).map { $0 + 1 })
        }.sorted { left, right in
            (left.rank ?? .max, left.price ?? .infinity, left.id.rawValue)
                < (right.rank ?? .max, right.price ?? .infinity, right.id.rawValue)
        }
    }

    var text: String {
        guard !pools.isEmpty else { return "RunPod's catalogue names no pool." }
        let mark: [String] = marks ? ["RANK"] : []
        let rows = pools.map { pool in
            (marks ? [pool.rank.map(String.init) ?? ""] : []) + [
                pool.id.rawValue, pool.memory.map { "\($0) GB" } ?? "-", pool.prices ?? "-",
                pool.availability?.word ?? "-",
                pool.members.map { member in
                    let name = member.name ?? member.id
                    guard let own = member.availability, own != pool.availability else { return name }
                    return "\(name) (\(own.word))"
                }.joined(separator: ", "),
            ]
        }
        return TextTable.text([mark + ["POOL", "MEMORY", "USD/H", "FREE", "GPUS"]] + rows)
    }

    var json: JSONValue {
        .array(
            pools.map { pool in
                .members([
                    "pool": .string(pool.id.rawValue), "rank": .number(pool.rank),
                    "gpus": .array(
                        pool.members.map { member in
                            .members([
                                "id": .string(member.id), "name": .text(member.name), "memory": .number(member.memory),
                                "price": member.serverlessPrice.map { .number($0) },
                                "availability": .text(member.availability?.rawValue),
                                "dataCenters": .array(
                                    member.dataCenters.map { center in
                                        .members([
                                            "id": .string(center.id),
                                            "availability": .text(center.availability?.rawValue),
                                        ])
                                    }),
                            ])
                        }),
                ])
            })
    }
}

extension PoolTable.Pool {
    /// The lowest price of its members.
    var price: Double? { members.compactMap(\.serverlessPrice).min() }

    /// `0.68`, or `4.18 to 4.47`.
    fileprivate var prices: String? {
        let prices = members.compactMap(\.serverlessPrice)
        guard let low = prices.min(), let high = prices.max() else { return nil }
        let (first, last) = (Self.dollars(low), Self.dollars(high))
        return first == last ? first : "\(first) to \(last)"
    }

    /// In GB: `24`, or `16 to 20`.
    fileprivate var memory: String? {
        let sizes = members.compactMap(\.memory)
        guard let low = sizes.min(), let high = sizes.max() else { return nil }
        return low == high ? "\(low)" : "\(low) to \(high)"
    }

    /// The best of its members: a worker takes any of them.
    fileprivate var availability: Availability? {
        members.compactMap(\.availability).max { $0.rank < $1.rank }
    }

    /// Whole cents.
    private static func dollars(_ price: Double) -> String {
        guard price.isFinite, price >= 0, price < 1e6 else { return "?" }
        let cents = Int((price * 100).rounded())
        return "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }
}

extension Availability {
    /// For people.
    fileprivate var word: String {
        switch self {
        case .soldOut: "none"
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .unknown(let word): word
        }
    }

    fileprivate var rank: Int {
        switch self {
        case .unknown: 0
        case .soldOut: 1
        case .low: 2
        case .medium: 3
        case .high: 4
        }
    }
}
