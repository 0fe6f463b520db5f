/* network/dns/private.h: helpers of both implementations of struct dns, for network/dns only. */
#ifndef DNS_PRIVATE_H
#define DNS_PRIVATE_H
#include "network/dns/dns.h"

/* Types by their numbers (RFC 1035 3.2.2, RFC 3596 2.1). */
enum { DNS_TYPE_A = 1, DNS_TYPE_PTR = 12, DNS_TYPE_MX = 15, DNS_TYPE_TXT = 16, DNS_TYPE_AAAA = 28 };

/* Check a host-like name: 1 to 253 bytes, labels of 1 to 63, printable, without characters that are
 * special in text forms of names, so that all text forms are equal. Cuts a final dot off *name. */
bool dns_name_check(struct str *name);
/* Check a name of any bytes (RFC 2181 11): labels of 1 to 63, 253 in all. *name becomes the form of
 * dname_text, which network/dns uses throughout: special bytes as \DDD, in a, without a final
 * dot. */
bool dns_name_ask(struct arena *a, struct str *name);
/* Are both the same name? Either may have escapes, also those of c-ares, and a final dot. */
bool dns_name_same(struct str x, struct str y);
/* Lower case, no final dot; empty for the root. False: not a valid name. */
bool dns_name_take(struct arena *a, const char *z, struct str *out);
/* The same for a host name. False also for slashes, spaces and the like. */
bool dns_host_take(struct arena *a, const char *z, struct str *out);
/* Sort by preference, stable. */
void dns_mx_sort(struct dns_mx_list *list);

/* Wraps a call by which c-ares may close sockets. c-ares removes them from its epoll set on its
 * event thread later, when their numbers may be reused; epoll ignores that. ThreadSanitizer reports
 * it, and a suppression cannot select it (tests/tsan.supp has the others). */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
#define CLOSING(call)                                        \
	do {                                                 \
		AnnotateIgnoreWritesBegin(__FILE__, __LINE__); \
		call;                                        \
		AnnotateIgnoreWritesEnd(__FILE__, __LINE__); \
	} while (0)
#endif
#endif
#ifndef CLOSING
#define CLOSING(call) call
#endif

#endif
