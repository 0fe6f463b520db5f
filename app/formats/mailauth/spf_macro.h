/* formats/mailauth/spf_macro.h: "%{ir}.%{v}._spf.%{d2}": macros of SPF (RFC 7208 7). Pure. */
#ifndef MAILAUTH_SPF_MACRO_H
#define MAILAUTH_SPF_MACRO_H
#include "foundation/base/buf.h"
#include "network/runtime/addr.h"

enum spf_macro_use {
	SPF_MACRO_DOMAIN,      /* text that becomes a domain name */
	SPF_MACRO_EXPLANATION, /* text for people: also blanks, %{c}, %{r} and %{t} (7.2) */
};

/* The values of the letters. */
struct spf_macros {
	struct str local, origin; /* of the sender: %{l} and %{o}                           */
	struct str domain;        /* %{d}                                                   */
	struct str helo;          /* %{h}                                                   */
	struct str receiver;      /* %{r}: our host name */
	int64_t now_s;            /* %{t}                                                   */
	const struct addr *ip;    /* %{i}, %{v}, %{c}                                       */
	/* %{p}: the client's validated name, or "unknown"; called only when needed. */
	struct str (*name)(void *arg);
	void *arg;
};

/* macro-string, or with SPF_MACRO_EXPLANATION explain-string (RFC 7208 7.1). */
bool spf_macro_check(struct str text, enum spf_macro_use use);
/* domain-spec: a macro-string with a macro or a top label at its end. */
bool spf_macro_domain_check(struct str text);

/* Append text, which one of these functions has checked, with its macros expanded. */
void spf_macro_put(struct buf *out, struct str text, const struct spf_macros *m);

/* Expand a domain-spec to a domain name; left labels are removed from a long one (RFC 7208 7.3).
 * Lives in a; empty when no valid name remains. */
struct str spf_macro_name(struct str text, const struct spf_macros *m, struct arena *a);

#endif
