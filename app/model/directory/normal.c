/* model/directory/normal.c: see normal.h. */
#include "model/directory/normal.h"

#include "foundation/base/arena.h"
#include "foundation/text/fold.h"
#include "foundation/text/utf8.h"

/* NFC has at most three times the bytes of its input. */
enum { NFC_GROWTH = 3 };

static struct str local_fold(struct arena *a, struct str local)
{
	struct buf nfc;
	struct str folded;

	if (utf8_ascii(local))
		return str_lower(a, local);
	buf_init(&nfc, NFC_GROWTH * local.n);
	fold_nfc_put(&nfc, local);
	folded = str_lower(a, buf_str(&nfc));
	buf_deinit(&nfc);
	return folded;
}

struct mailaddr normal_fold(struct arena *a, struct mailaddr address)
{
	return (struct mailaddr){
		.local = local_fold(a, address.local),
		.domain = mailaddr_domain_normal(a, address.domain),
	};
}

bool normal_address(struct arena *a, struct str text, struct mailaddr *out)
{
	return mailaddr_of(str_trim(text), a, MAILADDR_UTF8, out);
}

bool normal_domain(struct arena *a, struct str text, struct str *out)
{
	struct cur c = cur_of(str_trim(text));

	return mailaddr_domain_parse(&c, a, MAILADDR_UTF8, out) && cur_done(&c);
}

bool normal_line(struct str text)
{
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		uint32_t character = utf8_next(&c);

		if (character < ' ' || (character >= 0x7f && character < 0xa0))
			return false;
	}
	return utf8_valid(text);
}
