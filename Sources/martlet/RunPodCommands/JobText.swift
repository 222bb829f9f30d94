internal import KubernetesModel
internal import RunPod

/// Jobs and their ends as text.
enum JobText {
    /// The whole job, named as RunPod names its members.
    static func json(_ job: Job) -> JSONValue {
        .members([
            "id": .string(job.id.rawValue), "status": .string(job.status.rawValue),
            "delayTime": .number(job.delayTime), "executionTime": .number(job.executionTime),
            "workerId": .text(job.workerID), "output": job.output, "retries": .number(job.retries),
            "error": job.failure.map {
                .members(["message": .string($0.message), "type": .text($0.type), "traceback": .text($0.traceback)])
            },
        ])
    }

    /// A few lines for people, without the output.
    static func detail(_ job: Job) -> String {
        var lines = ["job      \(job.id)", "status   \(PlainText.safe(job.status.rawValue))"]
        if let delay = job.delayTime { lines.append("queued   \(seconds(delay))") }
        if let execution = job.executionTime { lines.append("ran      \(seconds(execution))") }
        if let worker = job.workerID { lines.append("worker   \(PlainText.safe(worker))") }
        if let retries = job.retries, retries > 0 { lines.append("retries  \(retries)") }
        return lines.joined(separator: "\n")
    }

    /// `ValueError: no such model`, with the traceback on the lines behind it.
    static func failure(_ failure: JobFailure) -> String {
        var text = failure.type.map { "\(className($0)): " } ?? ""
        text += failure.message.isEmpty ? "no message" : failure.message
        if let traceback = failure.traceback, !traceback.isEmpty { text += "\n" + trimmed(traceback) }
        return PlainText.safe(text)
    }

    /// What to say on stderr of an end; nil where the output says all. `name` is what the user called the endpoint.
    static func explanation(_ end: JobEnd, of wait: JobWait, name: String) -> String? {
        switch end {
        case .finished(let job): ending(job)
        case .expired(let id, let status):
            "job \(id) is not known to RunPod any more (last seen \(PlainText.safe(status.rawValue))): its time to live "
                + "or its result's retention (30 minutes) is over, or the queue was purged"
        case .neverAppeared(let id):
            "RunPod knows no job \(id) of this endpoint: the id is wrong, or its result's retention (30 minutes) is over"
        case .unreadable(let id, let error):
            "job \(id) can't be read: \(error)\nit may go on: martlet job \(name) \(id)"
        case .notUnderstood(let id, let status):
            "job \(id) has the status \(PlainText.safe(status)), which this version of martlet does not know: "
                + "martlet job \(name) \(id)"
        case .outwaited(let id, let status): outwaited(id, status, wait.queue.cause, name)
        case .cancelUnconfirmed(let id, let error):
            "it is not certain that job \(id) is cancelled" + (error.map { ": \($0)" } ?? "")
                + "\ntry again: martlet cancel \(name) \(id)"
        case .notSubmitted(let error): "no job was submitted: \(error)"
        case .submissionInDoubt(let error):
            "the answer to the submission was lost, so there may be a job: \(error)\nit is not sent again, because RunPod "
                + "can't tell a repeat; martlet health \(name) shows the queue"
        case .givenUp(.some(let id)): "job \(id) may go on: martlet job \(name) \(id), martlet cancel \(name) \(id)"
        case .givenUp(nil): "a job may have been submitted; its id is not known: martlet health \(name) shows the queue"
        }
    }

    private static func ending(_ job: Job) -> String? {
        switch job.status {
        case .completed:
            job.errorInOutput.map {
                "the job is COMPLETED, but its output reports an error: \(PlainText.safe(JSONText.line($0)))"
            }
        case .failed: "FAILED: " + (job.failure.map(failure) ?? "RunPod does not say why")
        case .timedOut: "TIMED_OUT" + (job.failure.map { ": \(failure($0))" } ?? "")
        case .cancelled: "CANCELLED"
        case .inQueue, .inProgress, .unknown: nil
        }
    }

    private static func outwaited(
        _ id: JobID, _ status: JobStatus?, _ cause: QueueView.Cause, _ name: String
    ) -> String {
        var text = "job \(id) has not ended in time"
        switch status {
        case nil, .inQueue: text += " (queued" + (cause == .unknown ? ")" : "; \(cause))")
        case .inProgress: text += " (running)"
        case .unknown, .completed, .failed, .cancelled, .timedOut: break
        }
        return text + "\nit goes on: martlet job \(name) \(id) --wait, martlet cancel \(name) \(id)"
    }

    /// `<class 'ValueError'>` is how Python spells ValueError.
    private static func className(_ type: String) -> String {
        guard type.hasPrefix("<class '"), type.hasSuffix("'>") else { return type }
        return String(type.dropFirst("<class '".count).dropLast("'>".count))
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// `31.6 s`.
    private static func seconds(_ milliseconds: Int) -> String {
        let tenths = milliseconds / 100 + (milliseconds % 100 >= 50 ? 1 : 0)
        return "\(tenths / 10).\(abs(tenths % 10)) s"
    }
}
