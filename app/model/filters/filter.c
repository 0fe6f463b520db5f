/* model/filters/filter.c: see filter.h; the rows are in rows.h. */
#include "model/filters/filter.h"

#include "foundation/base/pack.h"
#include "model/filters/rows.h"
#include "model/store/store.h"

static void key_filter(struct filters_key *k, uint32_t account, enum filter_kind kind)
{
	filters_key_init(k, account);
	pack_be32(&k->b, kind);
}

enum err filter_get(struct txn *t, uint32_t account, enum filter_kind kind, struct filter *out)
{
	struct filters_key k;
	struct str row;
	enum err e;

	key_filter(&k, account, kind);
	e = kv_get(t, SPACE_FILTER, buf_str(&k.b), &row);
	return e != OK ? e : filter_row_read(row, out) ? OK : ERR_CORRUPT;
}

enum err filter_put(struct txn *t, uint32_t account, enum filter_kind kind,
                    const struct filter *filter)
{
	struct filters_key k;
	struct buf row;

	if (filter->settings.n > FILTER_SETTINGS_MAX || filter->script.n > SCRIPT_TEXT_MAX ||
	    filter->program.n > SCRIPT_PROGRAM_MAX)
		return fail(txn_why(t), ERR_LIMIT, "these are too many filters");
	key_filter(&k, account, kind);
	buf_init(&row, KV_VALUE_MAX);
	pack_u64(&row, FILTERS_FORM);
	pack_str(&row, filter->settings);
	pack_str(&row, filter->script);
	pack_str(&row, filter->program);
	return filters_row_put(t, SPACE_FILTER, buf_str(&k.b), &row);
}
