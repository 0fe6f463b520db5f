/* foundation/text/json.h: JSON (RFC 8259): reading untrusted documents, and writing.
 *
 * A document is parsed whole into an arena; struct json is a value in it, cheap to copy.
 * Reading is lenient to the caller: a missing member is a value of the kind JSON_MISSING, and every
 * function on it returns false or 0. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/str.h"

enum {
	JSON_DEPTH_MAX = 64,        /* of a document that is read */
	JSON_WRITE_DEPTH_MAX = 128, /* of one that is written */
	JSON_BYTES_MAX = 1 << 20
};

enum json_kind {
	JSON_MISSING, /* no such value */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	const void *value; /* the parser's; NULL: JSON_MISSING */
};

/* Parse a document into a. False: it is not JSON (RFC 8259), not UTF-8, deeper than JSON_DEPTH_MAX,
 * longer than JSON_BYTES_MAX, or an object in it has a name twice. Also false for more than 10,000
 * values that are shorter than 16 bytes on average, so that the memory in a stays below 8 times the
 * text and 1 MiB. */
bool json_parse(struct arena *a, struct str text, struct json *out) MUST_USE;
/* The same with at most max bytes. The parse takes about four times the memory of the text. */
bool json_parse_long(struct arena *a, struct str text, size_t max, struct json *out) MUST_USE;

enum json_kind json_kind(struct json v);
/* The member of an object; missing when there is none, or v is no object. O(members). */
struct json json_get(struct json v, const char *name);

/* *out is set only when true. Strings are borrowed from the document and may hold any
 * character, NUL included. Integers: without fraction or exponent, in range. */
bool json_str(struct json v, struct str *out);
bool json_i64(struct json v, int64_t *out);
bool json_u64(struct json v, uint64_t *out);
bool json_bool(struct json v, bool *out);
/* RFC 3339 text, as milliseconds since 1970. */
bool json_time(struct json v, int64_t *ms);

/* Walk an array's values or an object's members:
 *
 *	struct json_iter it = json_iter(v);
 *	while (json_next(&it))
 *		use(it.name, it.value);
 */
struct json_iter {
	struct str name; /* of a member; empty in an array */
	struct json value;
	struct json of; /* private, like the rest */
	const void *at;
	size_t left;
};
struct json_iter json_iter(struct json v);
bool json_next(struct json_iter *it);
size_t json_count(struct json v); /* values or members; 0 for other kinds */
/* The same value: members of objects in any order, numbers by value. */
bool json_equal(struct json a, struct json b);

/* --- Writing ---------------------------------------------------------------------------- */

/* Appends to a buffer, with commas and quotes. name is NULL in arrays and for the document itself:
 *
 *	json_open(w, NULL, '{');
 *	json_put_str(w, "address", account.address);
 *	json_open(w, "aliases", '[');
 *	json_put_str(w, NULL, alias);
 *	json_close(w);
 *	json_close(w);
 */
struct json_writer {
	struct buf *out;
	unsigned depth;
	bool first;
	char closers[JSON_WRITE_DEPTH_MAX];
};
void json_writer_init(struct json_writer *w, struct buf *out);
void json_open(struct json_writer *w, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json_writer *w);
/* Bytes that are not UTF-8 become U+FFFD. */
void json_put_str(struct json_writer *w, const char *name, struct str s);
void json_put_i64(struct json_writer *w, const char *name, int64_t n);
void json_put_u64(struct json_writer *w, const char *name, uint64_t n);
void json_put_bool(struct json_writer *w, const char *name, bool b);
void json_put_null(struct json_writer *w, const char *name);
/* A number of milliseconds since 1970 as RFC 3339 text; null for 0. */
void json_put_time(struct json_writer *w, const char *name, int64_t ms);
/* One value that is already JSON, in one line. */
void json_put_raw(struct json_writer *w, const char *name, struct str json);
/* A value that was read, in one line. */
void json_put_value(struct json_writer *w, const char *name, struct json v);
/* A member whose name is not known at compile time. The value follows with name NULL. */
void json_put_name(struct json_writer *w, struct str name);

#endif
