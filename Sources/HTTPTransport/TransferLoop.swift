internal import CCurl
internal import Glibc

/// The one thread that touches libcurl. It sleeps in `curl_multi_poll` until a socket, a deadline or the mailbox has
/// something for it.
///
/// Confined to its thread, which is why it is not `Sendable`; everybody else holds the `TransferMailbox`.
final class TransferLoop {
    /// libcurl takes milliseconds as an `Int32`; an hour is as good as for ever and can't overflow.
    private static let longestSleep = Duration.seconds(3600)

    /// Microseconds; short beside any timeout, long beside a loop that would burn a core.
    private static let pauseAfterFailure: UInt32 = 50_000

    private let configuration: CurlTransport.Configuration
    private let mailbox: TransferMailbox
    private let identity: TLSIdentity?
    private var multi: UnsafeMutableRawPointer { mailbox.multi.pointer }
    private var handles: [ObjectIdentifier: TransferHandle] = [:]
    private let deadlines = TransferDeadlines()

    private init(_ configuration: CurlTransport.Configuration, _ mailbox: TransferMailbox) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.identity = configuration.tls.map(TLSIdentity.init)
    }

    /// Starts the thread, which ends after `TransferMailbox.close()`.
    static func start(_ configuration: CurlTransport.Configuration) -> TransferMailbox {
        let mailbox = TransferMailbox(multi: MultiHandle())
        let seed = Unmanaged.passRetained(Seed(configuration: configuration, mailbox: mailbox))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { seed in
                guard let seed else { return nil }
                let start = Unmanaged<Seed>.fromOpaque(seed).takeRetainedValue()
                TransferLoop(start.configuration, start.mailbox).run()
                return nil
            }, seed.toOpaque())
        guard code == 0 else { fatalError("no thread for HTTP: error \(code)") }
        pthread_detach(thread)
        return mailbox
    }

    private final class Seed: Sendable {
        let configuration: CurlTransport.Configuration
        let mailbox: TransferMailbox

        init(configuration: CurlTransport.Configuration, mailbox: TransferMailbox) {
            self.configuration = configuration
            self.mailbox = mailbox
        }
    }

    private func run() {
        blockBrokenPipeSignal()
        if let limit = configuration.connectionLimit {
            martlet_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit)
        }
        while true {
            switch mailbox.collect() {
            case .commands(let commands):
                for command in commands { carryOut(command) }
            case .stop(let commands):
                return stop(commands)
            }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishCompleted()
            expire(now: .now)
            if curl_multi_poll(multi, nil, 0, sleepMilliseconds(now: .now), nil) != CURLM_OK {
                // The kernel is out of memory or descriptors: a pause instead of a busy loop until it has some again.
                usleep(Self.pauseAfterFailure)
            }
        }
    }

    /// A write to a socket that is gone must be an error here, not a signal. Only this one: threads and processes
    /// started from here inherit the mask.
    private func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func carryOut(_ command: TransferMailbox.Command) {
        switch command {
        case .start(let transfer, let target): start(transfer, target)
        case .resume(let transfer):
            guard let handle = handles[ObjectIdentifier(transfer)] else { return }
            handle.resume(now: .now)
        case .cancel(let transfer):
            if let handle = handles[ObjectIdentifier(transfer)] { remove(handle) }
        case .count(let asker): asker.resume(returning: handles.count)
        }
    }

    private func start(_ transfer: Transfer, _ target: RequestTarget) {
        guard !transfer.isOver() else { return }
        // Asked again before the first byte; here it spares a connection for nothing.
        if let mayBegin = target.mayBegin, !mayBegin() {
            transfer.end(.withheld)
            return
        }
        guard
            let handle = TransferHandle(
                transfer, target, configuration: configuration, identity: identity, deadlines: deadlines, now: .now)
        else {
            transfer.end(.connectFailed("libcurl refused an option of the request"))
            return
        }
        handles[ObjectIdentifier(transfer)] = handle
        keepConnections()
        guard curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
            handles[ObjectIdentifier(transfer)] = nil
            transfer.end(.connectFailed("libcurl refused the request"))
            return
        }
    }

    private func finishCompleted() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let handle = TransferHandle.of(easy)
            else { continue }
            // Before the handle is removed: the message is freed with it.
            let error = handle.error(for: martlet_message_result(message))
            remove(handle)
            handle.transfer.end(error)
        }
    }

    private func expire(now: ContinuousClock.Instant) {
        guard deadlines.mayBeDue(now: now) else { return }
        let due = handles.values.filter { handle in handle.deadline.map { $0 <= now } ?? false }
        for handle in due {
            remove(handle)
            handle.transfer.end(handle.timeoutError)
        }
        deadlines.earliest = handles.values.compactMap(\.deadline).min()
    }

    private func remove(_ handle: TransferHandle) {
        curl_multi_remove_handle(multi, handle.easy)
        handles[ObjectIdentifier(handle.transfer)] = nil
        keepConnections()
    }

    /// libcurl counts connections in use among those it may keep, so the room for idle ones moves with the live ones.
    private func keepConnections() {
        martlet_multi_set_long(multi, CURLMOPT_MAXCONNECTS, handles.count + configuration.idleConnectionLimit)
    }

    private func sleepMilliseconds(now: ContinuousClock.Instant) -> Int32 {
        let wait = min(deadlines.earliest.map { now.duration(to: $0) } ?? Self.longestSleep, Self.longestSleep)
        guard wait > .zero else { return 0 }
        // Rounded up: waking before the deadline would only mean to wait again.
        return Int32(wait.components.seconds) * 1000 + Int32(wait.components.attoseconds / 1_000_000_000_000_000) + 1
    }

    private func stop(_ commands: [TransferMailbox.Command]) {
        for command in commands {
            switch command {
            case .start(let transfer, _): transfer.end(.shutDown)
            case .count(let asker): asker.resume(returning: 0)
            case .resume, .cancel: break
            }
        }
        for handle in Array(handles.values) {
            remove(handle)
            handle.transfer.end(.shutDown)
        }
        curl_multi_cleanup(multi)
    }
}
