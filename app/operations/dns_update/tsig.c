/* operations/dns_update/tsig.c: see tsig.h. Formats of RFC 1035 4.1. */
#include "operations/dns_update/tsig.h"

#include "foundation/base/cur.h"
#include "foundation/base/pack.h"

#include <string.h>

enum {
	OPCODE_UPDATE = 5,
	TYPE_TSIG = 250,
	FUDGE_S = 300, /* RFC 8945 10 */
	RECORDS_MAX = 100,
	WIRE_NAME_MAX = 255,
	LABEL_MAX = 63,
	POINTER = 0xc0,
};

#define ALGORITHM STR("\013hmac-sha256\0")

/* --- signatures --------------------------------------------------------------------------- */

static void time_put(struct buf *out, uint64_t time_s)
{
	wire_put16(out, (unsigned)(time_s >> 32) & 0xffff);
	pack_be32(out, (uint32_t)time_s);
}

struct tsig {
	uint64_t time_s;
	unsigned fudge_s, error;
	struct str mac, other;
	uint16_t id;
};

/* RFC 8945 4.3.3 */
static bool variables_put(struct buf *out, struct str key_name, const struct tsig *t)
{
	if (!wire_name_put(out, key_name))
		return false;
	wire_put16(out, DNS_CLASS_ANY);
	pack_be32(out, 0);
	buf_put(out, ALGORITHM);
	time_put(out, t->time_s);
	wire_put16(out, t->fudge_s);
	wire_put16(out, t->error);
	wire_put16(out, (unsigned)t->other.n);
	buf_put(out, t->other);
	return true;
}

/* Change the count of additional records by change. */
static void additional_count(struct buf *message, int change)
{
	unsigned char *p = (unsigned char *)message->p + 10;
	unsigned n = ((unsigned)p[0] << 8 | p[1]) + (unsigned)change;

	p[0] = (unsigned char)(n >> 8);
	p[1] = (unsigned char)n;
}

bool tsig_sign(struct buf *out, const struct tsig_key *key, int64_t now_s, uint8_t mac[HASH_BYTES])
{
	struct tsig t = { .time_s = (uint64_t)now_s, .fudge_s = FUDGE_S };
	char id[2];
	struct buf signing;
	bool ok;

	assert(out->n >= DNS_HEADER);
	memcpy(id, out->p, sizeof id); /* out may move when it grows */
	buf_init(&signing, DNS_MESSAGE_MAX);
	buf_put(&signing, buf_str(out));
	ok = variables_put(&signing, key->name, &t);
	hash_hmac_sha256(key->secret, buf_str(&signing), mac);
	buf_deinit(&signing);
	if (!ok || !wire_name_put(out, key->name))
		return false;
	wire_put16(out, TYPE_TSIG); /* RFC 8945 4.2 */
	wire_put16(out, DNS_CLASS_ANY);
	pack_be32(out, 0);
	wire_put16(out, (unsigned)ALGORITHM.n + 16 + HASH_BYTES);
	buf_put(out, ALGORITHM);
	time_put(out, t.time_s);
	wire_put16(out, FUDGE_S);
	wire_put16(out, HASH_BYTES);
	buf_bytes(out, mac, HASH_BYTES);
	buf_bytes(out, id, sizeof id); /* original id */
	wire_put16(out, 0);
	wire_put16(out, 0);
	additional_count(out, 1);
	return buf_ok(out);
}

/* --- answers ------------------------------------------------------------------------------ */

