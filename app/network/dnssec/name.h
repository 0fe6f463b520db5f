/* network/dnssec/name.h: domain names in the form that DNSSEC compares (RFC 4034 6.1, 6.2).
 *
 * A name is a struct str in wire form: labels, each after an octet with its length, and the empty
 * label of the root at the end; uncompressed, ASCII letters in lower case, 1 to DNAME_MAX bytes.
 * All functions that take a name require that form. */
#ifndef DNSSEC_NAME_H
#define DNSSEC_NAME_H
#include "foundation/base/cur.h"

struct arena;

enum { DNAME_MAX = 255, DNAME_LABELS_MAX = 127 };
#define DNAME_ROOT ((struct str){ "\0", 1 })

/* Take a name of a message, with compression (RFC 1035 4.1.4); out lives in a. message: all of it;
 * pointers lead backwards only, so a name has no loop. False: malformed or too long. */
bool dname_take(struct cur *c, struct str message, struct arena *a, struct str *out);
/* Take an uncompressed name unchanged: borrowed, letters of either case. */
bool dname_take_plain(struct cur *c, struct str *raw);
/* Convert text such as "mx.example.org" or "mx.example.org.", "." for the root; \DDD is that byte;
 * there are no other escapes. */
bool dname_from_text(struct str text, struct arena *a, struct str *out);
/* "mx.example.org", "." for the root; special bytes as \DDD. In a. */
struct str dname_text(struct str name, struct arena *a);
/* Wire form in lower case, in a. */
struct str dname_lower(struct str raw, struct arena *a);

/* The number of labels, without the root. */
unsigned dname_labels(struct str name);
/* The last n labels and the root; borrowed. n is at most dname_labels. */
struct str dname_last(struct str name, unsigned n);
/* Is name equal to zone, or below it? */
bool dname_within(struct str name, struct str zone);
/* The number of equal labels, from the root on. */
unsigned dname_common(struct str a, struct str b);
/* Canonical order: by labels from the root on (RFC 4034 6.1). */
int dname_compare(struct str a, struct str b);
bool dname_is_wildcard(struct str name);
/* "*.encloser" in a; false when that is too long. */
bool dname_wildcard(struct str encloser, struct arena *a, struct str *out);
/* The name with its end `from` replaced by `to` (RFC 6672 2.2); name is within from. False: too
 * long. */
bool dname_replace(struct str name, struct str from, struct str to, struct arena *a,
                   struct str *out);

#endif
