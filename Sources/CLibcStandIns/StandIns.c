#define _GNU_SOURCE
#include "CLibcStandIns.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int (*lookup_function)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
typedef int (*clock_function)(clockid_t, struct timespec *);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int holds = 0;
static int hanging = 0;
static _Thread_local int64_t shift_seconds = 0;


void stand_in_hang_lookups(void) {
    pthread_mutex_lock(&mutex);
    holds += 1;
    pthread_mutex_unlock(&mutex);
}

void stand_in_let_lookups_go(void) {
    pthread_mutex_lock(&mutex);
    holds -= 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

int stand_in_hanging_lookups(void) {
    pthread_mutex_lock(&mutex);
    int count = hanging;
    pthread_mutex_unlock(&mutex);
    return count;
}

static void hang(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    pthread_mutex_lock(&mutex);
    hanging += 1;
    while (holds > 0 && pthread_cond_timedwait(&changed, &mutex, &until) == 0) {
    }
    hanging -= 1;
    pthread_mutex_unlock(&mutex);
}

static int ends_in(const char *text, const char *end) {
    size_t length = text == NULL ? 0 : strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    if (ends_in(host, ".lost.test")) return EAI_NONAME;
    if (ends_in(host, ".hangs.test") && (hints == NULL || (hints->ai_flags & AI_NUMERICHOST) == 0)) {
        hang();
        return EAI_AGAIN;
    }
    lookup_function real = (lookup_function)dlsym(RTLD_NEXT, "getaddrinfo");
    return real == NULL ? EAI_FAIL : real(host, service, hints, result);
}

void stand_in_shift_wall_clock(int64_t seconds) { shift_seconds = seconds; }

int clock_gettime(clockid_t clock, struct timespec *time) {
    static clock_function real = NULL;
    if (real == NULL) real = (clock_function)dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(clock, time);
    if (code == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift_seconds;
    return code;
}

static char failing_part[512] = "", failing_end[64] = "";
static int failing_syncs = 0, failing_error = EIO;

static void fail_syncs(const char *part, const char *end, int count, int error) {
    pthread_mutex_lock(&mutex);
    snprintf(failing_part, sizeof failing_part, "%s", part);
    snprintf(failing_end, sizeof failing_end, "%s", end);
    failing_syncs = count;
    failing_error = error;
    pthread_mutex_unlock(&mutex);
}

void stand_in_fail_syncs(const char *part, const char *end, int count) { fail_syncs(part, end, count, EIO); }

void stand_in_fail_syncs_as_full(const char *part, const char *end, int count) {
    fail_syncs(part, end, count, ENOSPC);
}

int stand_in_failing_syncs(void) {
    pthread_mutex_lock(&mutex);
    int count = failing_syncs;
    pthread_mutex_unlock(&mutex);
    return count;
}

static int get_path(int file, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t count = readlink(link, path, size - 1);
    if (count < 0) return 0;
    path[count] = 0;
    return 1;
}

/// The errno to fail with, or 0.
static int takes_failure(int file) {
    char path[1024];
    if (!get_path(file, path, sizeof path)) return 0;
    pthread_mutex_lock(&mutex);
    int fails = failing_syncs > 0 && strstr(path, failing_part) != NULL && ends_in(path, failing_end);
    int error = fails ? failing_error : 0;
    if (fails) failing_syncs -= 1;
    pthread_mutex_unlock(&mutex);
    return error;
}

int fdatasync(int file) {
    int error = takes_failure(file);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}

static char watched_part[512] = "";
static int watched_error = 0, watched_calls = 0;
static int64_t watched_bytes = 0;

void stand_in_watch_write_back(const char *part, int error) {
    pthread_mutex_lock(&mutex);
    snprintf(watched_part, sizeof watched_part, "%s", part);
    watched_error = error;
    watched_calls = 0;
    watched_bytes = 0;
    pthread_mutex_unlock(&mutex);
}

int64_t stand_in_write_back_bytes(void) {
    pthread_mutex_lock(&mutex);
    int64_t bytes = watched_bytes;
    pthread_mutex_unlock(&mutex);
    return bytes;
}

int stand_in_write_back_calls(void) {
    pthread_mutex_lock(&mutex);
    int calls = watched_calls;
    pthread_mutex_unlock(&mutex);
    return calls;
}

int sync_file_range(int file, off64_t offset, off64_t count, unsigned flags) {
    char path[1024];
    pthread_mutex_lock(&mutex);
    int is_watched = watched_part[0] != 0 && get_path(file, path, sizeof path) && strstr(path, watched_part) != NULL;
    int error = is_watched ? watched_error : 0;
    if (is_watched) {
        watched_calls += 1;
        watched_bytes += count;
    }
    pthread_mutex_unlock(&mutex);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return (int)syscall(SYS_sync_file_range, file, offset, count, flags);
}
