internal import Glibc
internal import NIOCore

/// Turns a host name into addresses.
///
/// `getaddrinfo` blocks, for tens of seconds where a name server is dead. Each lookup has a thread of its own, which
/// ends with it, so that one dead name delays no other; addresses written as numbers need none.
enum AddressLookup {
    /// Fewer would let a handful of dead names hold up the others, more would only pile up.
    static let maximumAddresses = 4
    /// Name service modules need little; the default of 8 MiB would count against address space limits.
    private static let stackBytes = 256 << 10

    /// Resolves `address`; fails with ``RedisError/lookupFailed(_:)``, also when `timeout` is over or the task cancelled.
    static func resolve(
        _ address: RedisAddress, on loop: any EventLoop, timeout: TimeAmount
    ) async throws(RedisError) -> [SocketAddress] {
        if let literal = try? SocketAddress(ipAddress: address.host, port: address.port) { return [literal] }
        let promise = loop.makePromise(of: [SocketAddress].self)
        let once = Once(promise)
        let deadline = loop.scheduleTask(in: timeout) { once.finish(nil, loop: loop, address) }
        promise.futureResult.whenComplete { _ in deadline.cancel() }
        let started = startThread {
            let found = blockingLookup(address)
            loop.execute { once.finish(found, loop: loop, address) }
        }
        if !started { loop.execute { once.finish(nil, loop: loop, address) } }
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                loop.execute { once.finish(nil, loop: loop, address) }
            }
        } catch {
            throw .lookupFailed(address)
        }
    }

    /// The promise of a lookup that the answer and the deadline race for; used on the loop only.
    private final class Once: Sendable {
        private let promise: NIOLoopBoundBox<EventLoopPromise<[SocketAddress]>?>

        init(_ promise: EventLoopPromise<[SocketAddress]>) {
            self.promise = .makeBoxSendingValue(promise, eventLoop: promise.futureResult.eventLoop)
        }

        func finish(_ found: [SocketAddress]?, loop: any EventLoop, _ address: RedisAddress) {
            loop.preconditionInEventLoop()
            guard let waiting = promise.value else { return }
            promise.value = nil
            if let found, !found.isEmpty {
                waiting.succeed(found)
            } else {
                waiting.fail(RedisError.lookupFailed(address))
            }
        }
    }

    private static func blockingLookup(_ address: RedisAddress) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var head: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, nil, &hints, &head) == 0 else { return [] }
        defer { freeaddrinfo(head) }
        var found: [SocketAddress] = []
        var next = head
        while let entry = next?.pointee, found.count < maximumAddresses {
            next = entry.ai_next
            guard let socket = UnsafeRawPointer(entry.ai_addr) else { continue }
            guard let bytes = addressBytes(in: socket, family: entry.ai_family) else { continue }
            if let resolved = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: address.port) {
                found.append(resolved)
            }
        }
        return found
    }

    /// The address within a `sockaddr_in` (behind family and port) or a `sockaddr_in6` (behind the flow information
    /// as well), in network order.
    static func addressBytes(in socket: UnsafeRawPointer, family: Int32) -> [UInt8]? {
        switch family {
        case AF_INET: Array(UnsafeRawBufferPointer(start: socket + 4, count: 4))
        case AF_INET6: Array(UnsafeRawBufferPointer(start: socket + 8, count: 16))
        default: nil
        }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let outcome = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        if outcome != 0 { work.release() }
        return outcome == 0
    }
}

extension ResolvedAddress {
    /// nil for anything but an IP address.
    init?(_ address: SocketAddress) {
        let family: Int32
        switch address {
        case .v4: family = AF_INET
        case .v6: family = AF_INET6
        case .unixDomainSocket: return nil
        }
        let bytes = address.withSockAddr { socket, _ in
            AddressLookup.addressBytes(in: UnsafeRawPointer(socket), family: family)
        }
        guard let bytes else { return nil }
        self.init(bytes: bytes, port: address.port ?? 0)
    }
}
