/* MTA-STS records and policies:
 *
 *	an id lies within the record and is letters and digits
 *	what is printed of a policy is read as the same policy
 *	a policy names no host that is neither one of its patterns nor one label before one */
#include "formats/mailauth/mta_sts.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MX_MAX = 20 };

static void record(struct str in)
{
	ptrdiff_t lf = str_find_byte(in, '\n');
	struct str texts[2] = { in, STR_EMPTY }, id;

	if (lf >= 0) {
		texts[0] = str_sub(in, 0, (size_t)lf);
		texts[1] = str_sub(in, (size_t)lf + 1, in.n);
	}
	if (!mta_sts_record(texts, 2, &id))
		return;
	assert(id.n != 0 && id.n <= MTA_STS_ID_MAX);
	assert(id.p >= in.p && id.p + id.n <= in.p + in.n);
	for (size_t i = 0; i < id.n; i++)
		assert(ascii_alnum(id.p[i]));
}

static void hosts(const struct mta_sts_policy *p)
{
	for (size_t i = 0; i < p->mx_count; i++) {
		bool wild = str_starts(p->mx[i], STR("*."));

		assert(mta_sts_policy_names(p, p->mx[i]));
		if (wild && p->mx_count == 1)
			assert(!mta_sts_policy_names(p, str_sub(p->mx[i], 2, p->mx[i].n)));
	}
}

static void policy(struct str in, struct arena *a)
{
	struct mta_sts_policy p, again;
	const char *why;
	struct buf b;

	if (!mta_sts_policy_parse(in, MX_MAX, a, &p, &why)) {
		assert(why != NULL);
		return;
	}
	assert(p.mx_count <= MX_MAX && p.max_age_s <= MTA_STS_AGE_MAX_S);
	assert(p.mx_count != 0 || p.mode == MTA_STS_NONE);
	buf_init(&b, in.n + 200);
	mta_sts_text_put(&p, &b);
	assert(buf_ok(&b));
	assert(mta_sts_policy_parse(buf_str(&b), MX_MAX, a, &again, &why));
	assert(again.mode == p.mode && again.max_age_s == p.max_age_s);
	assert(again.mx_count == p.mx_count);
	for (size_t i = 0; i < p.mx_count; i++)
		assert(str_eq(p.mx[i], again.mx[i]));
	hosts(&p);
	buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };

	record(in);
	policy(in, &a);
	arena_deinit(&a);
	return 0;
}
