/* Whose domain is in From: the one that is found is a domain in normal form, stands in all
 * addresses of one field, is found again when it stands there alone, and is among those that are
 * found where nobody looks so closely; which have a name each, unlike the others. */
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/dmarc.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum err author(struct str header, struct arena *a, struct str *domain, struct why *why)
{
	struct dkim_fields fields;

	dkim_fields_read(&fields, &header, 1, a);
	return dmarc_author(fields.items, fields.count, a, domain, why);
}

static bool named(struct str header, struct arena *a, struct str domain)
{
	struct str names[DMARC_NAMED_MAX];
	struct dkim_fields fields;
	size_t count;
	bool among = false;

	dkim_fields_read(&fields, &header, 1, a);
	count = dmarc_named(fields.items, fields.count, a, names);
	for (size_t i = 0; i < MIN(count, (size_t)DMARC_NAMED_MAX); i++) {
		assert(names[i].n != 0 && names[i].p[0] != '.');
		among = among || str_eq(names[i], domain);
		for (size_t k = 0; k < i; k++)
			assert(!str_eq(names[i], names[k]));
	}
	return among || count > DMARC_NAMED_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str domain, again, in = str_from((const char *)data, n);
	struct why why = { "" };
	struct arena a = { 0 };

	if (author(in, &a, &domain, &why) == OK) {
		struct cur c = cur_of(domain);

		assert(mailaddr_domain_parse(&c, &a, 0, &again) && cur_done(&c));
		assert(str_eq(again, domain));
		assert(author(str_fmt(&a, "From: <a@%.*s>\r\n", STR_ARG(domain)), &a, &again,
		              &why) == OK);
		assert(str_eq(again, domain));
		assert(named(in, &a, domain));
	} else {
		assert(why.text[0] != '\0');
		(void)named(in, &a, STR_EMPTY);
	}
	arena_deinit(&a);
	return 0;
}
