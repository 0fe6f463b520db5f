/* formats/mailauth/dkim_verify.c: see dkim_verify.h. */
#include "formats/mailauth/dkim_verify.h"

#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/psl.h"
#include "foundation/base/arena.h"

#include <string.h>

struct str dkim_result_text(enum dkim_result result)
{
	static const struct str names[DKIM_RESULTS] = {
		[DKIM_NONE] = STR("none"),           [DKIM_PASS] = STR("pass"),
		[DKIM_FAIL] = STR("fail"),           [DKIM_POLICY] = STR("policy"),
		[DKIM_NEUTRAL] = STR("neutral"),     [DKIM_TEMPERROR] = STR("temperror"),
		[DKIM_PERMERROR] = STR("permerror"),
	};

	return names[result];
}

static enum dkim_result check_explain(struct why *why, enum dkim_result result, const char *text)
{
	(void)!fail(why, ERR_DENIED, "%s", text);
	return result;
}

/* --- shared by DKIM and ARC ---------------------------------------------------------------- */

struct dkim_question *dkim_question_for(struct dkim_question *questions, size_t *count,
                                        const struct dkim_signature *s, struct arena *a)
{
	struct str name = dkim_key_name(s, a);

	for (size_t i = 0; i < *count; i++)
		if (questions[i].algorithm == s->algorithm && str_eq(questions[i].name, name))
			return &questions[i];
	questions[*count] = (struct dkim_question){ .name = name, .algorithm = s->algorithm };
	return &questions[(*count)++];
}

bool dkim_time_check(const struct dkim_signature *s, int64_t now_s, struct why *why)
{
	if (s->expires_s >= 0 && now_s > s->expires_s + DKIM_CLOCK_S)
		return fail(why, ERR_DENIED, "the signature has expired") == OK;
	if (s->signed_s > now_s + DKIM_CLOCK_S)
		return fail(why, ERR_DENIED, "the signature is of a time to come") == OK;
	return true;
}

bool dkim_riders_check(const struct dkim_signature *s, const struct dkim_fields *fields,
                       struct why *why)
{
	const char *name = dkim_rider_find(fields, s->names);

	return name == NULL ||
	       fail(why, ERR_DENIED, "there is more of %s than was signed", name) == OK;
}

enum dkim_result dkim_body_check(const struct dkim_signature *s, const struct body_hashes *bodies,
                                 struct why *why)
{
	uint64_t size = body_hashes_size(bodies, s->body);

	/* RFC 6376 3.5, l=: it must not be larger than the body. */
	if (s->length != UINT64_MAX && s->length > size)
		return check_explain(why, DKIM_FAIL, "the body is shorter than what was signed");
	/* RFC 6376 8.2: not a pass, independent of its hash. */
	if (s->length < size)
		return check_explain(why, DKIM_POLICY, "only the beginning of the body was signed");
	if (memcmp(body_hashes_digest(bodies, s->body), s->body_hash, HASH_BYTES) != 0)
		return check_explain(why, DKIM_FAIL, "the body was changed, its hash is another");
	return DKIM_PASS;
}

/* RFC 6376 3.6.1, t=s: no domain below d=. */
static bool identity_fits(const struct dkim_signature *s)
{
	ptrdiff_t at = str_rfind_byte(s->identity, '@');

	return s->identity.n == 0 ||
	       str_eq(str_sub(s->identity, (size_t)at + 1, s->identity.n), s->domain);
}

static enum dkim_result key_fits(const struct dkim_signature *s, const struct dkim_question *q,
                                 const uint8_t digest[static HASH_BYTES], struct why *why)
{
	switch (q->found) {
	case DKIM_KEY_FOUND:
		break;
	case DKIM_KEY_MISSING:
		return check_explain(why, DKIM_PERMERROR, q->why.text);
	case DKIM_KEY_UNKNOWN:
		return check_explain(why, DKIM_TEMPERROR, q->why.text);
	case DKIM_KEY_UNASKED:
		return check_explain(why, DKIM_TEMPERROR, "the key was not asked for");
	}
	if (q->key.exact && !identity_fits(s))
		return check_explain(why, DKIM_PERMERROR,
		                     "i= is below d=, which its key does not allow");
	if (q->algorithm == DKIM_RSA_SHA256 && q->key.bits < DKIM_BITS_LEAST) /* RFC 8301 3.2 */
		return check_explain(why, DKIM_POLICY, "its RSA key has less than 1024 bits");
	if (!dkim_public_verify(&q->key, digest, s->signature))
		return check_explain(why, DKIM_FAIL, "the signature does not fit key and header");
	return DKIM_PASS;
}

/* RFC 6376 3.6.1, s= */
static enum dkim_result as_mail(enum dkim_result result, const struct dkim_question *q,
                                struct why *why)
{
	if (result != DKIM_PASS || !q->key.tls_reports)
		return result;
	return check_explain(why, DKIM_POLICY, "its key is for reports on TLS alone");
}

enum dkim_result dkim_key_check(const struct dkim_signature *s, const struct dkim_question *q,
                                const uint8_t digest[static HASH_BYTES], struct why *why)
{
	return as_mail(key_fits(s, q, digest, why), q, why);
}

/* --- beginning ------------------------------------------------------------------------------- */

static bool is_signature(const struct header_field *f)
{
	return str_eqi(f->name, STR("DKIM-Signature"));
}

