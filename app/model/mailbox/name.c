/* model/mailbox/name.c: see name.h. */
#include "model/mailbox/name.h"

#include "foundation/text/utf8.h"

#define INBOX STR("INBOX")

static bool name_printable(struct str name)
{
	struct cur c = cur_of(name);

	while (!cur_done(&c)) {
		uint32_t ch = utf8_next(&c);

		/* C0, DEL, C1, and the separators that end a line in other programs. */
		if (ch < 0x20 || (ch >= 0x7f && ch < 0xa0) || ch == 0x2028 || ch == 0x2029)
			return false;
	}
	return true;
}

static enum err level_check(struct str level, struct why *why)
{
	if (level.n == 0)
		return fail(why, ERR_SYNTAX, "a mailbox name has no empty level");
	if (level.n > MAILBOX_LEVEL_MAX)
		return fail(why, ERR_LIMIT, "a level of a mailbox name has at most %d bytes",
		            MAILBOX_LEVEL_MAX);
	if (str_eq(level, STR(".")) || str_eq(level, STR("..")))
		return fail(why, ERR_SYNTAX, "no level of a mailbox name is \".\" or \"..\"");
	return OK;
}

enum err name_check(struct str name, uint32_t name_max, struct why *why)
{
	struct cur rest = cur_of(name);
	enum err e = OK;

	if (name.n > name_max)
		return fail(why, ERR_LIMIT, "a mailbox name has at most %" PRIu32 " bytes",
		            name_max);
	if (!utf8_valid(name) || !name_printable(name))
		return fail(why, ERR_SYNTAX, "a mailbox name is UTF-8 without control characters");
	do {
		struct str level;

		if (!cur_until(&rest, '/', &level))
			(void)cur_take(&rest, cur_left(&rest), &level);
		e = level_check(level, why);
	} while (!e && cur_byte(&rest, '/'));
	return e;
}

bool name_is_inbox(struct str name)
{
	return str_eqi(name, INBOX);
}

bool name_eq(struct str a, struct str b)
{
	struct cur rest_a = cur_of(a), rest_b = cur_of(b);
	struct str level_a, level_b;

	if (a.n != b.n)
		return false;
	if (!name_level(&rest_a, true, &level_a) || !name_level(&rest_b, true, &level_b))
		return true;
	return str_eq(level_a, level_b) && str_eq(cur_rest(&rest_a), cur_rest(&rest_b));
}

bool name_level(struct cur *rest, bool first, struct str *level)
{
	if (cur_done(rest))
		return false;
	if (cur_until(rest, '/', level))
		cur_skip(rest, 1);
	else
		(void)cur_take(rest, cur_left(rest), level);
	if (first && name_is_inbox(*level))
		*level = INBOX;
	return true;
}
