public import FoundationEssentials
public import KubernetesModel

/// An endpoint that wants to scale a target.
public struct TargetClaim: Sendable, Hashable {
    /// Who claims.
    public var endpoint: ObjectKey
    /// Decides among claims of one age.
    public var uid: String
    /// The older wins.
    public var createdAt: Date

    /// The claim of that endpoint.
    public init(endpoint: ObjectKey, uid: String, createdAt: Date) {
        self.endpoint = endpoint
        self.uid = uid
        self.createdAt = createdAt
    }

    /// The older claim goes first; of one age the smaller uid, so that every operator chooses alike.
    package func precedes(_ other: TargetClaim) -> Bool { (createdAt, uid) < (other.createdAt, other.uid) }
}

/// Another autoscaler that writes the same target.
public struct ForeignAutoscaler: Sendable, Hashable {
    /// `HorizontalPodAutoscaler` or `ScaledObject`.
    public var kind: String
    /// Its name.
    public var name: String
    /// The ScaledObject that owns this HPA, if KEDA made it.
    public var ownerName: String?

    /// An autoscaler that points at the target.
    public init(kind: String, name: String, ownerName: String? = nil) {
        self.kind = kind
        self.name = name
        self.ownerName = ownerName
    }
}

/// Who may write a target: one at a time, or two would undo each other's work for ever.
public enum TargetClaims {
    /// Why `claim` may not write, nil if it may.
    ///
    /// - Parameters:
    ///   - others: the accepted claims to the same target; `claim` itself may be among them.
    ///   - autoscalers: HPAs and ScaledObjects on the same target.
    public static func refusal(
        of claim: TargetClaim, among others: some Sequence<TargetClaim>, autoscalers: some Sequence<ForeignAutoscaler>
    ) -> Refusal? {
        // KEDA's own HPA is named by its ScaledObject, which is what the user has to delete.
        let ranked = autoscalers.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
        if let autoscaler = ranked.first {
            let name = autoscaler.ownerName.map { "ScaledObject \($0)" } ?? "\(autoscaler.kind) \(autoscaler.name)"
            return Refusal(
                reason: "AnotherAutoscaler",
                message: "\(name) scales the same target; delete it or point it elsewhere.")
        }
        let winner = others.reduce(claim) { $1.precedes($0) ? $1 : $0 }
        guard winner.uid != claim.uid else { return nil }
        return Refusal(
            reason: "TargetClaimed",
            message: "InferenceEndpoint \(winner.endpoint.name), which is older, scales the same target.")
    }
}

extension ForeignAutoscaler {
    fileprivate var rank: Int { kind == "ScaledObject" ? 0 : 1 }
}