static void check_begin(struct dkim_verifier *v, struct dkim_check *c,
                        const struct dkim_fields *fields, struct str field, int64_t now_s,
                        struct arena *a)
{
	struct dkim_signature *s = &c->signature;

	c->result = DKIM_PERMERROR;
	if (!dkim_signature_parse(DKIM_SIGNATURE, field, a, s, &c->why))
		return;
	c->result = DKIM_FAIL;
	if (!dkim_time_check(s, now_s, &c->why))
		return;
	c->result = DKIM_POLICY;
	if (!dkim_riders_check(s, fields, &c->why))
		return;
	if (!dkim_header_hash(fields, s->header, field, c->digest)) {
		c->result =
			check_explain(&c->why, DKIM_PERMERROR, "the header has too many fields");
		return;
	}
	body_hashes_add(v->bodies, s->body);
	c->question = dkim_question_for(v->questions, &v->question_count, s, a);
}

/* --- the verified signatures ---------------------------------------------------------------- */

static struct str organization(struct str domain)
{
	struct str found = psl_organization(domain);

	return found.n != 0 ? found : domain;
}

/* The organization of the one author, in a; empty when it is unknown. */
static struct str authors_organization(const struct dkim_fields *fields, struct arena *a)
{
	struct str author;

	return dmarc_author(fields->items, fields->count, a, &author, NULL) == OK ?
	               organization(author) :
	               STR_EMPTY;
}

/* Signatures by the number of their field, in the order of priority. */
struct choice {
	size_t *fields;
	size_t count, of_author;
};

/* Later servers add theirs on top (RFC 6376 4.2), so the signature that DMARC needs may be below
 * any number of them. */
static struct choice choose(const struct dkim_fields *fields, size_t n, struct arena *a)
{
	struct choice c = { .fields = arena_array(a, size_t, n) };
	struct str wanted = authors_organization(fields, a), domain;
	bool *is_his = arena_array(a, bool, fields->count);

	for (size_t i = 0; i < fields->count; i++) {
		const struct header_field *f = &fields->items[i];

		is_his[i] = is_signature(f) && wanted.n != 0 &&
		            dkim_signature_domain(dkim_field_text(f), a, &domain) &&
		            str_eqi(organization(domain), wanted);
		if (is_his[i])
			c.fields[c.of_author++] = i;
	}
	c.count = c.of_author;
	for (size_t i = 0; i < fields->count; i++)
		if (is_signature(&fields->items[i]) && !is_his[i])
			c.fields[c.count++] = i;
	return c;
}

/* Is it among the first of them, up to the limit? */
static bool is_chosen(const struct choice *c, size_t field)
{
	for (size_t i = 0; i < MIN(c->count, (size_t)DKIM_SIGNATURES_MAX); i++)
		if (c->fields[i] == field)
			return true;
	return false;
}

void dkim_verify_begin(struct dkim_verifier *v, const struct dkim_fields *fields,
                       struct body_hashes *bodies, int64_t now_s, struct arena *a)
{
	size_t n = dkim_fields_count(fields, STR("DKIM-Signature"));
	struct choice c = { NULL, n, 0 };

	*v = (struct dkim_verifier){ .bodies = bodies };
	v->count = MIN(n, (size_t)DKIM_SIGNATURES_MAX);
	v->more = n - v->count;
	if (v->more != 0)
		c = choose(fields, n, a);
	v->more_of_author = c.of_author > v->count;
	v->checks = arena_array(a, struct dkim_check, v->count);
	v->questions = arena_array(a, struct dkim_question, v->count);
	for (size_t i = 0, at = 0; at < v->count; i++)
		if (is_signature(&fields->items[i]) && (v->more == 0 || is_chosen(&c, i)))
			check_begin(v, &v->checks[at++], fields, dkim_field_text(&fields->items[i]),
			            now_s, a);
}

/* --- the end --------------------------------------------------------------------------------- */

/* The body is checked first: it needs no key, and its error is more helpful. */
static void check_end(const struct dkim_verifier *v, struct dkim_check *c)
{
	enum dkim_result body, key;
	struct why why = { "" };

	if (c->question->found == DKIM_KEY_FOUND) {
		c->key_bits = c->question->key.bits;
		c->testing = c->question->key.testing;
	}
	body = dkim_body_check(&c->signature, v->bodies, &c->why);
	c->result = body;
	c->body_changed = body == DKIM_FAIL;
	if (c->body_changed)
		return;
	key = key_fits(&c->signature, c->question, c->digest, &why);
	c->tls_report = body == DKIM_PASS && key == DKIM_PASS && c->question->key.tls_reports;
	key = as_mail(key, c->question, &why);
	if (key != DKIM_PASS) {
		c->result = key;
		c->why = why;
	}
}

void dkim_verify_end(struct dkim_verifier *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->checks[i].question != NULL)
			check_end(v, &v->checks[i]);
}

enum dkim_result dkim_verify_overall(const struct dkim_verifier *v)
{
	static const enum dkim_result order[] = { DKIM_PASS,   DKIM_TEMPERROR, DKIM_FAIL,
		                                  DKIM_POLICY, DKIM_PERMERROR, DKIM_NEUTRAL };

	for (size_t o = 0; o < COUNT(order); o++)
		for (size_t i = 0; i < v->count; i++)
			if (v->checks[i].result == order[o])
				return order[o];
	return DKIM_NONE;
}
