/* formats/message/param.h: values with parameters: Content-Type, Content-Disposition (RFC 2045 5.1,
 * RFC 2183), with continuations and charsets by RFC 2231. Lenient. */
#ifndef MESSAGE_PARAM_H
#define MESSAGE_PARAM_H
#include "foundation/base/cur.h"

struct arena;

struct param {
	struct str name;  /* as written, also "filename*0*"                         */
	struct str value; /* quotes and escapes removed; 8-bit bytes unchanged */
};

struct param_list {
	struct param *items;
	size_t n;
};

/* Take "token" or "token/token" at the beginning of a field value, comments and folding
 * skipped; second is empty when there is no slash. Leaves c at the ";" before the
 * parameters. False when there is no token at all. */
bool param_head_parse(struct cur *c, struct str *first, struct str *second);

/* Take one parameter, with the ";" before it. False when none is left; malformed text is skipped.
 * The value borrows from c, or is a copy in a when it has escapes or folds. */
bool param_next(struct cur *c, struct arena *a, struct param *out);

/* All parameters of params (the part after type/subtype), raw and in order, for BODYSTRUCTURE; at
 * most max, and fewer when a is full (arena_cap). */
void param_list_parse(struct arena *a, struct str params, size_t max, struct param_list *out);

/* The value of one parameter, pieces joined and decoded to UTF-8 (RFC 2231 3 and 4; also
 * encoded-words, which RFC 2047 forbids here but are common). False when it is absent, or a is
 * full. */
bool param_get(struct arena *a, const struct param_list *list, struct str name, struct str *out);
/* The same directly from the field value, for one parameter. */
bool param_find(struct arena *a, struct str params, struct str name, struct str *out);

#endif
