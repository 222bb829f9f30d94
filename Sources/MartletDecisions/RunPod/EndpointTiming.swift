/// How long the driver waits for what. Seconds.
package enum EndpointTiming {
    /// A create that was sent is in force, and in every list, by then or never: request limit (30 s), a paused process whose
    /// lead has run out (15 s), and what RunPod's own gateways hold back, twice over. Until then nothing is created again.
    package static let settle = 120.0
    /// An intent older than this is not acted on any more: another operator may already count from it.
    package static let intentLifetime = 20.0
    /// Complete lists without the endpoint that count as proof, and how far apart they must be.
    package static let absences = 2
    package static let absenceGap = 5.0
    /// One list of this age serves every endpoint of an account that rests.
    package static let listInterval = 60.0
    /// After a write: the first look, and the gap between further ones.
    package static let verifyDelay = 3.0
    package static let verifyInterval = 10.0
    /// A list may lag so long behind a write; after it the setting counts as put back.
    package static let consistency = 20.0
    /// A list that shows an endpoint so long after its 404 is right, and the 404 was not.
    package static let undead = 300.0
    /// Corrections within an hour until they are spaced.
    package static let corrections = 5
    package static let correctionWindow = 3600.0
    package static let healthBusy = 15.0
    package static let healthIdle = 60.0
    /// Jobs that were left when a deleting schedule closed end by themselves or by people.
    package static let healthLeftOver = 300.0
    /// Two readings without jobs that are this far apart end a drain: `inProgress` and `inQueue` are not read at once.
    package static let idleGap = 5.0
    /// A DELETE that was answered is sent again if the endpoint is still there after this time.
    package static let redelete = 30.0
    /// How long a deleted object waits for a key that reaches its endpoint.
    package static let abandonAfter = 600.0
    /// Between attempts of what was refused or failed.
    package static let firstRetry = 2.0
    package static let firstRetryOfRefusal = 30.0
    package static let longestRetry = 60.0
    package static let longestRetryOfRefusal = 600.0
}
