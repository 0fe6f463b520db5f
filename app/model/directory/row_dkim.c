/* model/directory/row_dkim.c: see row_dkim.h. */
#include "model/directory/row_dkim.h"

#include "model/directory/row_form.h"

struct str row_dkim_key(struct arena *a, struct str domain, struct str selector)
{
	return str_fmt(a, "%.*s%c%.*s", STR_ARG(domain), '\0', STR_ARG(selector));
}

enum err row_dkim_read(const struct kv_iter *it, bool secret, struct arena *a, struct dkim_key *out)
{
	struct unpack u = row_open(it->val);
	struct cur c = cur_of(str_dup(a, it->key));
	struct str bytes;

	*out = (struct dkim_key){ 0 };
	if (!cur_until(&c, '\0', &out->domain) || !cur_byte(&c, '\0'))
		return ERR_CORRUPT;
	out->selector = cur_rest(&c);
	out->algorithm = unpack_u32(&u);
	out->state = unpack_u32(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->changed_ms = (int64_t)unpack_u64(&u);
	out->public = str_dup(a, unpack_str(&u));
	bytes = unpack_str(&u);
	if (secret)
		out->secret = str_dup(a, bytes);
	if (out->algorithm > DKIM_ED25519_SHA256 || out->state > DKIM_KEY_RETIRED)
		return ERR_CORRUPT;
	return row_done(&u);
}

enum err row_dkim_put(struct txn *t, const struct dkim_key *k)
{
	struct buf b = row_new();

	pack_u64(&b, k->algorithm);
	pack_u64(&b, k->state);
	pack_u64(&b, (uint64_t)k->created_ms);
	pack_u64(&b, (uint64_t)k->changed_ms);
	pack_str(&b, k->public);
	pack_str(&b, k->secret);
	return row_put(t, SPACE_DKIM, row_dkim_key(txn_arena(t), k->domain, k->selector), &b);
}