static bool get16(struct cur *c, unsigned *out)
{
	uint64_t n;

	if (!cur_be(c, 2, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

/* Skip a name; a pointer ends it (RFC 1035 4.1.4). */
static bool name_skip(struct cur *c)
{
	uint64_t n;
	struct str label;

	while (cur_be(c, 1, &n)) {
		if (n == 0)
			return true;
		if (n >= POINTER)
			return cur_be(c, 1, &n);
		if (n > LABEL_MAX || !cur_take(c, n, &label))
			return false;
	}
	return false;
}

/* Take a name that must equal name, without pointers, as TSIG requires. */
static bool name_take(struct cur *c, struct str name)
{
	struct buf b;
	bool same;

	buf_init(&b, WIRE_NAME_MAX + 1);
	same = wire_name_put(&b, name) && cur_stri(c, buf_str(&b));
	buf_deinit(&b);
	return same;
}

static bool record_skip(struct cur *c, bool question)
{
	unsigned n;
	struct str rest;

	if (!name_skip(c) || !cur_take(c, 4, &rest))
		return false;
	return question || (cur_take(c, 4, &rest) && get16(c, &n) && cur_take(c, n, &rest));
}

/* Skip all but the last additional record, the place of a signature (RFC 8945 5.1). */
static bool last_find(struct cur *c, const unsigned counts[4])
{
	unsigned all = counts[0] + counts[1] + counts[2] + counts[3];

	if (all > RECORDS_MAX)
		return false;
	for (unsigned i = 0; i + 1 < all; i++)
		if (!record_skip(c, i < counts[0]))
			return false;
	return true;
}

static bool tsig_read(struct cur *c, struct str key_name, struct tsig *t)
{
	unsigned type, class, length, n, id;
	uint64_t ttl;

	if (!name_take(c, key_name) || !get16(c, &type) || type != TYPE_TSIG || !get16(c, &class) ||
	    class != DNS_CLASS_ANY || !cur_be(c, 4, &ttl) || ttl != 0 || !get16(c, &length) ||
	    length != cur_left(c) || !cur_stri(c, ALGORITHM) || !cur_be(c, 6, &t->time_s) ||
	    !get16(c, &t->fudge_s) || !get16(c, &n) || !cur_take(c, n, &t->mac) || !get16(c, &id) ||
	    !get16(c, &t->error) || !get16(c, &n) || !cur_take(c, n, &t->other))
		return false;
	t->id = (uint16_t)id;
	return cur_done(c);
}

/* RFC 8945 5.3.1: the request's MAC, the message before signing, variables. */
static bool authentic(struct str message, size_t without, const struct tsig_key *key,
                      const struct tsig *t, const uint8_t mac[HASH_BYTES], int64_t now_s)
{
	uint8_t want[HASH_BYTES];
	int64_t away_s = now_s - (int64_t)t->time_s;
	struct buf unsigned_message, signing;

	buf_init(&unsigned_message, DNS_MESSAGE_MAX);
	wire_put16(&unsigned_message, t->id);
	buf_bytes(&unsigned_message, message.p + 2, without - 2);
	additional_count(&unsigned_message, -1);
	buf_init(&signing, (size_t)2 * DNS_MESSAGE_MAX);
	wire_put16(&signing, HASH_BYTES);
	buf_bytes(&signing, mac, HASH_BYTES);
	buf_put(&signing, buf_str(&unsigned_message));
	variables_put(&signing, key->name, t);
	hash_hmac_sha256(key->secret, buf_str(&signing), want);
	buf_deinit(&signing);
	buf_deinit(&unsigned_message);
	return str_eq_secret(t->mac, str_from((char *)want, sizeof want)) &&
	       MAX(away_s, -away_s) <= (int64_t)t->fudge_s;
}

bool update_answer_read(struct str message, uint16_t id, const struct tsig_key *key,
                        const uint8_t mac[HASH_BYTES], int64_t now_s, struct update_answer *out)
{
	struct cur c = cur_of(message);
	unsigned got, flags, counts[4];
	struct tsig t;
	size_t before;

	*out = (struct update_answer){ 0 };
	if (message.n > DNS_MESSAGE_MAX || !get16(&c, &got) || got != id || !get16(&c, &flags) ||
	    (flags >> 15) != 1 || (flags >> 11 & 15) != OPCODE_UPDATE)
		return false;
	for (size_t i = 0; i < COUNT(counts); i++)
		if (!get16(&c, &counts[i]))
			return false;
	out->rcode = flags & 15;
	if (key->name.n == 0 || counts[3] == 0)
		return true;
	if (!last_find(&c, counts))
		return false;
	before = message.n - cur_left(&c);
	if (!tsig_read(&c, key->name, &t))
		return true; /* not signed, or by another key */
	out->tsig_error = t.error;
	out->authentic = t.error == 0 && authentic(message, before, key, &t, mac, now_s);
	return true;
}

const char *update_answer_words(const struct update_answer *a)
{
	static const char *const tsig[] = {
		"it finds the TSIG signature wrong: is the secret right?",
		"it does not know the TSIG key", "its clock and ours differ"
	};
	static const char *const rcodes[] = {
		"it made the change",
		"it does not understand the update",
		"it failed",
		"the name does not exist",
		"it does not do updates",
		"it refuses the update: may the key change this name?",
		"others have added a record at this name",
		"others have added a record of this type at this name",
		"the record was removed, or others have added records at its name",
	};

	if (a->tsig_error >= 16 && a->tsig_error < 16 + COUNT(tsig))
		return tsig[a->tsig_error - 16];
	/* Some servers (Knot 3.4) only return this for an unknown key. */
	if (a->rcode == DNS_RCODE_NOTAUTH)
		return "it has no zone for the name, or does not know the TSIG key";
	if (a->rcode == DNS_RCODE_NOTZONE)
		return "it has no zone for the name that it may change";
	return a->rcode < COUNT(rcodes) ? rcodes[a->rcode] : "it refuses for an unknown reason";
}
