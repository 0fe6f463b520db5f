/* network/dns/private.h: what both makers of struct dns need, for runtime/ only. */
#ifndef DNS_PRIVATE_H
#define DNS_PRIVATE_H
#include "network/dns/dns.h"

/* Types by their numbers (RFC 1035 3.2.2, RFC 3596 2.1). */
enum { DNS_TYPE_A = 1, DNS_TYPE_PTR = 12, DNS_TYPE_MX = 15, DNS_TYPE_TXT = 16, DNS_TYPE_AAAA = 28 };

/* 1 to 253 bytes, labels of 1 to 63, printable and without the characters that have a meaning
 * in text forms of names: so it is the same in each. A last dot is cut off *name. */
bool dns_name_check(struct str *name);
/* Any bytes can be asked for (RFC 2181 11): labels of 1 to 63, 253 in all. *name becomes the
 * form that all of net/dns_*.c works with, which is that of dname_text: odd bytes as \DDD, in a;
 * a last dot is cut off. */
bool dns_name_ask(struct arena *a, struct str *name);
/* Are both the same name? Either may have escapes, those of c-ares too, and a last dot. */
bool dns_name_same(struct str x, struct str y);
/* Lower case, no last dot; empty for the root. False: it could not be asked for. */
bool dns_name_take(struct arena *a, const char *z, struct str *out);
/* The same of a host. False: besides, it is none (it has slashes, spaces and the like). */
bool dns_host_take(struct arena *a, const char *z, struct str *out);
/* By preference, keeping the order of equal ones. */
void dns_mx_sort(struct dns_mx_list *list);

/* A call by which c-ares may close sockets. It takes them out of its epoll set on its event thread
 * afterwards, by numbers that may be nobody's by then, which that set does not mind.
 * ThreadSanitizer does, and cannot even tell (tests/tsan.supp has the rest). */
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
