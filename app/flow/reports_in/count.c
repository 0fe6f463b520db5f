/* flow/reports_in/count.c: see reports_in_private.h. Rows of the space REPORT:
 *
 *	'q', day, domain                    -> of unproven reports, then of the others:
 *	                                       number, and bytes of their rows
 *	'q', day, domain, NUL, organization -> the same of reports proven to be from
 *	                                       this organization */
#include "flow/reports_in/reports_in_private.h"

#include "flow/reports_in/draft.h"
#include "flow/reports_in/key.h"
#include "formats/mailauth/psl.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { DAY_MS = 86400000, TAKEN_MAX = 2, ROW_MAX = 40, KEY_HEAD = 1 + 4 };

/* Totals of a day. */
struct taken {
	uint64_t count, bytes;
};

/* --- a row --------------------------------------------------------------------------------- */

/* n of them; a missing row is all zero. */
static enum err count_row_get(struct txn *t, struct str key, struct taken *out, size_t n)
{
	struct str val = STR_EMPTY;
	enum err e = kv_get(t, SPACE_REPORT, key, &val);
	struct unpack u = unpack_of(e == OK ? val : STR_EMPTY);

	for (size_t i = 0; i < n; i++) {
		out[i].count = e == OK ? unpack_u64(&u) : 0;
		out[i].bytes = e == OK ? unpack_u64(&u) : 0;
	}
	return e == ERR_MISSING ? OK : e;
}

static enum err count_row_put(struct txn *t, struct str key, const struct taken *all, size_t n)
{
	char room[ROW_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	for (size_t i = 0; i < n; i++) {
		pack_u64(&b, all[i].count);
		pack_u64(&b, all[i].bytes);
	}
	return kv_put(t, SPACE_REPORT, key, buf_str(&b));
}

bool report_in_count_ok(struct str key, struct str val)
{
	bool of_author = str_find_byte(str_sub(key, KEY_HEAD, key.n), '\0') >= 0;
	struct unpack u = unpack_of(val);

	for (size_t i = 0; i < (of_author ? 1 : TAKEN_MAX); i++) {
		(void)unpack_u64(&u);
		(void)unpack_u64(&u);
	}
	return key.n > KEY_HEAD && unpack_ok(&u);
}

/* --- counting ------------------------------------------------------------------------------ */

static bool has_room(const struct taken *now, uint64_t count, uint64_t bytes)
{
	return now->count < count && now->bytes < bytes;
}

static void count_add(struct taken *to, const struct report_draft *d)
{
	to->count++;
	to->bytes += d->rows.bytes.n;
}

/* Anybody can prove a domain of his own: so one organization must leave room for
 * others. */
static enum err author_count(struct txn *t, const struct report_draft *d, uint32_t day, bool *room)
{
	ptrdiff_t at = str_rfind_byte(d->head.from, '@');
	struct str domain = str_sub(d->head.from, (size_t)(at + 1), d->head.from.n);
	struct str organization = psl_organization(domain), key;
	char key_room[REPORT_KEY_MAX];
	struct taken own;
	enum err e;

	if (organization.n == 0)
		organization = domain;
	key = report_key_day(key_room, day, d->head.domain,
	                     str_lower(txn_arena(t), organization));
	e = count_row_get(t, key, &own, 1);
	*room = has_room(&own, LIMIT_report_in_author, LIMIT_report_in_author_bytes);
	count_add(&own, d);
	return e == OK && *room ? count_row_put(t, key, &own, 1) : e;
}

/* Unproven reports are counted separately, so that they leave room for proven ones. */
enum err report_in_count(struct txn *t, const struct report_draft *d, enum report_put *how)
{
	uint32_t day = (uint32_t)(d->head.received_ms / DAY_MS);
	struct taken all[TAKEN_MAX], *own = &all[d->head.proven];
	char room[REPORT_KEY_MAX];
	struct str key = report_key_day(room, day, d->head.domain, STR_EMPTY);
	enum err e = count_row_get(t, key, all, TAKEN_MAX);
	bool fits = d->head.proven
	                    ? has_room(own, LIMIT_report_in_day, LIMIT_report_in_day_bytes)
	                    : has_room(own, LIMIT_report_in_unproven,
	                               LIMIT_report_in_unproven_bytes);

	*how = fits ? REPORT_PUT_TAKEN : REPORT_PUT_FULL;
	if (e != OK || !fits)
		return e;
	if (d->head.proven && ((e = author_count(t, d, day, &fits)) || !fits)) {
		*how = REPORT_PUT_FLOOD;
		return e;
	}
	count_add(own, d);
	return count_row_put(t, key, all, TAKEN_MAX);
}
