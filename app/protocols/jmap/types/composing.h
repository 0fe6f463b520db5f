/* protocols/jmap/types/composing.h: what the files of email_compose.h share. */
#ifndef JMAP_COMPOSING_H
#define JMAP_COMPOSING_H
#include "protocols/jmap/types/email_compose.h"
#include "protocols/jmap/types/header_property.h"

/* ERR_SYNTAX with the refusal filled in. */
enum err compose_refuse(struct composing *c, struct str property, const char *fmt, ...)
	PRINTF(3, 4);

/* The names of fields that were written, each once (RFC 8621 4.6). */
struct field_names {
	struct str *names;
	size_t n, cap;
};
bool field_names_has(const struct field_names *f, struct str name);
void field_names_add(struct field_names *f, struct arena *a, struct str name);

/* Write the field, or several of "all", that property stands for; null writes nothing. property:
 * as the client wrote it, for refusals. ERR_SYNTAX. */
enum err compose_field(struct composing *c, struct buf *out, struct str property,
                       const struct header_property *what, struct json value,
                       struct field_names *written) MUST_USE;

/* Missing or null. */
static inline bool compose_is_absent(struct json v)
{
	return json_kind(v) == JSON_MISSING || json_kind(v) == JSON_NULL;
}

/* compose_parts.c: the parts in preorder. */
struct compose_part {
	struct json json;     /* missing: a multipart that no object describes */
	struct str type;      /* in lower case, as "text/plain" */
	struct str property;  /* of the email: "bodyStructure" and so on */
	struct str content;   /* of bodyValues, or of the blob */
	struct str boundary;  /* of a multipart */
	unsigned depth;       /* 0: the message itself */
	bool multipart, is_text /* from bodyValues */, is_8bit;
};
struct compose_parts {
	struct compose_part *items;
	size_t n;
};
/* ERR_SYNTAX. */
enum err compose_parts(struct composing *c, struct compose_parts *out) MUST_USE;
/* Does the HTML refer to it: has it a Content-ID, and is it not marked as an attachment? */
bool compose_is_related(struct json attachment);

/* compose_write.c: all of them, from Content-Type of the first on. header: the fields of the email
 * itself. */
enum err compose_parts_put(struct composing *c, const struct compose_parts *parts, struct buf *out,
                           struct field_names *header) MUST_USE;

#endif
