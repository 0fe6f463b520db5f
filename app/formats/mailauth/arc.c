/* formats/mailauth/arc.c: verification of chains (RFC 8617 5.2); see arc.h. */
#include "formats/mailauth/arc.h"

#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"

struct str arc_result_text(enum arc_result result)
{
	static const struct str names[ARC_RESULTS] = { STR("none"), STR("pass"), STR("fail") };

	return names[result];
}

/* --- the sets -------------------------------------------------------------------------------- */

enum part { RESULTS, MESSAGE, SEAL, PARTS };

static const struct str part_names[PARTS] = { STR("ARC-Authentication-Results"),
	                                      STR("ARC-Message-Signature"), STR("ARC-Seal") };

static bool arc_number(struct str text, size_t *n)
{
	struct cur c = cur_of(text);
	uint32_t value;

	if (text.n > 2 || !cur_u32(&c, &value) || !cur_done(&c) || value == 0 ||
	    value > ARC_INSTANCES_MAX)
		return false;
	*n = value;
	return true;
}

static bool arc_is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

/* arc-info = instance [CFWS] ";" authres-payload		RFC 8617 4.1.1 */
static bool results_parse(struct str value, size_t *n, struct str *said)
{
	struct cur c = cur_of(value);
	struct str digits;

	(void)cur_while(&c, ascii_space);
	if (!cur_byte(&c, 'i'))
		return false;
	(void)cur_while(&c, ascii_space);
	if (!cur_byte(&c, '='))
		return false;
	(void)cur_while(&c, ascii_space);
	digits = cur_while(&c, arc_is_digit);
	(void)cur_while(&c, ascii_space);
	if (!arc_number(digits, n) || !cur_byte(&c, ';'))
		return false;
	(void)cur_while(&c, ascii_space);
	*said = cur_rest(&c);
	return true;
}

static bool instance_of(enum part part, const struct header_field *f, size_t *n, struct str *said)
{
	struct tags tags;

	if (part == RESULTS)
		return results_parse(f->value, n, said);
	return tags_parse(f->value, &tags) && arc_number(tags_value(&tags, STR("i"), STR_EMPTY), n);
}

static const struct header_field **slot(struct arc_set *set, enum part part)
{
	return part == RESULTS ? &set->results : part == MESSAGE ? &set->message : &set->seal;
}

/* Only the first reason is kept. */
static void broken(struct arc_verifier *v, const char *what, size_t n)
{
	if (v->result != ARC_FAIL)
		(void)!fail(&v->why, ERR_SYNTAX, "%s %zu", what, n);
	v->result = ARC_FAIL;
}

static void broken_words(struct arc_verifier *v, const char *words)
{
	if (v->result != ARC_FAIL)
		(void)!fail(&v->why, ERR_SYNTAX, "%s", words);
	v->result = ARC_FAIL;
}

static void arc_field_take(struct arc_verifier *v, enum part part, const struct header_field *f)
{
	struct str said = STR_EMPTY;
	size_t n;

	if (!instance_of(part, f, &n, &said)) {
		broken_words(v, "a field of the chain has no right i=");
		return;
	}
	v->count = MAX(v->count, n);
	if (*slot(&v->sets[n - 1], part) != NULL)
		broken(v, "there is more than one field of a kind in set", n);
	*slot(&v->sets[n - 1], part) = f;
	if (part == RESULTS)
		v->sets[n - 1].said = said;
}

/* The chain's field that this is; PARTS for none. */
static enum part arc_part_of(const struct header_field *f)
{
	enum part part = RESULTS;

	while (part != PARTS && !str_eqi(f->name, part_names[part]))
		part++;
	return part;
}

static void sets_read(struct arc_verifier *v, const struct dkim_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		enum part part = arc_part_of(&fields->items[i]);

		if (part != PARTS)
			arc_field_take(v, part, &fields->items[i]);
	}
	for (size_t i = 0; i < v->count; i++)
		if (v->sets[i].results == NULL || v->sets[i].message == NULL ||
		    v->sets[i].seal == NULL)
			broken(v, "a field is missing in set", i + 1);
}

static bool any(const struct dkim_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++)
		if (arc_part_of(&fields->items[i]) != PARTS)
			return true;
	return false;
}

/* --- beginning ------------------------------------------------------------------------------- */

