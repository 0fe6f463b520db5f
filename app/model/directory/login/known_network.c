/* model/directory/login/known_network.c: see known_network.h.
 *
 *	KNOWN_NETWORK: account, family, first 3 or 8 bytes of the address -> last day */
#include "model/directory/login/known_network.h"

#include "foundation/config/limits.h"
#include "model/directory/row_form.h"
#include "network/runtime/addr.h"

#include <string.h>

enum { KEY_MAX = ROW_KEY + KNOWN_NETWORK_KEY, DAY_MS = 86400 * 1000 };

struct str known_network_key(const struct addr *a, char to[static KNOWN_NETWORK_KEY])
{
	size_t n = a->family == ADDR_V4 ? 3 : a->family == ADDR_V6 ? 8 : 0;

	if (n == 0)
		return STR_EMPTY;
	to[0] = a->family == ADDR_V4 ? '4' : '6';
	memcpy(to + 1, a->ip, n);
	return str_from(to, n + 1);
}

static struct str known_network_key_of(char to[static KEY_MAX], uint32_t account,
                                       struct str network)
{
	assert(network.n != 0 && network.n <= KNOWN_NETWORK_KEY);
	(void)row_key(to, account);
	memcpy(to + ROW_KEY, network.p, network.n);
	return str_from(to, ROW_KEY + network.n);
}

static enum err value_read(struct str record, int64_t *last_ms)
{
	struct unpack u = row_open(record);

	*last_ms = (int64_t)unpack_u64(&u);
	return row_done(&u);
}

static bool is_over(int64_t last_ms, int64_t now_ms)
{
	return now_ms - last_ms > (int64_t)LIMIT_login_known_s * 1000;
}

enum err known_network_find(struct txn *t, uint32_t account, struct str network, int64_t now_ms)
{
	char to[KEY_MAX];
	struct str record;
	int64_t last_ms = 0;
	enum err e;

	if (network.n == 0)
		return ERR_MISSING;
	e = kv_get(t, SPACE_KNOWN_NETWORK, known_network_key_of(to, account, network), &record);
	if (e == OK)
		e = value_read(record, &last_ms);
	return e == OK && is_over(last_ms, now_ms) ? ERR_MISSING : e;
}

/* The key of the network with the oldest last login when the limit is reached; else empty. */
static enum err oldest_find(struct txn *t, uint32_t account, char to[static KEY_MAX],
                            struct str *out)
{
	char prefix[ROW_KEY];
	struct kv_iter it;
	int64_t last_ms, oldest_ms = INT64_MAX;
	unsigned count = 0;
	enum err e = OK;
	enum err walked;

	*out = STR_EMPTY;
	kv_iter_prefix(&it, t, SPACE_KNOWN_NETWORK, row_key(prefix, account));
	while (e == OK && kv_iter_next(&it)) {
		e = value_read(it.val, &last_ms);
		count++;
		if (e != OK || last_ms >= oldest_ms || it.key.n > KEY_MAX)
			continue;
		oldest_ms = last_ms;
		memcpy(to, it.key.p, it.key.n);
		*out = str_from(to, it.key.n);
	}
	walked = kv_iter_end(&it);
	if (count < LIMIT_login_networks)
		*out = STR_EMPTY;
	return e != OK ? e : walked;
}

enum err known_network_put(struct txn *t, uint32_t account, struct str network, int64_t now_ms)
{
	char to[KEY_MAX], old[KEY_MAX];
	struct str key, record, oldest = STR_EMPTY;
	struct buf b;
	int64_t last_ms = 0;
	enum err e;

	if (network.n == 0)
		return OK;
	key = known_network_key_of(to, account, network);
	e = kv_get(t, SPACE_KNOWN_NETWORK, key, &record);
	if (e == OK && value_read(record, &last_ms) == OK && now_ms - last_ms < DAY_MS)
		return OK;
	if (e == ERR_MISSING)
		e = oldest_find(t, account, old, &oldest);
	if (e == OK && oldest.n != 0)
		e = kv_del(t, SPACE_KNOWN_NETWORK, oldest);
	if (e != OK)
		return e;
	b = row_new();
	pack_u64(&b, (uint64_t)now_ms);
	return row_put(t, SPACE_KNOWN_NETWORK, key, &b);
}

bool known_network_read(const struct kv_iter *it, uint32_t *account)
{
	int64_t last_ms;

	if (it->key.n <= ROW_KEY || it->key.n > KEY_MAX)
		return false;
	*account = row_key_read(it->key, 0);
	return value_read(it->val, &last_ms) == OK;
}
