/* Lets programs live faster than the clock on the wall: LD_PRELOAD it. Every clock that counts time runs faster, every
 * wait is shorter by as much; the clocks of the CPU stay as they are. All programs with the same variables, also restarted
 * ones, agree on what time it is.
 *
 *   MARTLET_FAST_TIME_SPEED, _ORIGIN   so many times as fast from that instant on (nanoseconds since 1970), for ever
 *   MARTLET_FAST_TIME_CLOCK=FILE       a clock that lab/fast_clock.py made: any date, and a speed that may change
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))
#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)
#define FILES (1 << 16)
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* From the steady real instant on, when the fast wall clock showed `wall`, time is `speed` times as fast. */
struct segment { int64_t steady, wall, speed; };

/* The file of a clock. Writers hold its lock and fill the segment that is not in use, then count `generation` up. */
struct shared {
    _Atomic uint64_t generation;
    int64_t wall_ahead;             /* of the fast steady clock */
    _Atomic int64_t asked;          /* the speed while no request waits */
    _Atomic int64_t waiting;        /* requests without an answer */
    struct segment segments[2];
};

/* The longest wait in the kernel while the speed may rise. Whoever is woken early looks at the clock and waits on. */
static const int64_t slice = 20 * MILLISECOND;

static struct segment fixed = {.speed = 1};
static int64_t fixed_wall_ahead, boot_ahead;
static struct shared *shared;
static int shared_file = -1;
static int (*real_gettime)(clockid_t, struct timespec *);

static int64_t nanoseconds(const struct timespec *t) { return t->tv_sec * SECOND + t->tv_nsec; }
static struct timespec timespec_of(int64_t ns) {
    if (ns < 0) ns = 0;
    return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static int64_t real_now(clockid_t clock) {
    struct timespec t;
    real_gettime(clock, &t);
    return nanoseconds(&t);
}

__attribute__((constructor)) static void begin(void) {
    if (real_gettime) return;
    real_gettime = NEXT(clock_gettime);
    int64_t steady = real_now(CLOCK_MONOTONIC), wall = real_now(CLOCK_REALTIME);
    boot_ahead = real_now(CLOCK_BOOTTIME) - steady;
    fixed.steady = steady, fixed.wall = wall;
    const char *file = getenv("MARTLET_FAST_TIME_CLOCK"), *factor = getenv("MARTLET_FAST_TIME_SPEED"),
               *origin = getenv("MARTLET_FAST_TIME_ORIGIN");
    if (file && (shared_file = open(file, O_RDWR | O_CLOEXEC)) >= 0) {
        void *map = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, shared_file, 0);
        if (map != MAP_FAILED) shared = map;
    } else if (factor && origin && atoll(factor) > 0) {
        fixed = (struct segment){.steady = steady - (wall - atoll(origin)), .wall = atoll(origin), .speed = atoll(factor)};
    }
    fixed_wall_ahead = fixed.wall - fixed.steady;
}

static struct segment present(void) {
    if (!shared) return fixed;
    for (;;) {
        uint64_t generation = atomic_load(&shared->generation);
        struct segment found = shared->segments[generation & 1];
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load(&shared->generation) == generation) return found;
    }
}

/* Never back, whoever read the clock when the speed fell. */
static int64_t fast_wall(void) {
    static _Atomic int64_t latest;
    struct segment s = present();
    int64_t now = s.wall + (real_now(CLOCK_MONOTONIC) - s.steady) * s.speed, seen = atomic_load(&latest);
    if (!shared) return now;
    while (seen < now && !atomic_compare_exchange_weak(&latest, &seen, now)) {}
    return seen < now ? now : seen;
}

/* What the fast wall clock is ahead of another fast clock; false for the clocks of the CPU. */
static int is_fast(clockid_t clock, int64_t *wall_ahead) {
    int64_t ahead = shared ? shared->wall_ahead : fixed_wall_ahead;
    switch (clock) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: *wall_ahead = 0; return 1;
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_COARSE: case CLOCK_MONOTONIC_RAW: *wall_ahead = ahead; return 1;
    case CLOCK_BOOTTIME: *wall_ahead = ahead - boot_ahead; return 1;
    default: return 0;
    }
}

static int64_t fast_now(clockid_t clock) {
    int64_t ahead = 0;
    return is_fast(clock, &ahead) ? fast_wall() - ahead : real_now(clock);
}

/* As long as the kernel shall wait for a fast while: never longer than that takes, and with a clock perhaps shorter. */
static int64_t real_span(int64_t fast) {
    if (fast <= 0) return fast;
    int64_t speed = shared ? atomic_load(&shared->asked) : fixed.speed, real = (fast + speed - 1) / speed;
    return shared && real > slice ? slice : real;
}
static struct timespec real_instant(clockid_t clock, int64_t fast) {
    int64_t ahead;
    if (!is_fast(clock, &ahead)) return timespec_of(fast);
    return timespec_of(real_now(clock) + real_span(fast - fast_now(clock)));
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *result) {
    begin();
    int64_t ahead;
    if (!is_fast(clock, &ahead)) return real_gettime(clock, result);
    *result = timespec_of(fast_now(clock));
    return 0;
}

EXPORT int gettimeofday(struct timeval *restrict result, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int status = clock_gettime(CLOCK_REALTIME, &now);
    *result = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return status;
}

EXPORT time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

/* A timer's clock is what it was made with. */
static clockid_t timer_clocks[FILES];

EXPORT int timerfd_create(clockid_t clock, int flags) {
    int timer = NEXT(timerfd_create)(clock, flags);
    if (timer >= 0 && timer < FILES) timer_clocks[timer] = clock;
    return timer;
}

