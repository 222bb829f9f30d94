internal import CCurl
internal import Synchronization

/// How any task speaks to the one thread that may touch libcurl.
final class TransferMailbox: Sendable {
    enum Command: Sendable {
        case start(Transfer, RequestTarget)
        /// The reader took what was buffered of a paused transfer.
        case resume(Transfer)
        /// The reader is gone.
        case cancel(Transfer)
        /// Asks for the number of handles, once what was posted before is done.
        case count(CheckedContinuation<Int, Never>)
    }

    enum Delivery {
        case commands([Command])
        case stop([Command])
    }

    private enum Phase {
        case open
        case closing
        /// The multi handle is about to be freed: nobody may wake it any more.
        case sealed
    }

    private struct State {
        var phase: Phase = .open
        var waiting: [Command] = []
    }

    private let state = Mutex(State())
    let multi: MultiHandle

    init(multi: MultiHandle) { self.multi = multi }

    /// Hands `command` over; false if the thread has ended or is about to.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            switch state.phase {
            case .open:
                state.waiting.append(command)
                // One wake-up is enough for all that the thread will find. Woken inside the lock, because outside
                // the handle might be freed by then.
                if state.waiting.count == 1 { curl_multi_wakeup(multi.pointer) }
                return true
            case .closing, .sealed: return false
            }
        }
    }

    func close() {
        state.withLock { state in
            switch state.phase {
            case .open:
                state.phase = .closing
                curl_multi_wakeup(multi.pointer)
            case .closing, .sealed: break
            }
        }
    }

    func liveTransfers() async -> Int {
        await withCheckedContinuation { asker in
            if !post(.count(asker)) { asker.resume(returning: 0) }
        }
    }

    /// The owner thread's side.
    func collect() -> Delivery {
        state.withLock { state in
            defer { state.waiting = [] }
            switch state.phase {
            case .open: return .commands(state.waiting)
            case .closing, .sealed:
                state.phase = .sealed
                return .stop(state.waiting)
            }
        }
    }
}

/// libcurl allows one thing to be done with a multi handle from another thread: `curl_multi_wakeup`.
struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    /// `curl_global_init` must run once, before anything else.
    private static let libraryIsReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() {
        guard Self.libraryIsReady, let pointer = curl_multi_init() else { fatalError("libcurl can't be initialised") }
        self.pointer = pointer
    }
}
