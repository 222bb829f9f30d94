internal import FoundationEssentials

/// As whom an operator stands for the lead.
enum CandidateIdentity {
    /// The Lease that operators of one installation share.
    static let lease = "martlet.dev"

    /// The machine's name for people, and a part that no other process has, not even the one before in the same Pod.
    static func make() -> String {
        "\(ServerAddresses.hostName)_\(UUID().uuidString.lowercased())"
    }
}
