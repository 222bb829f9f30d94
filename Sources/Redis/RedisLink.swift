internal import NIOCore

/// The bridge between callers on any thread and the handler on its event loop.
struct RedisLink: Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<RedisChannelHandler>

    func send(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        var buffer = channel.allocator.buffer(capacity: commands.count * 48)
        for command in commands { command.write(to: &buffer) }
        let bytes = buffer
        return try await answer { $0.send(bytes, replies: commands.count, $1) }
    }

    func subscribe(to channels: [String]) async throws(RedisError) -> [RESPValue] {
        var buffer = channel.allocator.buffer(capacity: channels.count * 64)
        for channel in channels { RedisCommand("SUBSCRIBE", channel).write(to: &buffer) }
        let bytes = buffer
        return try await answer { $0.subscribe(bytes, count: channels.count, $1) }
    }

    private func answer(
        _ begin: @escaping @Sendable (RedisChannelHandler, EventLoopPromise<[RESPValue]>) -> Void
    ) async throws(RedisError) -> [RESPValue] {
        let promise = channel.eventLoop.makePromise(of: [RESPValue].self)
        let handler = handler
        channel.eventLoop.execute { begin(handler.value, promise) }
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                close(because: .closed)
            }
        } catch let error as RedisError {
            throw error
        } catch {
            throw .closed
        }
    }

    func waitUntilClosed() async -> RedisError {
        await withTaskCancellationHandler {
            let handler = handler
            let ending = channel.closeFuture.map { handler.value.ending ?? .closed }
            return (try? await ending.get()) ?? .closed
        } onCancel: {
            close(because: .closed)
        }
    }

    func close(because reason: RedisError) {
        let handler = handler
        channel.eventLoop.execute { handler.value.close(because: reason) }
    }
}
