import MartletAPI
import Redis

extension QueueKeys {
    /// What an answer means to a key.
    enum Outcome: Equatable {
        case same
        case changed(from: Value)
        /// It led to another question.
        case askedAgain
    }

    /// - Parameter pollingEvery: how often a stream is read while its group's doings, of which nobody tells, matter.
    mutating func receive(
        _ replies: ArraySlice<RESPValue>, to question: KeyQuestion, about subject: QueueSubject, pushedAt: Instant?,
        pollingEvery: Duration, at now: Instant
    ) -> Outcome {
        guard entries[subject] != nil else { return .same }
        switch question {
        case .size: return receive(size: replies.first, of: subject, at: now)
        case .time: return receive(time: replies.first, for: subject, at: now)
        case .due(_, let unit): return receive(due: replies, in: unit, of: subject, at: now)
        case .group(let name):
            switch StreamFigure.read(replies, group: name) {
            case .absent:
                streams[subject]?.restart()
                return settle(.counted(.absent), of: subject, at: now)
            case .refused(let refusal): return settle(.refused(refusal), of: subject, at: now)
            case .found(let figure):
                let verdict = streams[subject]?.receive(figure, at: now)
                return take(verdict, of: subject, pushedAt: pushedAt, pollingEvery: pollingEvery, at: now)
            }
        case .tail:
            if case .error(let refusal)? = replies.first { return giveUpCounting(subject, refusal, at: now) }
            let verdict = streams[subject]?.receive(page: replies.first, at: now)
            guard verdict != nil else { return giveUpCounting(subject, .generic, at: now) }
            return take(verdict, of: subject, pushedAt: pushedAt, pollingEvery: pollingEvery, at: now)
        }
    }

    private mutating func receive(size reply: RESPValue?, of subject: QueueSubject, at now: Instant) -> Outcome {
        switch reply {
        case .integer(let size):
            let isStream = subject.probe == .entries
            let count = KeyCount(elements: Int(clamping: size))
            // A stream may be empty and there.
            return settle(
                .counted(isStream ? KeyCount(waiting: count.waiting) : count), of: subject, at: now)
        case .error(.wrongType) where entries[subject]?.mayBeOtherType == true:
            if let next = entries[subject]?.size.next {
                entries[subject]?.size = next
                markDirty(subject, pushedAt: nil)
                return .askedAgain
            }
            entries[subject]?.size = .list
            return settle(.refused(.wrongType), of: subject, at: now)
        case .error(let refusal): return settle(.refused(refusal), of: subject, at: now)
        case .null, .double, .boolean, .string, .array, .set, .map, .push, nil:
            return settle(.refused(.generic), of: subject, at: now)
        }
    }

    private mutating func receive(time reply: RESPValue?, for subject: QueueSubject, at now: Instant) -> Outcome {
        guard let time = ServerTime(reply) else {
            if case .error(let refusal)? = reply { return settle(.refused(refusal), of: subject, at: now) }
            return settle(.refused(.generic), of: subject, at: now)
        }
        clock = ServerClock(time: time, readAt: now)
        markDirty(subject, pushedAt: nil)
        return .askedAgain
    }

    private mutating func receive(
        due replies: ArraySlice<RESPValue>, in unit: DueScore, of subject: QueueSubject, at now: Instant
    ) -> Outcome {
        let reading: DueReading
        do throws(DueReading.Refusal) {
            reading = try DueReading(replies)
        } catch {
            switch error {
            case .refused(let refusal): return settle(.refused(refusal), of: subject, at: now)
            }
        }
        clock = ServerClock(time: reading.time, readAt: now)
        alarms[subject] = reading.nextScore.flatMap { reading.time.duration(until: $0, in: unit) }.map {
            now + $0 + Self.afterDue
        }
        let isAbsent = reading.due == 0 && reading.nextScore == nil
        return settle(.counted(KeyCount(waiting: reading.due, isAbsent: isAbsent)), of: subject, at: now)
    }

    private mutating func take(
        _ verdict: StreamCounter.Verdict?, of subject: QueueSubject, pushedAt: Instant?, pollingEvery: Duration,
        at now: Instant
    ) -> Outcome {
        switch verdict {
        case .counting:
            counting.append((subject, pushedAt))
            return .askedAgain
        case .settled(let count, let recheckAt):
            if count.isSilent {
                alarms[subject] = min(now + pollingEvery, recheckAt ?? now + pollingEvery)
            } else {
                alarms[subject] = nil
            }
            readAgainIfDirty(subject)
            return settle(.counted(count), of: subject, at: now)
        case nil: return .same
        }
    }

    private mutating func giveUpCounting(
        _ subject: QueueSubject, _ refusal: RedisReplyError, at now: Instant
    ) -> Outcome {
        streams[subject]?.restart()
        readAgainIfDirty(subject)
        return settle(.refused(refusal), of: subject, at: now)
    }

    /// It became dirty while it was counted, and lost its place among the others.
    mutating func readAgainIfDirty(_ subject: QueueSubject) {
        guard entries[subject]?.isDirty == true else { return }
        dirty.append(subject)
    }

    private mutating func settle(_ new: Value, of subject: QueueSubject, at now: Instant) -> Outcome {
        guard let index = entries.index(forKey: subject) else { return .same }
        let old = entries.values[index].value
        entries.values[index].value = new
        if case .refused = old { refusedCount -= 1 }
        switch new {
        case .unread: break
        case .counted(let count):
            entries.values[index].readAt = now
            entries.values[index].refusedAt = nil
            if count.isSilent {
                entries.values[index].emptySince = nil
            } else if entries.values[index].emptySince == nil {
                entries.values[index].emptySince = now
            }
        case .refused:
            refusedCount += 1
            entries.values[index].emptySince = nil
            entries.values[index].refusedAt = entries.values[index].refusedAt ?? now
            if !entries.values[index].isListedAsRefused {
                entries.values[index].isListedAsRefused = true
                refused.append(subject)
            }
        }
        return new == old ? .same : .changed(from: old)
    }

    /// A task is looked for just after it is due, not just before.
    private static let afterDue = Duration.milliseconds(1)
}

extension QueueProbe {
    /// The command that tells the size of a key of the only type that fits.
    var fittingSize: KeySize {
        switch self {
        case .size: .list
        case .members, .due: .sortedSet
        case .entries, .group: .stream
        }
    }
}
