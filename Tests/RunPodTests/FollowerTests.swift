import Testing

@testable import RunPod

@Suite struct FollowerTests {
    private static func job(_ status: JobStatus) -> JobFollower.Sight { .job(Job(id: jobID, status: status)) }
    private static func follower() -> JobFollower { JobFollower(start: .seconds(100), patience: .seconds(600)) }

    @Test("a job that does not show at once is given time, then is lost")
    func unseen() {
        var follower = Self.follower()
        #expect(follower.saw(.nothing, now: .seconds(100)) == .goOn)
        #expect(follower.saw(.nothing, now: .seconds(129)) == .goOn)
        #expect(follower.saw(.nothing, now: .seconds(130)) == .lost)
        #expect(follower.saw(Self.job(.inQueue), now: .seconds(131)) == .lost)
    }

    @Test("a job that shows late is followed; one that was seen and is gone has expired")
    func expired() {
        var follower = Self.follower()
        #expect(follower.saw(.nothing, now: .seconds(105)) == .goOn)
        #expect(follower.saw(Self.job(.inProgress), now: .seconds(110)) == .goOn)
        #expect(follower.saw(.nothing, now: .seconds(111)) == .expired)
    }

    @Test("every end ends it", arguments: [JobStatus.completed, .failed, .cancelled, .timedOut])
    func ends(status: JobStatus) {
        var follower = Self.follower()
        #expect(follower.saw(Self.job(status), now: .seconds(9999)) == .ended(Job(id: jobID, status: status)))
    }

    @Test(
        "what does not end is not followed for ever, whatever its status says",
        arguments: [
            JobStatus.inQueue, .inProgress, .unknown("PAUSED"),
        ])
    func overdue(status: JobStatus) {
        var follower = Self.follower()
        #expect(follower.saw(Self.job(status), now: .seconds(699)) == .goOn)
        #expect(follower.saw(Self.job(status), now: .seconds(700)) == .overdue)
    }
}
