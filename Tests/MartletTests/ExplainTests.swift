import FoundationEssentials
import MartletAPI
import Testing

@testable import martlet

@Suite struct ExplainTests {
    private func endpoint(_ status: String) throws -> InferenceEndpoint {
        let text = #"{"metadata":{"namespace":"dev","name":"work","generation":2},"spec":{},"status":\#(status)}"#
        return try JSONDecoder().decode(InferenceEndpoint.self, from: Data(text.utf8))
    }

    private static let runpod = """
        {"observedGeneration": 2,
         "conditions": [{"type": "RunPodReady", "status": "False", "reason": "Throttled", "message": "No GPU is free.",
                         "lastTransitionTime": "2026-11-20T08:00:00Z"}],
         "runpod": {"endpointId": "abc123", "version": 4,
                    "workers": {"idle": 0, "running": 1, "throttled": 2, "unhealthy": 0, "initializing": 0},
                    "jobs": {"queued": 5, "running": 1, "completed": 7, "failed": 0}}}
        """

    @Test("An endpoint on RunPod is explained by what it has and by what stands in its way")
    func runpod() throws {
        #expect(
            DecisionText.explain(try endpoint(Self.runpod)) == """
                dev/work on RunPod, Throttled since 2026-11-20T08:00:00Z

                inputs
                  runpod     endpoint abc123, release 4
                  workers    1 running, 0 idle, 0 initializing, 2 throttled, 0 unhealthy
                  jobs       5 queued, 1 running, 7 completed, 0 failed

                result       No GPU is free.
                """)
    }

    @Test("A create that was not answered yet is told, and so is a spec that nobody decided over")
    func creating() throws {
        let text = DecisionText.explain(
            try endpoint(
                """
                {"observedGeneration": 1,
                 "conditions": [{"type": "RunPodReady", "status": "Unknown", "reason": "Creating", "message": "Asked for.",
                                 "lastTransitionTime": "2026-11-20T08:00:00Z"}],
                 "runpod": {"intent": {"name": "martlet-dev-work-1", "time": "2026-11-20T08:00:00Z"}}}
                """))
        #expect(text.contains("martlet-dev-work-1 is being created since 2026-11-20T08:00:00Z"))
        #expect(text.hasSuffix("(the spec has changed since; the operator has not decided over it yet)"))
    }

    @Test("Without a decision the reason is told")
    func undecided() throws {
        #expect(DecisionText.explain(try endpoint("{}")).contains("nothing was decided; no operator has seen it yet"))
    }

    @Test("The status of one endpoint shows what it has on RunPod")
    func detail() throws {
        #expect(EndpointText.detail(try endpoint(Self.runpod)).contains("  jobs       5 queued, 1 running"))
    }
}
