internal import KubernetesModel

/// The condition `Mirrored` of one endpoint, before it is dated.
struct MirrorReport: Sendable, Hashable {
    var status: ConditionStatus
    var reason: String
    var message: String

    static let notYet = MirrorReport(
        status: .unknown, reason: "NotMirroredYet", message: "The row has not been written yet.")
    static let mirrored = MirrorReport(
        status: .yes, reason: "Mirrored", message: "The table says what the connection is.")
    static let claimed = MirrorReport(
        status: .no, reason: "RowClaimed",
        message: "An older InferenceEndpoint writes the same row; give spec.mirror.supabase.serviceName another value.")

    private init(status: ConditionStatus, reason: String, message: String) {
        self.status = status
        self.reason = reason
        self.message = message
    }

    init(_ error: MirrorError) { self.init(status: .no, reason: error.reason, message: error.message) }
}
