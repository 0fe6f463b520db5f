/* An Envelope of a client is refused with the type of a SetError and a sentence, or it has
 * recipients without duplicates, and its text is JSON that is accepted again with the same ones. */
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "protocols/jmap/types/envelope_read.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_again(const struct jmap_envelope *first, struct arena *a)
{
	struct jmap_envelope again;
	struct why why = { 0 };
	struct json v;

	assert(json_parse(a, first->text, &v));
	assert(jmap_envelope_read(v, 100, true, a, &again, &why));
	assert(again.rcpt_count == first->rcpt_count && again.flags == first->flags);
	assert(mailaddr_equal(&again.sender, &first->sender));
	for (size_t i = 0; i < first->rcpt_count; i++) {
		const struct envelope_rcpt *r = &first->rcpts[i].rcpt;

		assert(mailaddr_equal(&again.rcpts[i].rcpt.address, &r->address));
		assert(again.rcpts[i].rcpt.notify == r->notify);
		assert(str_eq(again.rcpts[i].rcpt.orcpt, r->orcpt));
		for (size_t j = 0; j < i; j++)
			assert(!mailaddr_equal(&first->rcpts[j].rcpt.address, &r->address));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = { 0 };
	struct jmap_envelope e;
	struct why why = { 0 };
	struct json v;

	if (json_parse(&a, str_from((const char *)data, n), &v)) {
		if (jmap_envelope_read(v, 100, true, &a, &e, &why)) {
			assert(e.rcpt_count > 0 && e.rcpt_count <= 100);
			assert(e.sender.domain.n != 0 || mailaddr_is_null(&e.sender));
			check_again(&e, &a);
		} else {
			assert(e.error != NULL && why.text[0] != '\0');
		}
	}
	arena_deinit(&a);
	return 0;
}
