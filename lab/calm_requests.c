/* Beside lab/fast_time.c, for a program that uses libcurl's multi interface: while one of its requests waits for an answer
 * the clock runs at 1, so that the program's timeouts are as long as in real life. A watch of Kubernetes is answered when
 * its status is there, any other request when it is over.
 */
#define _GNU_SOURCE
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* Requests of one thread at once; further ones don't hold the clock. */
#define MOST 256

void martlet_requests_wait(int change);

/* A multi handle belongs to one thread, and so do its requests. */
static __thread CURL *waiting[MOST];
static __thread int count;

static void forget(int number) {
    waiting[number] = waiting[--count];
    martlet_requests_wait(-1);
}

static int is_answered(CURL *request) {
    long status = 0;
    const char *url = NULL;
    curl_easy_getinfo(request, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(request, CURLINFO_EFFECTIVE_URL, &url);
    return status != 0 && url && strstr(url, "watch=");
}

EXPORT CURLMcode curl_multi_add_handle(CURLM *multi, CURL *request) {
    CURLMcode code = NEXT(curl_multi_add_handle)(multi, request);
    if (code == CURLM_OK && count < MOST) {
        waiting[count++] = request;
        martlet_requests_wait(1);
    }
    return code;
}

EXPORT CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *request) {
    for (int number = count - 1; number >= 0; number--)
        if (waiting[number] == request) forget(number);
    return NEXT(curl_multi_remove_handle)(multi, request);
}

EXPORT CURLMcode curl_multi_perform(CURLM *multi, int *running) {
    CURLMcode code = NEXT(curl_multi_perform)(multi, running);
    for (int number = count - 1; number >= 0; number--)
        if (is_answered(waiting[number])) forget(number);
    return code;
}
