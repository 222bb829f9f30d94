/* Lets a program live MARTLET_FAST_TIME_SPEED times as fast: LD_PRELOAD it. Every clock that counts time runs faster from
 * MARTLET_FAST_TIME_ORIGIN on (nanoseconds since 1970), so that all programs with the same two variables, also restarted
 * ones, agree on what time it is; every wait is shorter by as much. The clocks of the CPU stay as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))
#define SECOND INT64_C(1000000000)
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int64_t speed = 1;
static int64_t wall_origin, steady_origin, boot_origin;
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
    const char *factor = getenv("MARTLET_FAST_TIME_SPEED"), *origin = getenv("MARTLET_FAST_TIME_ORIGIN");
    if (factor && origin && atoll(factor) > 0) {
        speed = atoll(factor);
        wall_origin = atoll(origin);
    }
    int64_t age = real_now(CLOCK_REALTIME) - wall_origin;
    steady_origin = real_now(CLOCK_MONOTONIC) - age;
    boot_origin = real_now(CLOCK_BOOTTIME) - age;
}

static int64_t *origin_of(clockid_t clock) {
    switch (clock) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: return &wall_origin;
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_COARSE: case CLOCK_MONOTONIC_RAW: return &steady_origin;
    case CLOCK_BOOTTIME: return &boot_origin;
    default: return NULL;
    }
}

/* A fast instant as the kernel knows it, and a wait as long as the kernel shall make it. */
static struct timespec real_instant(clockid_t clock, const struct timespec *fast) {
    int64_t *origin = origin_of(clock);
    return origin ? timespec_of(*origin + (nanoseconds(fast) - *origin) / speed) : *fast;
}
static struct timespec real_wait(const struct timespec *fast) {
    int64_t ns = nanoseconds(fast);
    return timespec_of(ns > 0 ? (ns + speed - 1) / speed : ns);
}
static int real_milliseconds(int fast) { return fast <= 0 ? fast : (int)((fast + speed - 1) / speed); }

EXPORT int clock_gettime(clockid_t clock, struct timespec *result) {
    begin();
    int status = real_gettime(clock, result);
    int64_t *origin = origin_of(clock);
    if (status == 0 && origin) *result = timespec_of(*origin + (nanoseconds(result) - *origin) * speed);
    return status;
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
static clockid_t timer_clocks[1 << 16];

EXPORT int timerfd_create(clockid_t clock, int flags) {
    int timer = NEXT(timerfd_create)(clock, flags);
    if (timer >= 0 && timer < 1 << 16) timer_clocks[timer] = clock;
    return timer;
}

EXPORT int timerfd_settime(int timer, int flags, const struct itimerspec *fast, struct itimerspec *old) {
    begin();
    struct itimerspec real = {.it_interval = real_wait(&fast->it_interval), .it_value = fast->it_value};
    /* Zero disarms. */
    if (nanoseconds(&fast->it_value) != 0) {
        clockid_t clock = timer < 1 << 16 ? timer_clocks[timer] : CLOCK_MONOTONIC;
        real.it_value =
            flags & TFD_TIMER_ABSTIME ? real_instant(clock, &fast->it_value) : real_wait(&fast->it_value);
        if (nanoseconds(&real.it_value) == 0) real.it_value.tv_nsec = 1;
    }
    return NEXT(timerfd_settime)(timer, flags, &real, old);
}

EXPORT int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout) {
    return NEXT(epoll_wait)(epoll, events, count, real_milliseconds(timeout));
}
EXPORT int epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask) {
    return NEXT(epoll_pwait)(epoll, events, count, real_milliseconds(timeout), mask);
}
EXPORT int poll(struct pollfd *files, nfds_t count, int timeout) {
    return NEXT(poll)(files, count, real_milliseconds(timeout));
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *fast, struct timespec *rest) {
    begin();
    struct timespec real = flags & TIMER_ABSTIME ? real_instant(clock, fast) : real_wait(fast);
    return NEXT(clock_nanosleep)(clock, flags, &real, rest);
}
EXPORT int nanosleep(const struct timespec *fast, struct timespec *rest) {
    struct timespec real = real_wait(fast);
    return NEXT(nanosleep)(&real, rest);
}
EXPORT int usleep(useconds_t fast) { return NEXT(usleep)((useconds_t)((fast + speed - 1) / speed)); }

/* A condition's clock is not told; what lies after 2001 is the wall's. */
static struct timespec real_deadline(const struct timespec *fast) {
    return real_instant(fast->tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC, fast);
}
EXPORT int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict fast) {
    begin();
    struct timespec real = real_deadline(fast);
    __typeof__(&pthread_cond_timedwait) wait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!wait) wait = NEXT(pthread_cond_timedwait);
    return wait(condition, mutex, &real);
}
EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict fast) {
    begin();
    struct timespec real = real_instant(CLOCK_REALTIME, fast);
    return NEXT(sem_timedwait)(semaphore, &real);
}
