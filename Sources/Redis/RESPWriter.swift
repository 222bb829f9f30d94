package import NIOCore

extension RedisCommand {
    /// Appends the command as an array of bulk strings, which every server since Redis 1.2 reads.
    package func write(to buffer: inout ByteBuffer) {
        buffer.writeString("*\(arguments.count)\r\n")
        for argument in arguments {
            buffer.writeString("$\(argument.utf8.count)\r\n")
            buffer.writeString(argument)
            buffer.writeString("\r\n")
        }
    }
}
