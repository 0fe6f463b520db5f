/* Chains of ARC, in the header of the input:
 *
 *	sets are of fields of the input, and none is right that is not whole
 *	a set that we add is whole, over what was whole it is right, and has the next number
 *	nothing is added to what was closed */
#include "formats/mailauth/arc.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { NOW = 1600000000, ROOM = 1 << 20 };

/* RFC 8463 A.2 */
static const struct dns_fake_row zone[] = {
	{ "s._domainkey.a.example", "TXT",
	  "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ NULL, NULL, NULL },
};

static const uint8_t seed[ED25519_SEED] = {
	0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
	0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
	0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
};

struct run {
	struct dkim_fields fields;
	struct body_hashes bodies;
	struct arc_verifier v;
};

static struct run *check(struct str in, struct arena *a)
{
	struct dns *dns = dns_fake_new(zone, false);
	struct run *r = arena_new(a, struct run);

	dkim_fields_read(&r->fields, &in, 1, a);
	body_hashes_init(&r->bodies);
	body_hashes_add(&r->bodies, CANON_RELAXED);
	arc_verify_begin(&r->v, &r->fields, &r->bodies, NOW, a);
	body_hashes_put(&r->bodies, str_sub(in, header_size(in), in.n));
	body_hashes_end(&r->bodies);
	assert(r->v.question_count <= r->v.count + 1 && r->v.count <= ARC_INSTANCES_MAX);
	for (size_t i = 0; i < r->v.question_count; i++)
		dkim_question_ask(&r->v.questions[i], dns, 0);
	arc_verify_end(&r->v);
	assert(r->v.result != ARC_PASS || (r->v.whole && r->v.count != 0));
	assert((r->v.result == ARC_FAIL) == (r->v.why.text[0] != '\0'));
	dns_free(&dns);
	return r;
}

static void seal(struct str in, const struct run *r, enum arc_result cv, struct arena *a)
{
	const struct arc_sealer s = { .key = { .algorithm = DKIM_ED25519_SHA256,
		                               .domain = STR("a.example"),
		                               .selector = STR("s"),
		                               .seed = seed },
		                      .results = STR("mx.a.example; none"),
		                      .cv = cv };
	const struct run *again;
	struct buf b;

	buf_init(&b, ROOM);
	if (!arc_seal(&b, &s, &r->v, &r->fields, body_hashes_digest(&r->bodies, CANON_RELAXED),
	              NOW)) {
		assert(b.n == 0);
	} else {
		assert(!r->v.closed);
		buf_put(&b, in);
		again = check(buf_str(&b), a);
		assert(again->fields.limited || again->v.count == r->v.count + 1);
		assert(again->fields.limited || (cv == ARC_FAIL) == again->v.closed);
		assert(again->fields.limited || r->v.result == ARC_FAIL || cv == ARC_FAIL ||
		       again->v.result == ARC_PASS);
	}
	buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct run *r;

	if (n != 0 && (data[0] == ' ' || data[0] == '\t'))
		return 0; /* what is in front would go on in it */
	r = check(in, &a);
	for (enum arc_result cv = ARC_NONE; cv < ARC_RESULTS; cv++)
		seal(in, r, cv, &a);
	arena_deinit(&a);
	return 0;
}