/* A seal, and its cv= for the chain below it (RFC 8617 5.2, 3.C). */
static void seal_read(struct arc_verifier *v, size_t i, struct arena *a)
{
	struct arc_set *set = &v->sets[i];
	struct why why = { "" };

	if (set->seal == NULL)
		return;
	if (!dkim_signature_parse(DKIM_ARC_SEAL, dkim_field_text(set->seal), a, &set->sealed,
	                          &why)) {
		if (v->result != ARC_FAIL)
			(void)!fail(&v->why, ERR_SYNTAX, "the seal of set %zu: %s", i + 1,
			            why.text);
		v->result = ARC_FAIL;
		return;
	}
	if (i + 1 == v->count)
		v->closed = set->sealed.cv == ARC_FAIL;
	if (set->sealed.cv == ARC_FAIL)
		broken(v, "the chain was broken already for the sealer of set", i + 1);
	else if (set->sealed.cv != (i == 0 ? ARC_NONE : ARC_PASS))
		broken(v, "cv= is not what it must be in set", i + 1);
}

/* The hash of each seal: all sets up to it, in order (RFC 8617 5.1.1). */
static void seals_hash(struct arc_verifier *v)
{
	struct hash_sha256 all, one;

	hash_sha256_init(&all);
	for (size_t i = 0; i < v->count; i++) {
		struct arc_set *set = &v->sets[i];

		dkim_field_hash(&all, CANON_RELAXED, set->results->raw);
		dkim_field_hash(&all, CANON_RELAXED, set->message->raw);
		one = all;
		(void)dkim_own_hash(&one, CANON_RELAXED, dkim_field_text(set->seal));
		hash_sha256_final(&one, set->digest);
		dkim_field_hash(&all, CANON_RELAXED, set->seal->raw);
	}
}

static bool message_begin(struct arc_verifier *v, const struct dkim_fields *fields, int64_t now_s,
                          struct arena *a)
{
	struct dkim_signature *s = &v->message;
	struct str field = dkim_field_text(v->sets[v->count - 1].message);
	struct why why = { "" };

	if (!dkim_signature_parse(DKIM_ARC_MESSAGE, field, a, s, &why) ||
	    !dkim_time_check(s, now_s, &why) || !dkim_riders_check(s, fields, &why)) {
		(void)!fail(&v->why, ERR_SYNTAX, "the latest message signature: %s", why.text);
		return false;
	}
	if (!dkim_header_hash(fields, s->header, field, v->digest)) {
		broken_words(v, "the header has too many fields");
		return false;
	}
	body_hashes_add(v->bodies, s->body);
	v->question = dkim_question_for(v->questions, &v->question_count, s, a);
	return true;
}

void arc_verify_begin(struct arc_verifier *v, const struct dkim_fields *fields,
                      struct body_hashes *bodies, int64_t now_s, struct arena *a)
{
	*v = (struct arc_verifier){ .result = ARC_NONE, .bodies = bodies };
	if (fields->limited)
		broken_words(v, "the header has too many fields");
	if (fields->limited || !any(fields))
		return;
	v->sets = arena_array(a, struct arc_set, ARC_INSTANCES_MAX);
	sets_read(v, fields);
	for (size_t i = v->count; i-- > 0;)
		seal_read(v, i, a);
	v->whole = v->result != ARC_FAIL;
	if (!v->whole || bodies == NULL)
		return;
	v->questions = arena_array(a, struct dkim_question, v->count + 1);
	v->result = ARC_FAIL;
	if (!message_begin(v, fields, now_s, a)) {
		v->question_count = 0;
		return;
	}
	seals_hash(v);
	for (size_t i = 0; i < v->count; i++)
		v->sets[i].question =
			dkim_question_for(v->questions, &v->question_count, &v->sets[i].sealed, a);
}

/* --- the end --------------------------------------------------------------------------------- */

static bool worth(struct arc_verifier *v, enum dkim_result result, const char *what, size_t n,
                  const struct why *why)
{
	if (result == DKIM_PASS)
		return true;
	v->unanswered = result == DKIM_TEMPERROR;
	(void)!fail(&v->why, ERR_DENIED, "%s of set %zu: %s", what, n, why->text);
	return false;
}

/* RFC 8617 5.2, steps 4 to 6. A signature over the beginning of the body only does not count. */
static bool signatures_check(struct arc_verifier *v)
{
	struct why why = { "" };

	if (!worth(v, dkim_body_check(&v->message, v->bodies, &why), "the message signature",
	           v->count, &why) ||
	    !worth(v, dkim_key_check(&v->message, v->question, v->digest, &why),
	           "the message signature", v->count, &why))
		return false;
	for (size_t i = v->count; i-- > 0;) {
		struct arc_set *set = &v->sets[i];

		if (!worth(v, dkim_key_check(&set->sealed, set->question, set->digest, &why),
		           "the seal", i + 1, &why))
			return false;
	}
	return true;
}

void arc_verify_end(struct arc_verifier *v)
{
	if (v->question != NULL && signatures_check(v))
		v->result = ARC_PASS;
}
