/* model/directory/srs.c: see srs.h. */
#include "model/directory/srs.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/base/random.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base32.h"
#include "model/store/kv.h"

#include <string.h>

enum { HASH_CHARS = 6, DAY_CHARS = 2, DAYS = 1024, DAY_MS = 86400000 };

static const char day_letters[] = "abcdefghijklmnopqrstuvwxyz234567";

bool srs_is(struct str local)
{
	if (!str_startsi(local, STR("SRS0")) && !str_startsi(local, STR("SRS1")))
		return false;
	return local.n > 5 && strchr("=+-", local.p[4]) != NULL;
}

static void hash_put(struct buf *out, const uint8_t key[SRS_KEY], struct str what)
{
	uint8_t mac[HASH_BYTES];
	struct arena a = { 0 };
	struct buf text;

	hash_hmac_sha256(str_from((const char *)key, SRS_KEY), str_lower(&a, what), mac);
	buf_init(&text, 2 * HASH_BYTES);
	base32_put(&text, str_from((const char *)mac, HASH_BYTES));
	buf_put(out, str_lower(&a, str_sub(buf_str(&text), 0, HASH_CHARS)));
	buf_deinit(&text);
	arena_deinit(&a);
}

/* --- making --------------------------------------------------------------------------------- */

static unsigned day_of(int64_t now_ms)
{
	return (unsigned)(now_ms / DAY_MS % DAYS);
}

/* "day=domain=local" */
static void srs_plain_put(struct buf *out, int64_t now_ms, const struct mailaddr *sender)
{
	unsigned day = day_of(now_ms);

	buf_byte(out, day_letters[day >> 5]);
	buf_byte(out, day_letters[day & 31]);
	buf_fmt(out, "=%.*s=%.*s", STR_ARG(sender->domain), STR_ARG(sender->local));
}

/* "hop==rest": for SRS0, hop is the domain that made it; for SRS1, the one it names. */
static void again_put(struct buf *out, const struct mailaddr *sender)
{
	struct str rest = str_sub(sender->local, 5, sender->local.n);

	if (str_startsi(sender->local, STR("SRS0"))) {
		buf_fmt(out, "%.*s=%c%.*s", STR_ARG(sender->domain), sender->local.p[4],
		        STR_ARG(rest));
		return;
	}
	buf_put(out, str_sub(rest, (size_t)(str_find_byte(rest, '=') + 1), rest.n));
}

/* "hop==day..." is SRS0=day...@hop again */
static bool again_parse(struct str what, struct arena *a, struct mailaddr *out)
{
	struct cur hop;
	ptrdiff_t end = str_find_byte(what, '=');
	struct str rest = str_sub(what, (size_t)(end + 1), what.n);

	if (end <= 0 || rest.n < 2 || strchr("=+-", rest.p[0]) == NULL)
		return false;
	hop = cur_of(str_dup(a, str_sub(what, 0, (size_t)end)));
	out->local = str_fmt(a, "SRS0%.*s", STR_ARG(rest));
	return mailaddr_domain_parse(&hop, a, 0, &out->domain) && cur_done(&hop);
}

bool srs_encode(const uint8_t key[SRS_KEY], int64_t now_ms, const struct mailaddr *sender,
                struct str domain, struct arena *a, struct mailaddr *out)
{
	struct mailaddr first;
	struct buf what, local;
	bool again, ok;

	*out = *sender;
	if (mailaddr_is_null(sender))
		return false;
	buf_init(&what, 2 * MAILADDR_PATH_MAX);
	buf_init(&local, 3 * MAILADDR_PATH_MAX);
	if (srs_is(sender->local))
		again_put(&what, sender);
	/* An address that only looks like another server's SRS is treated like any other sender. */
	again = buf_ok(&what) && again_parse(buf_str(&what), a, &first);
	if (!again) {
		buf_reset(&what);
		srs_plain_put(&what, now_ms, sender);
	}
	buf_put(&local, again ? STR("SRS1=") : STR("SRS0="));
	hash_put(&local, key, buf_str(&what));
	buf_byte(&local, '=');
	buf_put(&local, buf_str(&what));
	ok = buf_ok(&what) && buf_ok(&local) && local.n <= MAILADDR_LOCAL_MAX;
	if (ok)
		*out = (struct mailaddr){ str_dup(a, buf_str(&local)), str_dup(a, domain) };
	buf_deinit(&what);
	buf_deinit(&local);
	return ok;
}

/* --- reading -------------------------------------------------------------------------------- */

static bool day_good(struct str text, int64_t now_ms)
{
	unsigned day = 0, age;

	for (size_t i = 0; i < DAY_CHARS; i++) {
		const char *at =
			text.n == DAY_CHARS ? strchr(day_letters, ascii_lower(text.p[i])) : NULL;

		if (at == NULL || *at == '\0')
			return false;
		day = day << 5 | (unsigned)(at - day_letters);
	}
	age = (day_of(now_ms) + DAYS - day) % DAYS;
	return age <= SRS_DAYS || age == DAYS - 1; /* made by a clock that was slightly ahead */
}

static bool hash_good(const uint8_t key[SRS_KEY], struct str hash, struct str what)
{
	struct arena a = { 0 };
	struct buf want;
	bool good;

	buf_init(&want, HASH_CHARS);
	hash_put(&want, key, what);
	hash = str_lower(&a, hash);
	good = str_eq_secret(hash, buf_str(&want));
	buf_deinit(&want);
	arena_deinit(&a);
	return good;
}

static bool plain_parse(struct str what, int64_t now_ms, struct arena *a, struct mailaddr *out)
{
	struct cur c = cur_of(what);
	struct str day, domain;

	if (!cur_until(&c, '=', &day) || !cur_byte(&c, '=') || !day_good(day, now_ms) ||
	    !cur_until(&c, '=', &domain) || !cur_byte(&c, '='))
		return false;
	*out = (struct mailaddr){ str_dup(a, cur_rest(&c)), str_lower(a, domain) };
	return out->local.n != 0 && out->domain.n != 0;
}

bool srs_decode(const uint8_t key[SRS_KEY], int64_t now_ms, struct str local, struct arena *a,
                struct mailaddr *out)
{
	struct cur c = cur_of(str_sub(local, 5, local.n));
	struct str hash;

	if (!srs_is(local) || !cur_until(&c, '=', &hash) || !cur_byte(&c, '=') ||
	    !hash_good(key, hash, cur_rest(&c)))
		return false;
	return str_startsi(local, STR("SRS1")) ? again_parse(cur_rest(&c), a, out)
	                                       : plain_parse(cur_rest(&c), now_ms, a, out);
}

/* --- the store's key ------------------------------------------------------------------------ */

enum err srs_key_get(struct txn *t, uint8_t key[SRS_KEY])
{
	struct str row;
	enum err e = kv_get(t, SPACE_SRS, STR("key"), &row);

	if (e == OK && row.n != SRS_KEY)
		return ERR_CORRUPT;
	if (e == OK)
		memcpy(key, row.p, SRS_KEY);
	return e;
}

enum err srs_key_ensure(struct txn *t, uint8_t key[SRS_KEY])
{
	enum err e = srs_key_get(t, key);

	if (e != ERR_MISSING)
		return e;
	random_bytes(key, SRS_KEY);
	return kv_put(t, SPACE_SRS, STR("key"), str_from((const char *)key, SRS_KEY));
}
