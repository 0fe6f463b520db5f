/* model/directory/login/factor.c: see factor.h. */
#include "model/directory/login/factor.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/crypto/otp.h"
#include "model/directory/login/secret.h"
#include "model/directory/row.h"
#include "model/directory/row_passkey.h"
#include "model/store/store.h"

#include <string.h>

static_assert((int)FACTOR_RECOVERY_CODES <= (int)FACTOR_RECOVERY_MAX, "they fit the row");

/* "123456", or "123 456" as apps show it. */
static bool code_parse(struct str typed, uint32_t *out)
{
	unsigned digits = 0;

	*out = 0;
	for (size_t i = 0; i < typed.n; i++) {
		if (typed.p[i] == ' ')
			continue;
		if (!ascii_digit(typed.p[i]) || ++digits > FACTOR_DIGITS)
			return false;
		*out = *out * 10 + (uint32_t)(typed.p[i] - '0');
	}
	return digits == FACTOR_DIGITS;
}

/* RFC 6238 5.2: accepts the current time step and the one before and after it, for slow typing and
 * clocks that differ. A code of the last accepted step or an older one is refused as used. */
static bool code_take(struct factor_row *row, struct str typed, int64_t now_ms)
{
	uint64_t now = otp_step(now_ms);
	uint32_t code;

	if (!code_parse(typed, &code))
		return false;
	for (uint64_t step = MAX(now, 1) - 1; step <= now + 1; step++) {
		if (step <= row->last_step || otp_value(row->secret, step, FACTOR_DIGITS) != code)
			continue;
		row->last_step = step;
		return true;
	}
	return false;
}

static bool recovery_take(struct txn *t, struct factor_row *row, struct str typed)
{
	struct str hash = secret_hash(txn_arena(t), typed);

	for (size_t i = 0; hash.n != 0 && i < row->recovery_count; i++) {
		if (!str_eq_secret(row->recovery[i], hash))
			continue;
		row->recovery[i] = row->recovery[--row->recovery_count];
		return true;
	}
	return false;
}

enum err factor_get(struct txn *t, uint32_t account, struct factor *out)
{
	struct factor_row row;
	enum err e = row_factor_get(t, account, txn_arena(t), &row);

	*out = (struct factor){ 0 };
	if (e == OK && row.on)
		*out = (struct factor){ .on = true,
			                .since_ms = row.created_ms,
			                .recovery_left = row.recovery_count };
	return e == OK || e == ERR_MISSING ? row_passkey_count(t, account, &out->passkeys) : e;
}

enum err factor_begin(struct txn *t, uint32_t account, struct str secret, struct why *why)
{
	struct factor_row fresh = { .account = account,
		                    .created_ms = clock_real_ms(),
		                    .secret = secret };
	struct factor_row row;
	enum err e = row_factor_get(t, account, txn_arena(t), &row);

	assert(secret.n == OTP_SECRET_BYTES);
	if (e == OK && row.on)
		return fail(why, ERR_CONFLICT, "two-factor login is on: turn it off first");
	return e == OK || e == ERR_MISSING ? row_factor_put(t, &fresh) : e;
}

enum err factor_turn_on(struct txn *t, uint32_t account, struct str code, int64_t now_ms,
                        const struct str *recovery, struct why *why)
{
	struct factor_row row;
	enum err e = row_factor_get(t, account, txn_arena(t), &row);

	if (e == ERR_MISSING)
		return fail(why, ERR_CONFLICT, "ask for a secret first");
	if (e == OK && row.on)
		return fail(why, ERR_CONFLICT, "two-factor login is on already");
	if (e == OK && !code_take(&row, code, now_ms))
		return fail(why, ERR_DENIED,
		            "that is not the code: check that the clock of the device is right");
	if (e != OK)
		return e;
	row.on = true;
	row.recovery_count = FACTOR_RECOVERY_CODES;
	for (size_t i = 0; i < FACTOR_RECOVERY_CODES; i++)
		row.recovery[i] = secret_hash(txn_arena(t), recovery[i]);
	return row_factor_put(t, &row);
}

enum err factor_use(struct txn *t, uint32_t account, struct str code, int64_t now_ms,
                    struct why *why)
{
	struct factor_row row;
	enum err e = row_factor_get(t, account, txn_arena(t), &row);

	if (e == ERR_MISSING || (e == OK && !row.on))
		return fail(why, ERR_DENIED, "two-factor login is not on");
	if (e == OK && !code_take(&row, code, now_ms) && !recovery_take(t, &row, code))
		return fail(why, ERR_DENIED, "the code is wrong or was used already");
	return e != OK ? e : row_factor_put(t, &row);
}

enum err factor_off(struct txn *t, uint32_t account, struct why *why)
{
	struct factor_row row;
	enum err e = row_factor_get(t, account, txn_arena(t), &row);

	if (e == ERR_MISSING)
		return fail(why, e, "two-factor login is not on");
	return e != OK ? e : row_factor_del(t, account);
}
