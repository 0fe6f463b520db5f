/* Answers to an update of DNS: without the key nothing is authentic. */
#include "acme/tsig.h"
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct tsig_key key = { STR("roost"), STR("a secret nobody guesses") };
	static const uint8_t mac[HASH_BYTES];
	struct update_answer out;

	crypto_init();
	if (n >= 2 &&
	    update_answer_read(str_from((const char *)data, n), (uint16_t)(data[0] << 8 | data[1]),
	                       &key, mac, 1800000000, &out)) {
		assert(!out.authentic && out.rcode < 16);
		assert(update_answer_words(&out) != NULL);
	}
	return 0;
}
