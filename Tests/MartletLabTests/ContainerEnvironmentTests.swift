import FoundationEssentials
import Testing

@testable import MartletLab

@Suite("A container as a process")
struct ContainerEnvironmentTests {
    private let surroundings = ProcessSurroundings(
        variables: ["PATH": "/bin", "MARTLET_LAB_RESULTS": "/lab/results"], workingDirectory: "/work",
        logDirectory: "/lab/logs")

    private func pod(_ container: String) throws -> KubeletPod {
        let text = """
            {"metadata": {"name": "worker-1", "namespace": "render", "uid": "u-1", "labels": {"app": "worker"}},
             "spec": {"nodeName": "lab-gpu-3", "containers": [\(container)]}}
            """
        return try JSONDecoder().decode(KubeletPod.self, from: Data(text.utf8))
    }

    private func spec(
        _ container: String, secrets: [KubeletPod.SecretKeyReference: String] = [:]
    ) throws -> ProcessSpec {
        try ProcessSpec(pod(container), podIP: "10.244.0.1", secrets: secrets, in: surroundings)
    }

    @Test("command and args are one command line, with the variables put in")
    func commandLine() throws {
        let spec = try spec(
            """
            {"name": "c", "command": ["celery"], "args": ["-n", "celery@$(POD_NAME)"],
             "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}
            """)
        #expect(spec.executable == "celery")
        #expect(spec.arguments == ["-n", "celery@worker-1"])
        #expect(spec.workingDirectory == "/work")
        #expect(spec.logFile == "/lab/logs/worker-1.log")
    }

    @Test("HOSTNAME is the Pod's name, and the laboratory's variables are there")
    func surroundingVariables() throws {
        let environment = try spec(#"{"name": "c", "command": ["true"]}"#).environment
        #expect(environment == ["PATH": "/bin", "MARTLET_LAB_RESULTS": "/lab/results", "HOSTNAME": "worker-1"])
    }

    @Test("the container's own variables win, its workingDir too")
    func containerWins() throws {
        let spec = try spec(
            """
            {"name": "c", "command": ["true"], "workingDir": "/elsewhere",
             "env": [{"name": "MARTLET_LAB_RESULTS", "value": "/mine"}]}
            """)
        #expect(spec.environment["MARTLET_LAB_RESULTS"] == "/mine")
        #expect(spec.workingDirectory == "/elsewhere")
    }

    @Test("a variable sees those before it, not those after it")
    func order() throws {
        let environment = try spec(
            """
            {"name": "c", "command": ["true"], "env": [
              {"name": "EARLY", "value": "$(LATE)"}, {"name": "LATE", "value": "x"},
              {"name": "LAST", "value": "$(LATE)"}]}
            """
        ).environment
        #expect(environment["EARLY"] == "$(LATE)")
        #expect(environment["LAST"] == "x")
    }

    @Test(
        "fields of the Pod",
        arguments: [
            ("metadata.name", "worker-1"), ("metadata.namespace", "render"), ("metadata.uid", "u-1"),
            ("spec.nodeName", "lab-gpu-3"), ("status.podIP", "10.244.0.1"), ("metadata.labels['app']", "worker"),
            ("metadata.labels['none']", ""),
        ])
    func fields(path: String, expected: String) throws {
        let environment = try spec(
            """
            {"name": "c", "command": ["true"],
             "env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "\(path)"}}}]}
            """
        ).environment
        #expect(environment["X"] == expected)
    }

    private let withSecret = """
        {"name": "c", "command": ["true"],
         "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "redis", "key": "url"}}}]}
        """

    @Test("a Secret's value is taken as it is, dollars and all")
    func secret() throws {
        let reference = KubeletPod.SecretKeyReference(name: "redis", key: "url")
        #expect(try pod(withSecret).secretKeys == [reference])
        let environment = try spec(withSecret, secrets: [reference: "p$(HOSTNAME)"]).environment
        #expect(environment["X"] == "p$(HOSTNAME)")
    }

    @Test("what can't be configured is refused by name")
    func refusals() throws {
        #expect(throws: ContainerConfigurationError.missingSecretKey(secret: "redis", key: "url")) {
            try spec(withSecret)
        }
        #expect(throws: ContainerConfigurationError.noCommand(container: "c")) { try spec(#"{"name": "c"}"#) }
        #expect(throws: ContainerConfigurationError.unsupportedField("metadata.generation")) {
            try spec(
                """
                {"name": "c", "command": ["true"],
                 "env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "metadata.generation"}}}]}
                """)
        }
        #expect(throws: ContainerConfigurationError.unsupportedSource(variable: "X")) {
            try spec(
                """
                {"name": "c", "command": ["true"],
                 "env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}]}
                """)
        }
    }
}
