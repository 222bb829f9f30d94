/// One thing wrong with a spec, told so that its author knows what to change.
public struct SpecProblem: Sendable, Hashable, CustomStringConvertible {
    /// The reason of `Accepted=False`.
    public var reason: SpecProblemReason
    /// Such as `spec.queue.redis.addresses[0]`; empty where the message names the place.
    public var field: String
    /// What must be so, in words for the author.
    public var message: String

    /// What is left out stays unset.
    public init(_ reason: SpecProblemReason, at field: String, _ message: String) {
        self.reason = reason
        self.field = field
        self.message = message
    }

    /// Field and message in one line.
    public var description: String { field.isEmpty ? message : "\(field): \(message)" }
}

/// The reasons that `Accepted=False` gives for a spec.
public enum SpecProblemReason: String, Sendable, Hashable, CaseIterable {
    case malformed = "Malformed"
    case workersMissing = "WorkersMissing"
    case queueMissing = "QueueMissing"
    case queueKindMissing = "QueueKindMissing"
    case queueKindAmbiguous = "QueueKindAmbiguous"
    case targetMissing = "TargetMissing"
    case targetKindUnsupported = "TargetKindUnsupported"
    case minAboveMax = "MinAboveMax"
    case fallbackAboveMax = "FallbackAboveMax"
    case outOfRange = "OutOfRange"
    case sentinelMasterMissing = "SentinelMasterMissing"
    case notOfMode = "NotOfMode"
    case invalidAddress = "InvalidAddress"
    case invalidName = "InvalidName"
    case invalidKey = "InvalidKey"
    case invalidPriorities = "InvalidPriorities"
    case invalidPrice = "InvalidPrice"
    case credentialsMissing = "CredentialsMissing"
    case imageMissing = "ImageMissing"
    case imageAmbiguous = "ImageAmbiguous"
    case poolsMissing = "PoolsMissing"
    case reservedVariable = "ReservedVariable"
    case variableAmbiguous = "VariableAmbiguous"
    case invalidURL = "InvalidURL"
    case connectionWithoutRunPod = "ConnectionWithoutRunPod"
    case timeZoneMissing = "TimeZoneMissing"
    case invalidTimeZone = "InvalidTimeZone"
    case targetsMissing = "TargetsMissing"
    case windowsMissing = "WindowsMissing"
    case windowTimesMissing = "WindowTimesMissing"
    case windowTimesAmbiguous = "WindowTimesAmbiguous"
    case invalidDay = "InvalidDay"
    case invalidTime = "InvalidTime"
    case invalidCron = "InvalidCron"
    case invalidDate = "InvalidDate"
    case duplicateName = "DuplicateName"
    case notImplemented = "NotImplemented"
}
