/* formats/mailauth/dkim_sign.c: a new signature; see dkim.h. dkim_write.c lists the covered fields.
 * There is no l=: a body that may be extended after the signature is not signed (RFC 6376 8.2). */
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/dkim_write.h"
#include "foundation/base/arena.h"

#include <stdio.h>

const char *dkim_algorithm_name(enum dkim_algorithm a)
{
	return a == DKIM_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256";
}

/* All of the field up to the value of b=. */
static void unsigned_put(struct dkim_writer *w, const struct dkim_signer *s,
                         const struct dkim_fields *fields, const uint8_t *body_hash, int64_t now_s)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%" PRId64, now_s);
	dkim_put(w, STR("DKIM-Signature: v=1"));
	dkim_tag_put(w, "a", str_of(dkim_algorithm_name(s->algorithm)));
	dkim_tag_put(w, "c", STR("relaxed/relaxed"));
	dkim_tag_put(w, "d", s->domain);
	dkim_tag_put(w, "s", s->selector);
	dkim_tag_put(w, "t", str_of(seconds));
	dkim_names_put(w, fields);
	dkim_tag_put(w, "bh", STR_EMPTY);
	dkim_base64_put(w, str_from((const char *)body_hash, HASH_BYTES));
	dkim_tag_put(w, "b", STR_EMPTY);
}

bool dkim_sign(struct buf *out, const struct dkim_signer *s, const struct dkim_fields *fields,
               const uint8_t body_hash[static HASH_BYTES], int64_t now_s)
{
	struct buf field;
	struct dkim_writer w = { &field, 0 };
	uint8_t digest[HASH_BYTES];
	struct arena a = { 0 };
	bool done = false;

	buf_init(&field, DKIM_SIGNATURE_MAX);
	if (fields->limited || dkim_fields_count(fields, STR("From")) == 0)
		goto out;
	unsigned_put(&w, s, fields, body_hash, now_s);
	if (!buf_ok(&field) || !dkim_header_hash(fields, CANON_RELAXED, buf_str(&field), digest))
		goto out;
	dkim_base64_put(&w, dkim_signature_make(s, digest, &a));
	dkim_put(&w, STR("\r\n"));
	done = buf_ok(&field);
	if (done)
		buf_put(out, buf_str(&field));
out:
	buf_deinit(&field);
	arena_deinit(&a);
	return done;
}
