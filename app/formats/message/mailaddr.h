/* formats/message/mailaddr.h: addresses of the SMTP envelope and of accounts, strictly by RFC 5321
 * 4.1.2, with the UTF-8 extension of RFC 6531 3.3. */
#ifndef MESSAGE_MAILADDR_H
#define MESSAGE_MAILADDR_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

struct arena;

enum {
	MAILADDR_LOCAL_MAX = 64,   /* RFC 5321 4.5.3.1.1 */
	MAILADDR_DOMAIN_MAX = 255, /* RFC 5321 4.5.3.1.2 */
	MAILADDR_PATH_MAX = 256,   /* RFC 5321 4.5.3.1.3, with the angle brackets */
};

/* In normal form: local without quotes, domain in lower case and as A-labels
 * (foundation/text/idna.h; "[192.0.2.1]" for an address literal). Both empty: the null reverse-path
 * "<>". Only domain empty: "<Postmaster>". */
struct mailaddr {
	struct str local;
	struct str domain;
};

/* Variants of the grammar. */
enum mailaddr_flags {
	MAILADDR_UTF8 = BIT(0),    /* SMTPUTF8: UTF-8 allowed, U-labels become A-labels     */
	MAILADDR_NULL = BIT(1),    /* "<>" allowed, "<Postmaster>" not: MAIL FROM          */
	MAILADDR_LITERAL = BIT(2), /* an address literal as domain allowed                 */
};

/* Path: "<" [ source-route ":" ] mailbox ">"; a source route is checked and dropped (RFC 5321
 * 4.1.1.3). The recipient "<Postmaster>" needs no domain. On false the cursor has not moved. Parts
 * that are not in normal form are copied into a, the others borrow from c. */
bool mailaddr_parse_path(struct cur *c, struct arena *a, unsigned flags, struct mailaddr *out);
/* Mailbox: local-part "@" domain. */
bool mailaddr_parse(struct cur *c, struct arena *a, unsigned flags, struct mailaddr *out);
/* All of s is one mailbox: for settings, command line, address book. */
bool mailaddr_of(struct str s, struct arena *a, unsigned flags, struct mailaddr *out);

/* A domain name in normal form (EHLO, settings). Labels of letters, digits, "-" and "_" (in real
 * use), each at most 63 bytes; no final dot. */
bool mailaddr_domain_parse(struct cur *c, struct arena *a, unsigned flags, struct str *out);

/* A domain from a header or a row, in normal form, in a. An invalid one is only converted to lower
 * case, so that it equals itself. */
struct str mailaddr_domain_normal(struct arena *a, struct str domain);

/* Is name equal to domain, or below it? Any case; nothing is below an empty domain. */
bool mailaddr_domain_within(struct str name, struct str domain);

bool mailaddr_is_null(const struct mailaddr *m);
/* Local parts are compared exactly: only their domain defines whether case matters (RFC 5321
 * 2.4). */
bool mailaddr_equal(const struct mailaddr *a, const struct mailaddr *b);
/* Is the local part not ASCII, so that it needs SMTPUTF8 (a domain in normal form never does)? */
bool mailaddr_is_utf8(const struct mailaddr *m);
/* Split "user+tag" at the last of these separators before *at, which begins as local.n, and move
 * *at there, so that the next call gives the next shorter base. False, with local as the base and
 * no tag, when no non-empty base is left. Borrowed. */
bool mailaddr_split_tag(struct str local, struct str separators, size_t *at, struct str *base,
                        struct str *tag);

/* Append local@domain with the local part quoted when it must be; nothing for null. */
void mailaddr_put(struct buf *out, const struct mailaddr *m);
/* The same as text that lives in a; empty for null. */
struct str mailaddr_text(struct arena *a, const struct mailaddr *m);
struct mailaddr mailaddr_dup(struct arena *a, const struct mailaddr *m);

#endif