/* May expire early; libdispatch and swift-nio then look at the clock and set it again. */
EXPORT int timerfd_settime(int timer, int flags, const struct itimerspec *fast, struct itimerspec *old) {
    begin();
    struct itimerspec real = {.it_interval = timespec_of(real_span(nanoseconds(&fast->it_interval)))};
    int64_t value = nanoseconds(&fast->it_value);
    /* Zero disarms. */
    if (value != 0) {
        clockid_t clock = timer < FILES ? timer_clocks[timer] : CLOCK_MONOTONIC;
        real.it_value = flags & TFD_TIMER_ABSTIME ? real_instant(clock, value) : timespec_of(real_span(value));
        if (nanoseconds(&real.it_value) == 0) real.it_value.tv_nsec = 1;
    }
    return NEXT(timerfd_settime)(timer, flags, &real, old);
}

/* Calls `wait` with real milliseconds until it has an answer or the fast timeout is over. */
#define WAITING_FOR(timeout, wait)                                                                                      \
    begin();                                                                                                            \
    int64_t end = timeout > 0 ? fast_now(CLOCK_MONOTONIC) + timeout * MILLISECOND : 0;                                  \
    for (int64_t left = timeout * MILLISECOND;; left = end - fast_now(CLOCK_MONOTONIC)) {                               \
        int milliseconds = timeout <= 0 ? timeout : left <= 0 ? 0                                                       \
            : (int)((real_span(left) + MILLISECOND - 1) / MILLISECOND);                                                 \
        int answer = wait;                                                                                              \
        if (answer != 0 || timeout <= 0 || !shared || fast_now(CLOCK_MONOTONIC) >= end) return answer;                  \
    }

EXPORT int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout) {
    WAITING_FOR(timeout, NEXT(epoll_wait)(epoll, events, count, milliseconds))
}
EXPORT int epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask) {
    WAITING_FOR(timeout, NEXT(epoll_pwait)(epoll, events, count, milliseconds, mask))
}
EXPORT int poll(struct pollfd *files, nfds_t count, int timeout) {
    WAITING_FOR(timeout, NEXT(poll)(files, count, milliseconds))
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *fast, struct timespec *rest) {
    begin();
    int64_t ahead, end = nanoseconds(fast);
    if (!is_fast(clock, &ahead)) return NEXT(clock_nanosleep)(clock, flags, fast, rest);
    if (!(flags & TIMER_ABSTIME)) end += fast_now(clock);
    for (int64_t left; (left = end - fast_now(clock)) > 0;) {
        struct timespec real = timespec_of(real_span(left));
        int status = NEXT(clock_nanosleep)(CLOCK_MONOTONIC, 0, &real, NULL);
        if (status == 0) continue;
        if (rest && !(flags & TIMER_ABSTIME)) *rest = timespec_of(end - fast_now(clock));
        return status;
    }
    return 0;
}
EXPORT int nanosleep(const struct timespec *fast, struct timespec *rest) {
    int status = clock_nanosleep(CLOCK_MONOTONIC, 0, fast, rest);
    if (status == 0) return 0;
    errno = status;
    return -1;
}
EXPORT int usleep(useconds_t fast) {
    struct timespec span = timespec_of(fast * INT64_C(1000));
    return nanosleep(&span, NULL);
}

/* Woken early, a condition is as if woken by chance, which is allowed. */
EXPORT int pthread_cond_clockwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock, const struct timespec *restrict fast) {
    begin();
    struct timespec real = real_instant(clock, nanoseconds(fast));
    int status = NEXT(pthread_cond_clockwait)(condition, mutex, clock, &real);
    return status == ETIMEDOUT && shared && fast_now(clock) < nanoseconds(fast) ? 0 : status;
}
/* Its clock is not told; what lies after 2001 is the wall's. */
EXPORT int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict fast) {
    begin();
    clockid_t clock = fast->tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    struct timespec real = real_instant(clock, nanoseconds(fast));
    __typeof__(&pthread_cond_timedwait) wait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!wait) wait = NEXT(pthread_cond_timedwait);
    int status = wait(condition, mutex, &real);
    return status == ETIMEDOUT && shared && fast_now(clock) < nanoseconds(fast) ? 0 : status;
}
EXPORT int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict fast) {
    begin();
    for (;;) {
        struct timespec real = real_instant(clock, nanoseconds(fast));
        int status = NEXT(sem_clockwait)(semaphore, clock, &real), is_early = fast_now(clock) < nanoseconds(fast);
        if (status == 0 || errno != ETIMEDOUT || !shared || !is_early) return status;
    }
}
EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict fast) {
    return sem_clockwait(semaphore, CLOCK_REALTIME, fast);
}

/* `change` more requests of this program wait for an answer than before. */
void martlet_requests_wait(int change) {
    static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;
    if (!shared) return;
    /* The lock of the file keeps programs apart, not the threads of one. */
    pthread_mutex_lock(&changing);
    flock(shared_file, LOCK_EX);
    int64_t count = atomic_fetch_add(&shared->waiting, change) + change;
    uint64_t generation = atomic_load(&shared->generation);
    struct segment now = shared->segments[generation & 1];
    int64_t speed = count > 0 ? 1 : atomic_load(&shared->asked);
    if (speed != now.speed) {
        int64_t steady = real_now(CLOCK_MONOTONIC);
        shared->segments[(generation + 1) & 1] = (struct segment){
            .steady = steady, .wall = now.wall + (steady - now.steady) * now.speed, .speed = speed};
        atomic_store(&shared->generation, generation + 1);
    }
    flock(shared_file, LOCK_UN);
    pthread_mutex_unlock(&changing);
}
