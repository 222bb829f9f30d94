import FoundationEssentials
import KubernetesModel
import RunPod
import Testing

@testable import martlet

@Suite struct JobTextTests {
    private func job(_ json: String) throws -> Job { try JSONDecoder().decode(Job.self, from: Data(json.utf8)) }

    @Test("the JSON-encoded error of a Python worker is shown as a person would write it")
    func pythonError() throws {
        let report =
            #"{"error_type": "<class 'ValueError'>", "error_message": "no such model", "error_traceback": "Traceback:\n  File \"h.py\"\n", "hostname": "h"}"#
        let encoded = try String(decoding: JSONEncoder().encode(report), as: UTF8.self)
        let job = try job(#"{"id": "a-u1", "status": "FAILED", "error": \#(encoded)}"#)
        let text = try #require(
            JobText.explanation(.finished(job), of: JobWait(following: job.id, patience: nil), name: "x"))
        #expect(text == "FAILED: ValueError: no such model\nTraceback:\n  File \"h.py\"")
    }

    @Test("a completed job whose output is an error is pointed out")
    func errorInOutput() throws {
        let job = try job(#"{"id": "a-u1", "status": "COMPLETED", "output": {"error": {"message": "too long"}}}"#)
        let end = JobEnd.finished(job)
        let text = JobText.explanation(end, of: JobWait(following: job.id, patience: nil), name: "x")
        #expect(text?.contains("too long") == true)
        #expect(end.exitCode == 0)
    }

    @Test("a job as JSON has RunPod's names")
    func asJSON() throws {
        let job = try job(
            #"{"id": "a-u1", "status": "COMPLETED", "delayTime": 31618, "executionTime": 1437, "workerId": "w", "output": [1]}"#
        )
        #expect(
            JSONText.line(JobText.json(job))
                == #"{"delayTime":31618,"executionTime":1437,"id":"a-u1","output":[1],"status":"COMPLETED","workerId":"w"}"#
        )
        #expect(JobText.detail(job).contains("queued   31.6 s\nran      1.4 s"))
    }

    @Test("control characters of foreign text do not reach the terminal")
    func controlCharacters() {
        #expect(PlainText.safe("a\u{1B}[2Jb\u{9B}c\r\n\td\u{7F}") == "a?[2Jb?c?\n\td?")
        #expect(JobText.failure(JobFailure(message: "\u{1B}]0;title\u{7}")) == "?]0;title?")
    }

    @Test("text of language models is printed as text, everything else as a line of JSON")
    func chunks() {
        #expect(ChunkText.text("Hel") == "Hel")
        #expect(ChunkText.text(["choices": [["delta": ["content": "lo"]]]]) == "lo")
        #expect(ChunkText.text(["choices": [["delta": ["role": "assistant"]]]]).isEmpty)
        #expect(ChunkText.text(["choices": [["text": "a"]]]) == "a")
        #expect(ChunkText.text(["choices": [["tokens": ["a", "b"]]], "usage": ["input": 1]]) == "ab")
        #expect(ChunkText.text(["step": 3]) == "{\"step\":3}\n")
        #expect(ChunkText.text(["choices": [["logits": [1]]]]) == "{\"choices\":[{\"logits\":[1]}]}\n")
    }
}
