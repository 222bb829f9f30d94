import ControllerRuntime
import HTTPTransport
import Hummingbird
import Logging
import NIOCore
import RunPodSimulator
import ServiceLifecycle
import Synchronization

/// One of the laboratory's three addresses.
enum RunPodAddress: String, Sendable, CaseIterable {
    /// Stands for `api.runpod.io`.
    case control
    /// Stands for `api.runpod.ai`.
    case jobs
    /// The laboratory's own paths, always reachable.
    case lab

    var surface: SimulatedRequest.Surface? {
        switch self {
        case .control: .control
        case .jobs: .jobs
        case .lab: nil
        }
    }
}

/// Serves one address of a simulated RunPod on loopback. Does not listen while its host is down.
struct RunPodServer: Sendable {
    let address: RunPodAddress
    let laboratory: RunPodLaboratory
    let logger: Logger
    /// Called with the port each time it listens.
    let onListening: @Sendable (Int) -> Void

    /// The largest body that RunPod takes is 20 MiB; its refusal of a larger one is the world's to give.
    private static let bodyLimit = 32 << 20

    /// Serves until the laboratory ends. `port` 0 is a free one, kept from then on. Throws if it cannot be bound.
    func run(port: Int) async throws {
        let port = ListeningPort(port)
        while !laboratory.isEnded {
            guard !isDown else {
                try await laboratory.time.sleep(for: laboratory.beat)
                continue
            }
            try await serve(on: port)
        }
    }

    private var isDown: Bool { laboratory.isEnded || address.surface.map(laboratory.isDown) ?? false }

    /// Serves until the host is down.
    private func serve(on port: ListeningPort) async throws {
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<LaboratoryContext> { try await respond(to: $0, $1) },
            configuration: .init(address: .hostname("127.0.0.1", port: port.number)),
            onServerRunning: { channel in
                guard let bound = channel.localAddress?.port else { return }
                port.number = bound
                onListening(bound)
            }, logger: quiet)
        let service = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask {
                while !isDown { try await laboratory.time.sleep(for: laboratory.beat) }
                await service.triggerGracefulShutdown()
            }
            defer { group.cancelAll() }
            // A port that can't be bound ends it too.
            try await group.next()
            try await group.next()
        }
    }

    private func respond(to request: Request, _ context: LaboratoryContext) async throws -> Response {
        var request = request
        let buffer = try await request.collectBody(upTo: Self.bodyLimit)
        let body = Array(buffer.readableBytesView)
        let method = request.method.rawValue
        let target = request.head.path ?? "/"
        guard let surface = address.surface else {
            return response(laboratory.withWorld { $0.administer(method, target, body: body, at: $1) })
        }
        let simulated = SimulatedRequest(
            surface, method, target, authorization: request.headers[.authorization], body: body)
        switch try await laboratory.answer(simulated) {
        case .response(let answer):
            try await laboratory.sleep(for: answer.delay)
            return response(answer)
        case .lost(.silence):
            // Until the caller gives up, which closes the channel, or the laboratory ends.
            while context.channel.isActive, !isDown { try await laboratory.time.sleep(for: laboratory.beat) }
            throw CancellationError()
        case .lost(.reset), .refused, .waiting:
            try? await context.channel.close()
            throw CancellationError()
        }
    }

    private func response(_ answer: SimulatedResponse) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPFields.Element.Name(name) { headers[name] = value }
        }
        return Response(status: .init(code: answer.status), headers: headers, body: responseBody(answer))
    }

    private func responseBody(_ answer: SimulatedResponse) -> ResponseBody {
        switch answer.delivery {
        case .whole:
            // No length at all for 204: a body of zero bytes has none.
            return answer.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        case .cut(let count):
            return ResponseBody(contentLength: answer.body.count) { writer in
                try await writer.write(ByteBuffer(bytes: answer.body.prefix(count)))
                throw CancellationError()
            }
        case .dripping(let bytes, let pause):
            return ResponseBody(contentLength: answer.body.count) { [laboratory] writer in
                var rest = answer.body[...]
                while !rest.isEmpty {
                    try await laboratory.sleep(for: pause)
                    try await writer.write(ByteBuffer(bytes: rest.prefix(max(1, bytes))))
                    rest = rest.dropFirst(max(1, bytes))
                }
                try await writer.finish(nil)
            }
        }
    }
}

/// Where a server listens: chosen by the system the first time, the same again after its host was down.
private final class ListeningPort: Sendable {
    private let value: Mutex<Int>

    init(_ number: Int) { value = Mutex(number) }

    var number: Int {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// Knows the connection, to break it.
struct LaboratoryContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
