import FoundationEssentials
import KubernetesModel
import MartletAPI
import RunPod
import Testing

@testable import martlet

@Suite struct EndpointAddressTests {
    static func object(
        uid: String = "u-1", status: InferenceEndpointStatus? = nil, adopting: String? = nil, spec: String? = nil
    ) throws -> InferenceEndpoint {
        let adopted = adopting.map { #""adoptEndpointId": "\#($0)", "# } ?? ""
        let spec =
            spec
            ?? #"{"runpod": {\#(adopted)"credentialsSecretRef": {"name": "runpod"}, "image": "a/b:1", "gpu": {"pools": ["ADA_24"]}}}"#
        let text = #"{"metadata": {"name": "image-gen", "namespace": "dev", "uid": "\#(uid)"}, "spec": \#(spec)}"#
        var object = try JSONDecoder().decode(InferenceEndpoint.self, from: Data(text.utf8))
        object.status = status
        return object
    }

    private func problem(_ object: InferenceEndpoint) -> String? {
        do throws(CommandFailure) {
            _ = try EndpointAddress(object)
            return nil
        } catch { return error.description }
    }

    @Test("the id comes from the status, the key from the Secret that the spec names")
    func address() throws {
        let object = try Self.object(status: InferenceEndpointStatus(runpod: RunPodStatus(endpointId: "4m7x2k9q")))
        let address = try EndpointAddress(object)
        #expect(address.id == .sample)
        #expect(address.secret == ObjectKey(namespace: "dev", name: "runpod") && address.secretKey == "apiKey")
    }

    @Test("without an endpoint the reason that the operator gave is told")
    func notYet() throws {
        let condition = Condition(
            type: "RunPodReady", status: .no, reason: "BalanceEmpty", message: "add credit",
            lastTransitionTime: Timestamp(Date(timeIntervalSince1970: 0)), observedGeneration: 1)
        let object = try Self.object(status: InferenceEndpointStatus(conditions: [condition]))
        #expect(problem(object) == "image-gen has no RunPod endpoint yet: BalanceEmpty: add credit")
        #expect(problem(try Self.object())?.contains("martlet status image-gen") == true)
    }

    @Test("a closed endpoint without an id, an endpoint without runpod and a refused spec say what to do")
    func others() throws {
        let closed = InferenceEndpointStatus(schedule: ScheduleStatus(open: false, by: "office-hours"))
        #expect(problem(try Self.object(status: closed))?.contains("martlet open image-gen") == true)
        let spec = #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}}}"#
        #expect(problem(try Self.object(spec: spec))?.hasPrefix("the spec of image-gen is refused") == true)
        let workers =
            #"{"queue": {"redis": {"addresses": ["r:6379"]}, "list": {"key": "k"}}, "workers": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "w"}}}"#
        #expect(problem(try Self.object(spec: workers))?.contains("no runpod part") == true)
    }

    @Test("jobs are not queued for a closed endpoint unasked")
    func closed() throws {
        let until = Timestamp("2026-11-23T08:00:00+09:00")
        let schedule = ScheduleStatus(open: false, by: "office-hours", nextTransitionTime: until)
        let status = InferenceEndpointStatus(schedule: schedule, runpod: RunPodStatus(endpointId: "4m7x2k9q"))
        let problem = EndpointAddress.closedProblem(try Self.object(status: status))?.description
        #expect(problem?.contains("closed by office-hours until 2026-11-22T23:00:00Z") == true)
        #expect(problem?.contains("martlet open image-gen") == true && problem?.contains("--even-if-closed") == true)
        #expect(EndpointAddress.closedProblem(try Self.object()) == nil)
    }

    @Test("an endpoint whose workers.max is 0, or that has no queue, takes no jobs")
    func takesNoJobs() {
        var endpoint = RunPodEndpoint(id: .sample)
        #expect(EndpointSession.problem(endpoint, hint: "x") == nil)
        endpoint.workers = WorkersBounds(min: 0, max: 0)
        #expect(EndpointSession.problem(endpoint, hint: "x")?.description.contains("martlet open x") == true)
        endpoint.type = .loadBalancer
        #expect(EndpointSession.problem(endpoint, hint: "x")?.description.contains("load-balanced") == true)
    }

    @Test("a Secret's location is namespace/name, with the key behind a colon")
    func locations() throws {
        #expect(SecretLocation("dev/runpod")?.description == "dev/runpod:apiKey")
        #expect(SecretLocation("dev/runpod:token")?.field == "token")
        for bad in ["runpod", "/runpod", "dev/", "a/b/c", "dev/runpod:", "dev/:k"] {
            #expect(SecretLocation(bad) == nil, "\(bad)")
        }
        let named = SecretLocation.named(by: [try Self.object(), try Self.object(uid: "u-2")])
        #expect(named.map(\.description) == ["dev/runpod:apiKey"])
    }

    @Test("a Secret's key is trimmed; what can't be a key is refused without being shown")
    func secretKey() throws {
        var secret = Secret(metadata: ObjectMeta(name: "runpod", namespace: "dev"))
        secret.data = ["apiKey": Array("abc\n".utf8), "bad": Array("a b".utf8)]
        #expect(try RunPodKeySource.key(in: secret, "apiKey") == RunPodKey("abc"))
        for field in ["bad", "missing"] {
            #expect {
                try RunPodKeySource.key(in: secret, field)
            } throws: { error in
                "\(error)".contains(field) && !"\(error)".contains("a b")
            }
        }
    }
}
