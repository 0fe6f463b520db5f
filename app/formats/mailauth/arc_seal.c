/* formats/mailauth/arc_seal.c: a new set of a chain (RFC 8617 5.1); see arc.h. */
#include "formats/mailauth/arc.h"
#include "formats/mailauth/dkim_write.h"
#include "foundation/base/arena.h"
#include "foundation/text/base64.h"

#include <stdio.h>

enum { SET_MAX = 64 << 10 };

struct sealing {
	const struct arc_sealer *s;
	const struct arc_verifier *v;
	struct arena *a;
	unsigned instance;
	char number[8], seconds[24];
};

static struct str arc_seal_taken(struct arena *a, struct buf *b)
{
	struct str text = buf_ok(b) ? str_dup(a, buf_str(b)) : STR_EMPTY;

	buf_reset(b);
	return text;
}

static void arc_seal_names_put(struct dkim_writer *w, const struct sealing *g,
                      const struct dkim_fields *fields)
{
	if (g->s->names.n != 0) {
		dkim_tag_put(w, "h", g->s->names);
		return;
	}
	dkim_names_put(w, fields);
	/* RFC 8617 4.1.2: so that signatures of others are covered. */
	for (size_t n = dkim_fields_count(fields, STR("DKIM-Signature")); n != 0; n--)
		dkim_name_put(w, STR("DKIM-Signature"));
}

static void arc_seal_end(struct dkim_writer *w, const struct sealing *g)
{
	dkim_tag_put(w, "i", str_of(g->number));
	dkim_tag_put(w, "s", g->s->key.selector);
	dkim_tag_put(w, "t", str_of(g->seconds));
}

/* A field around the value of b=, to be hashed without the value and written with it. */
struct halves {
	struct str before, after;
};

/* The value is not folded: it is a line of at most 690 bytes, and the seal would cover its folds.
 * (The public test suite requires the same bits.) */
static struct str signed_text(const struct halves *h, const struct sealing *g,
                              const uint8_t *digest, struct buf *b)
{
	if (digest == NULL)
		return str_fmt(g->a, "%.*s%.*s", STR_ARG(h->before), STR_ARG(h->after));
	buf_put(b, h->before);
	base64_put(b, dkim_signature_make(&g->s->key, digest, g->a));
	buf_put(b, h->after);
	return arc_seal_taken(g->a, b);
}

static struct str before_b(struct sealing *g, const char *name, struct buf *b)
{
	buf_fmt(b, "%s: a=%s;\r\n b=", name, dkim_algorithm_name(g->s->key.algorithm));
	return arc_seal_taken(g->a, b);
}

static struct str message_sign(struct sealing *g, const struct dkim_fields *fields,
                               const uint8_t *body_hash, struct buf *b)
{
	struct halves h = { .before = before_b(g, "ARC-Message-Signature", b) };
	struct dkim_writer w = { b, 76 };
	uint8_t digest[HASH_BYTES];
	struct str field;

	dkim_tag_put(&w, "bh", STR_EMPTY);
	dkim_base64_put(&w, str_from((const char *)body_hash, HASH_BYTES));
	dkim_tag_put(&w, "c", STR("relaxed/relaxed"));
	dkim_tag_put(&w, "d", g->s->key.domain);
	arc_seal_names_put(&w, g, fields);
	arc_seal_end(&w, g);
	h.after = arc_seal_taken(g->a, b);
	field = signed_text(&h, g, NULL, b);
	if (!dkim_header_hash(fields, CANON_RELAXED, field, digest))
		return STR_EMPTY;
	return signed_text(&h, g, digest, b);
}

/* RFC 8617 5.1.1; for a broken chain only our own set (5.1.2). */
static struct str seal(struct sealing *g, struct str results, struct str message, struct buf *b)
{
	struct halves h = { .before = before_b(g, "ARC-Seal", b) };
	struct dkim_writer w = { b, 76 };
	uint8_t digest[HASH_BYTES];
	struct hash_sha256 hash;

	dkim_tag_put(&w, "cv", arc_result_text(g->s->cv));
	dkim_tag_put(&w, "d", g->s->key.domain);
	arc_seal_end(&w, g);
	h.after = arc_seal_taken(g->a, b);
	hash_sha256_init(&hash);
	for (size_t i = 0; g->s->cv != ARC_FAIL && i < g->v->count; i++) {
		dkim_field_hash(&hash, CANON_RELAXED, g->v->sets[i].results->raw);
		dkim_field_hash(&hash, CANON_RELAXED, g->v->sets[i].message->raw);
		dkim_field_hash(&hash, CANON_RELAXED, g->v->sets[i].seal->raw);
	}
	dkim_field_hash(&hash, CANON_RELAXED, results);
	dkim_field_hash(&hash, CANON_RELAXED, message);
	if (!dkim_own_hash(&hash, CANON_RELAXED, signed_text(&h, g, NULL, b)))
		return STR_EMPTY;
	hash_sha256_final(&hash, digest);
	return signed_text(&h, g, digest, b);
}

/* Is this cv valid for the existing chain? */
static bool arc_seal_fits(const struct arc_sealer *s, const struct arc_verifier *v)
{
	if (v->closed || v->count >= ARC_INSTANCES_MAX)
		return false;
	return s->cv == ARC_FAIL || (s->cv == ARC_NONE ? v->result == ARC_NONE && v->count == 0
	                                               : v->whole && v->count != 0);
}

/* Would our own verifier accept it? It may have too many fields, or an invalid domain. */
static bool well_formed(const struct sealing *g, enum dkim_field kind, struct str field)
{
	struct dkim_signature s;

	return field.n != 0 && dkim_signature_parse(kind, field, g->a, &s, NULL);
}

static bool set_put(struct buf *out, struct sealing *g, const struct dkim_fields *fields,
                    const uint8_t *body_hash)
{
	struct str results = str_fmt(g->a, "ARC-Authentication-Results: i=%s; %.*s", g->number,
	                             STR_ARG(g->s->results));
	struct str message, sealed = STR_EMPTY;
	struct buf b;

	buf_init(&b, SET_MAX);
	message = message_sign(g, fields, body_hash, &b);
	if (well_formed(g, DKIM_ARC_MESSAGE, message))
		sealed = seal(g, results, message, &b);
	buf_deinit(&b);
	if (!well_formed(g, DKIM_ARC_SEAL, sealed))
		return false;
	buf_put(out, sealed);
	buf_put(out, STR("\r\n"));
	buf_put(out, message);
	buf_put(out, STR("\r\n"));
	buf_put(out, results);
	buf_put(out, STR("\r\n"));
	return true;
}

bool arc_seal(struct buf *out, const struct arc_sealer *s, const struct arc_verifier *v,
              const struct dkim_fields *fields, const uint8_t body_hash[static HASH_BYTES],
              int64_t now_s)
{
	struct arena a = { 0 };
	struct sealing g = { .s = s, .v = v, .a = &a, .instance = (unsigned)v->count + 1 };
	bool done;

	if (fields->limited || !arc_seal_fits(s, v))
		return false;
	snprintf(g.number, sizeof g.number, "%u", g.instance);
	snprintf(g.seconds, sizeof g.seconds, "%" PRId64, now_s);
	done = set_put(out, &g, fields, body_hash);
	arena_deinit(&a);
	return done;
}
