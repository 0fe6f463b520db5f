/* Updates of DNS: what is made of any name and data is a message whose counts and lengths are true;
 * and of answers to one, without the key none is authentic. */
#include "foundation/base/cur.h"
#include "foundation/crypto/crypto.h"
#include "operations/dns_update/tsig.h"

static const struct tsig_key key = { STR("roost"), STR("a secret nobody guesses") };

/* "T name NUL data": as type T, under each condition. The answer that has the same sections can be
 * walked over to its signature, which is not the server's. */
static void make(struct str input)
{
	static const char *const types[] = { "TXT", "CNAME", "MX", "SRV", "TLSA", "A" };
	struct cur c = cur_of(input);
	struct dns_change change = { .ttl_s = 60 };
	struct update_answer answer;
	uint8_t mac[HASH_BYTES];
	struct buf b;
	uint64_t way;

	if (!cur_be(&c, 1, &way) || !cur_until(&c, 0, &change.name))
		return;
	cur_skip(&c, 1);
	change.type = types[way % COUNT(types)];
	change.when = (enum dns_change_if)(way / COUNT(types) % 3);
	*(way & 128 ? &change.remove : &change.add) = cur_rest(&c);
	buf_init(&b, DNS_MESSAGE_MAX);
	if (update_make(&b, 7, STR("example.org"), &change) &&
	    tsig_sign(&b, &key, 1800000000, mac)) {
		b.p[2] = (char)(b.p[2] | 0x80);
		assert(update_answer_read(buf_str(&b), 7, &key, mac, 1800000000, &answer));
		assert(!answer.authentic && answer.rcode == 0 && answer.tsig_error == 0);
	}
	buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t mac[HASH_BYTES];
	struct update_answer out;

	crypto_init();
	if (n >= 2 &&
	    update_answer_read(str_from((const char *)data, n), (uint16_t)(data[0] << 8 | data[1]),
	                       &key, mac, 1800000000, &out)) {
		assert(!out.authentic && out.rcode < 16);
		assert(update_answer_words(&out) != NULL);
	}
	make(str_from((const char *)data, n));
	return 0;
}
