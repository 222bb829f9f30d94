import Foundation
import KubernetesModel
import RunPod
import Testing

@testable import martlet

/// The built `martlet` against the lab's RunPod, as a user without a cluster runs it.
@Suite("martlet on a simulated RunPod", .timeLimit(.minutes(3))) struct EndToEndTests {
    @Test("run prints the job's id, and job finds it")
    func run() async throws {
        let lab = try await RunPodLab.start()
        let id = try await lab.endpoint().rawValue
        let run = try await lab.run("run", "--endpoint-id", id, "prompt=hi", "steps:=20")
        #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
        let job = run.output.trimmingCharacters(in: .newlines)
        #expect(JobID(job) != nil)

        let waited = try await lab.run("job", "--endpoint-id", id, job, "--wait")
        #expect(waited.status == 0)
        #expect(JSONText.parse(Array(waited.output.utf8)) == ["echo": ["prompt": "hi", "steps": 20]])
        let shown = try await lab.run("job", "--endpoint-id", id, job, "-o", "json")
        #expect(JSONText.parse(Array(shown.output.utf8))?["status"] == "COMPLETED")
        #expect(try await lab.run("job", "--endpoint-id", id, "nowhere-u1").status == 5)
        #expect(try await lab.run("cancel", "--endpoint-id", id, "nowhere-u1").status == 5)
    }

    @Test("sync prints the output alone, and its exit code is the job's end")
    func sync() async throws {
        let lab = try await RunPodLab.start()
        let id = try await lab.endpoint().rawValue
        let completed = try await lab.run("sync", "--endpoint-id", id, "-", input: #"{"prompt": "hi"}"#)
        #expect(completed.status == 0 && completed.errors.isEmpty, "\(completed)")
        #expect(JSONText.parse(Array(completed.output.utf8)) == ["echo": ["prompt": "hi"]])

        let failed = try await lab.run("sync", "--endpoint-id", id, #"lab:={"fails": "no such model"}"#)
        #expect(failed.status == 1 && failed.output.isEmpty && failed.errors.contains("no such model"), "\(failed)")
        let slow = try await lab.run(
            "sync", "--endpoint-id", id, "--execution-timeout", "5s", #"lab:={"seconds": 600}"#)
        #expect(slow.status == 3, "\(slow)")
    }

    @Test("Ctrl-C cancels the job that sync waits for")
    func interrupt() async throws {
        let lab = try await RunPodLab.start()
        let id = try await lab.endpoint()
        let sync = try lab.begin(["sync", "--endpoint-id", id.rawValue, #"lab:={"seconds": 600000}"#])
        let jobs = try lab.connection().jobs
        while try await jobs.health(of: id).jobs.inProgress != 1 { try await Task.sleep(for: .milliseconds(20)) }
        sync.interrupt()
        let result = await sync.result()
        #expect(result.status == 4 && result.errors.contains("CANCELLED"), "\(result)")
        #expect(try await jobs.health(of: id).jobs.inProgress == 0)
    }

    @Test("stream prints every chunk, once")
    func stream() async throws {
        let lab = try await RunPodLab.start()
        let id = try await lab.endpoint().rawValue
        let stream = try await lab.run(
            "stream", "--endpoint-id", id, "-o", "json", #"lab:={"chunks": 5, "seconds": 10}"#)
        #expect(stream.status == 0 && stream.output.split(separator: "\n").count == 5, "\(stream)")
    }

    @Test("a stream whose reader goes away is cancelled, because nobody would read what it costs")
    func readerLeaves() async throws {
        let lab = try await RunPodLab.start()
        let id = try await lab.endpoint()
        let stream = try lab.begin(
            ["stream", "--endpoint-id", id.rawValue, #"lab:={"chunks": 10000, "seconds": 100000}"#], isUnread: true)
        let result = await stream.result()
        #expect(result.status == 4, "\(result)")
        #expect(try await lab.connection().jobs.health(of: id).jobs.inProgress == 0)
    }

    @Test("a closed endpoint takes no job unless asked to, and purge says how many it dropped")
    func closed() async throws {
        let lab = try await RunPodLab.start()
        let id = try await lab.endpoint(max: 0).rawValue
        let refused = try await lab.run("sync", "--endpoint-id", id, "prompt=hi")
        #expect(refused.status == 2 && refused.errors.contains("martlet open"), "\(refused)")
        #expect(try await lab.run("run", "--endpoint-id", id, "--even-if-closed", "prompt=hi").status == 0)
        let stuck = try await lab.run(
            "sync", "--endpoint-id", id, "--even-if-closed", "--timeout", "3s", "prompt=hi")
        #expect(stuck.status == 5, "\(stuck)")
        let health = try await lab.run("health", "--endpoint-id", id)
        #expect(health.output.contains("workers 0 to 0 (closed)") && health.output.contains("queued jobs wait: closed"))
        let unasked = try await lab.run("purge", "--endpoint-id", id)
        #expect(unasked.status == 2 && unasked.errors.contains("2 queued jobs"), "\(unasked)")
        let purged = try await lab.run("purge", "--endpoint-id", id, "--yes")
        #expect(purged.status == 0 && purged.output == "2 jobs dropped\n", "\(purged)")
    }

    @Test("the catalogue and the templates are shown with the key of the environment")
    func account() async throws {
        let lab = try await RunPodLab.start()
        let gpus = try await lab.run("gpus")
        #expect(gpus.status == 0 && gpus.output.contains("ADA_24"), "\(gpus)")
        let json = JSONText.parse(Array(try await lab.run("gpus", "-o", "json").output.utf8))
        #expect(json?.array?.contains { $0["pool"] == "AMPERE_24" } == true)
        #expect(try await lab.run("templates").status == 0)
    }

    @Test(
        "a refused, a malformed and a missing key are told without being shown", arguments: ["wrong-key", "a b", nil])
    func keys(key: String?) async throws {
        let lab = try await RunPodLab.start()
        let id = try await lab.endpoint().rawValue
        for command in [["run", "--endpoint-id", id, "a=1"], ["health", "--endpoint-id", id], ["gpus"]] {
            let result = try await lab.begin(command, key: key).result()
            #expect(result.status == 2 && result.output.isEmpty && !result.errors.isEmpty, "\(command): \(result)")
            if let key { #expect(!result.errors.contains(key)) }
        }
    }
}
