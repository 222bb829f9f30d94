// Lets the thread sanitizer see the slow path of Swift's `Synchronization.Mutex`, loaded by LD_PRELOAD.
//
// The fast path of the lock is compiled into our own code, where the sanitizer sees its atomics. Under contention it calls
// into libswiftSynchronization.so, which is not instrumented, and there the kernel hands the lock over: the sanitizer
// misses that hand-over and calls the data behind every contended lock a race. So both slow calls are told to it here, as
// what they are, an acquire and a release of the lock's word. Nothing is suppressed: a race beside a lock is still found.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SELF __attribute__((swift_context)) void *mutex
#define SWIFT __attribute__((swiftcall))

// Weak: programs without the sanitizer inherit the environment too.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

typedef SWIFT void (*lock_slow)(uint32_t thread, SELF);
typedef SWIFT void (*unlock_slow)(SELF);

SWIFT void martlet_lock_slow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void martlet_unlock_slow(SELF) __asm__(UNLOCK_SLOW);

SWIFT void martlet_lock_slow(uint32_t thread, SELF) {
    static lock_slow original;
    if (!original) original = (lock_slow)dlsym(RTLD_NEXT, LOCK_SLOW);
    original(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void martlet_unlock_slow(SELF) {
    static unlock_slow original;
    if (!original) original = (unlock_slow)dlsym(RTLD_NEXT, UNLOCK_SLOW);
    if (__tsan_release) __tsan_release(mutex);
    original(mutex);
}
