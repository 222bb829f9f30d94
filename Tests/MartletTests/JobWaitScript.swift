import FoundationEssentials
import HTTPTransport
import KubernetesModel
import RunPod

@testable import martlet

/// A `JobWait` that is driven by hand, with the step it wants done and the clock.
struct JobWaitScript {
    var wait: JobWait
    var now = Duration.zero
    /// What was asked for last.
    private(set) var step: JobWait.Step?
    private(set) var looks: [JobWait.Action] = []
    private var ticket = 0

    init(_ wait: JobWait) {
        self.wait = wait
        tell(.began)
    }

    /// A submitted job whose id is known.
    static func submitted(_ reading: JobWait.Reading = .status, patience: Duration? = nil) -> JobWaitScript {
        var script = JobWaitScript(JobWait(submitting: reading, patience: patience, bounds: nil))
        script.end(.submitted(Job(id: .sample, status: .inQueue)))
        return script
    }

    var end: JobEnd? { wait.end }

    /// The step that is under way ends so.
    mutating func end(_ outcome: JobWait.Outcome) { tell(.ended(outcome, ticket)) }

    /// The pause that is under way passes.
    mutating func pass() {
        guard case .pause(let pause) = step else { return }
        now += pause
        end(.paused)
    }

    mutating func tell(_ event: JobWait.Event) {
        looks = []
        for action in wait.receive(event, now: now) {
            switch action {
            case .begin(let step, let ticket):
                self.step = step
                self.ticket = ticket
            case .lookAtHealth, .lookAtBounds: looks.append(action)
            case .stop: step = nil
            }
        }
    }
}

extension JobID {
    static var sample: JobID { JobID("bd9227e3-u1") ?? JobID.other }
    private static var other: JobID { preconditionFailure("not an id") }
}

extension EndpointID {
    static var sample: EndpointID { EndpointID("4m7x2k9q") ?? EndpointID.other }
    private static var other: EndpointID { preconditionFailure("not an id") }
}

extension RunPodError {
    static func reading(_ cause: Cause) -> RunPodError { RunPodError(.readJob(.sample, .sample), cause) }
    static var notThere: RunPodError { reading(.notFound(Problem(status: 404))) }
    static var broken: RunPodError { reading(.transport(.connectionLost("reset"))) }
}

extension Job {
    static func sample(_ status: JobStatus) -> Job { Job(id: .sample, status: status) }
}

extension JobStreamPage {
    /// As RunPod sends it; without a status the bare list of an old worker.
    static func sample(_ status: JobStatus?, _ chunks: [JSONValue]) -> JobStreamPage {
        let list = JSONValue.array(chunks.map { ["output": $0] })
        let body = status.map { ["status": .string($0.rawValue), "stream": list] } ?? list
        guard let data = try? JSONEncoder().encode(body),
            let page = try? JSONDecoder().decode(JobStreamPage.self, from: data)
        else { preconditionFailure("not a page") }
        return page
    }
}
