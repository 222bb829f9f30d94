import Testing

@testable import Redis

@Suite struct RedisSlotTests {
    @Test(
        "slots are those of the specification and of redis-server",
        arguments: [
            ("123456789", 0x31C3), ("", 0), ("foo", 12182), ("bar", 5061), ("hello", 866), ("celery", 3213),
        ])
    func vectors(key: String, slot: Int) {
        #expect(RedisSlot(of: RedisKey(key)).number == slot)
    }

    @Test("only what stands between the first { and the first } after it counts, unless it is nothing")
    func hashTags() {
        func slot(_ key: String) -> RedisSlot { RedisSlot(of: RedisKey(key)) }
        #expect(slot("{user1000}.following") == slot("user1000"))
        #expect(slot("{user1000}.followers") == slot("user1000"))
        #expect(slot("foo{}{bar}") != slot("bar"))
        #expect(slot("foo{}{bar}") != slot(""))
        #expect(slot("foo{{bar}}zap") == slot("{bar"))
        #expect(slot("foo{bar}{zap}") == slot("bar"))
        #expect(slot("foo{bar") != slot("bar"))
        #expect(slot("}{a}") == slot("a"))
    }

    @Test("there are 16,384, from 0")
    func bounds() {
        #expect(RedisSlot(-1) == nil)
        #expect(RedisSlot(0) != nil)
        #expect(RedisSlot(16383) != nil)
        #expect(RedisSlot(16384) == nil)
    }
}
