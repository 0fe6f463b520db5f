/* flow/submission/form_letter.h: what a visitor has filled in becomes a letter: pure. */
#ifndef SUBMISSION_FORM_LETTER_H
#define SUBMISSION_FORM_LETTER_H
#include "flow/submission/letter.h"
#include "foundation/text/json.h"

struct form_field {
	struct str name, value; /* UTF-8 */
};

struct form_fields {
	struct form_field *items;
	size_t count;
};

enum { FORM_FIELD_NAME_MAX = 100 };

/* application/x-www-form-urlencoded: names and values decoded, in a; bytes that are not UTF-8
 * become U+FFFD. ERR_SYNTAX: a name that is no line of 1 to FORM_FIELD_NAME_MAX bytes; ERR_LIMIT:
 * more than max fields. */
enum err form_fields_parse(struct str body, size_t max, struct arena *a, struct form_fields *out,
                           struct why *why) MUST_USE;
/* The same of a JSON object of strings. */
enum err form_fields_of(struct json body, size_t max, struct arena *a, struct form_fields *out,
                        struct why *why) MUST_USE;
/* Empty when there is none. */
struct str form_field_get(const struct form_fields *fields, struct str name);

struct form_letter {
	struct str form; /* its name                                        */
	struct str subject;
	struct str reply; /* field with the visitor's address                */
	struct str trap;  /* field that is left out                          */
	struct mailaddr from, to;
	struct str peer, origin; /* for the reader: where it came from      */
	int64_t date_ms;
	struct str message_id;
};

/* The letter: each field with its name as text, so that no field can pass for another; the
 * visitor's address as Reply-To, if it is one. Lives in a. ERR_SYNTAX: nothing was filled in. */
enum err form_letter_make(const struct form_letter *f, const struct form_fields *fields,
                          struct arena *a, struct letter *out, struct why *why) MUST_USE;

#endif
