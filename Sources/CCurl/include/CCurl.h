/// libcurl for Swift: the library's own header, and a typed function for each use of its variadic ones, which Swift
/// cannot call. Nothing else lives here. Source: curl.h of libcurl 7.88.
#pragma once

#include <curl/curl.h>
#include <stdint.h>

typedef size_t (*ccurl_data_callback)(char *buffer, size_t size, size_t count, void *context);
typedef int (*ccurl_seek_callback)(void *context, curl_off_t offset, int origin);

// curl_easy_setopt by the type of its third argument.
CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, int64_t value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode ccurl_set_data_callback(CURL *handle, CURLoption option, ccurl_data_callback callback);
CURLcode ccurl_set_seek_callback(CURL *handle, ccurl_seek_callback callback);

// curl_easy_getinfo by the type of its answer; 0 or NULL when curl has none.
long ccurl_get_long(CURL *handle, CURLINFO info);
int64_t ccurl_get_offset(CURL *handle, CURLINFO info);
void *ccurl_get_private(CURL *handle);

/// Bytes that the kernel still holds unacknowledged for the transfer's socket; 0 when there is no socket.
int64_t ccurl_unacknowledged_bytes(CURL *handle);

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// The next finished transfer and its result; NULL when there is none.
CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *result);

/// CURL_GLOBAL_ALL, whose definition Swift does not import.
CURLcode ccurl_global_init(void);
