/* flow/reports_out/row.c: see row.h. */
#include "flow/reports_out/row.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/utf8.h"

enum { VERSION = 1, DAY_MAX = 32, HEAD_MAX = 70000 };

/* --- keys ---------------------------------------------------------------------------------- */

static void head_key_put(struct buf *b, uint32_t day, struct str domain)
{
	pack_be32(b, day);
	buf_put(b, domain);
	buf_byte(b, '\0');
	assert(buf_ok(b)); /* callers limit the length of a domain */
}

struct str out_day_key(char to[static OUT_ROW_KEY_MAX], uint32_t day)
{
	struct buf b;

	buf_init_in(&b, to, OUT_ROW_KEY_MAX);
	pack_be32(&b, day);
	return buf_str(&b);
}

struct str out_head_key(char to[static OUT_ROW_KEY_MAX], uint32_t day, struct str domain)
{
	struct buf b;

	buf_init_in(&b, to, OUT_ROW_KEY_MAX);
	head_key_put(&b, day, domain);
	return buf_str(&b);
}

struct str out_row_key(char to[static OUT_ROW_KEY_MAX], uint32_t day, struct str domain,
                       struct str same)
{
	uint8_t hash[HASH_BYTES];
	struct buf b;

	hash_blake2b_256(same, hash);
	buf_init_in(&b, to, OUT_ROW_KEY_MAX);
	head_key_put(&b, day, domain);
	buf_bytes(&b, hash, OUT_ROW_HASH);
	return buf_str(&b);
}

enum out_row_key_kind out_row_key_parse(struct str key, uint32_t *day, struct str *domain)
{
	struct unpack u = unpack_of(key);
	struct str rest;
	ptrdiff_t end;

	*day = unpack_be32(&u);
	*domain = STR_EMPTY;
	if (!unpack_ok(&u))
		return OUT_KEY_WRONG;
	rest = cur_rest(&u.c);
	if (rest.n == 0)
		return OUT_KEY_DAY;
	end = str_find_byte(rest, '\0');
	if (end <= 0)
		return OUT_KEY_WRONG;
	*domain = str_sub(rest, 0, (size_t)end);
	rest = str_sub(rest, (size_t)end + 1, rest.n);
	if (rest.n == 0)
		return OUT_KEY_HEAD;
	return rest.n == OUT_ROW_HASH ? OUT_KEY_ROW : OUT_KEY_WRONG;
}

/* --- facts shared by the messages of a row ------------------------------------------------- */

enum { BY_DKIM = BIT(0), BY_SPF = BIT(1), SPF_OF_HELO = BIT(2) };

static void row_text_put(struct buf *out, struct str s)
{
	pack_str(out, utf8_cut(s, REPORT_DMARC_TEXT_MAX));
}

void out_same_put(struct buf *out, const struct report_dmarc_row *row)
{
	size_t signatures = MIN(row->count_signatures, (size_t)OUT_ROW_SIGNATURES_MAX);

	buf_byte(out, (char)row->ip.family);
	buf_bytes(out, row->ip.ip, sizeof row->ip.ip);
	pack_u64(out, row->disposition);
	pack_u64(out, (row->by_dkim ? BY_DKIM : 0) | (row->by_spf ? BY_SPF : 0) |
	                      (row->spf_helo ? SPF_OF_HELO : 0));
	pack_u64(out, row->override);
	pack_u64(out, row->spf);
	row_text_put(out, row->comment);
	row_text_put(out, row->envelope_to);
	row_text_put(out, row->envelope_from);
	row_text_put(out, row->header_from);
	row_text_put(out, row->spf_domain);
	pack_u64(out, signatures);
	for (size_t i = 0; i < signatures; i++) {
		row_text_put(out, row->signatures[i].domain);
		row_text_put(out, row->signatures[i].selector);
		row_text_put(out, row->signatures[i].result);
	}
}

static bool ip_take(struct unpack *u, struct addr *out)
{
	struct cur *c = &u->c;
	struct str bytes;

	if (u->bad || !cur_take(c, 1 + sizeof out->ip, &bytes))
		return false;
	*out = (struct addr){ .family = (enum addr_family)bytes.p[0] };
	memcpy(out->ip, bytes.p + 1, sizeof out->ip);
	return out->family == ADDR_V4 || out->family == ADDR_V6;
}

/* A value of an enum with many values. */
static unsigned one_of(struct unpack *u, uint64_t many)
{
	uint64_t n = unpack_u64(u);

	u->bad = u->bad || n >= many;
	return u->bad ? 0 : (unsigned)n;
}

static void signatures_take(struct unpack *u, struct arena *a, struct report_dmarc_row *out)
{
	struct report_dmarc_signature *s;

	out->count_signatures = one_of(u, OUT_ROW_SIGNATURES_MAX + 1);
	out->signatures = s =
		arena_array(a, struct report_dmarc_signature, out->count_signatures);
	for (size_t i = 0; i < out->count_signatures; i++) {
		s[i].domain = unpack_str(u);
		s[i].selector = unpack_str(u);
		s[i].result = unpack_str(u);
	}
}

static void same_take(struct unpack *u, struct arena *a, struct report_dmarc_row *out)
{
	unsigned flags;

	if (!ip_take(u, &out->ip))
		u->bad = true;
	out->disposition = (enum dmarc_policy)one_of(u, DMARC_POLICY_REJECT + 1);
	flags = one_of(u, SPF_OF_HELO << 1);
	out->by_dkim = (flags & BY_DKIM) != 0;
	out->by_spf = (flags & BY_SPF) != 0;
	out->spf_helo = (flags & SPF_OF_HELO) != 0;
	out->override = (enum report_dmarc_override)one_of(u, REPORT_DMARC_OVERRIDES);
	out->spf = (enum spf_result)one_of(u, SPF_PERMERROR + 1);
	out->comment = unpack_str(u);
	out->envelope_to = unpack_str(u);
	out->envelope_from = unpack_str(u);
	out->header_from = unpack_str(u);
	out->spf_domain = unpack_str(u);
	signatures_take(u, a, out);
}

/* --- values -------------------------------------------------------------------------------- */

enum err out_day_put(struct txn *t, uint32_t day, const struct out_day *d)
{
	char key[OUT_ROW_KEY_MAX], room[DAY_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, VERSION);
	pack_u64(&b, d->domains);
	pack_u64(&b, d->rows);
	return kv_put(t, SPACE_DMARC_SEEN, out_day_key(key, day), buf_str(&b));
}

bool out_day_parse(struct str value, struct out_day *out)
{
	struct unpack u = unpack_of(value);

	if (unpack_u64(&u) != VERSION)
		return false;
	out->domains = unpack_u64(&u);
	out->rows = unpack_u64(&u);
	return unpack_ok(&u);
}

enum err out_head_put(struct txn *t, uint32_t day, struct str domain, const struct out_head *h)
{
	char key[OUT_ROW_KEY_MAX];
	struct buf b;
	enum err e;

	buf_init(&b, HEAD_MAX);
	pack_u64(&b, VERSION);
	pack_u64(&b, (uint64_t)h->begin_s);
	pack_u64(&b, h->rows);
	pack_u64(&b, h->messages);
	pack_str(&b, h->record);
	assert(buf_ok(&b)); /* no TXT record is longer */
	e = kv_put(t, SPACE_DMARC_SEEN, out_head_key(key, day, domain), buf_str(&b));
	buf_deinit(&b);
	return e;
}

bool out_head_parse(struct str value, struct out_head *out)
{
	struct unpack u = unpack_of(value);

	if (unpack_u64(&u) != VERSION)
		return false;
	out->begin_s = (int64_t)unpack_u64(&u);
	out->rows = unpack_u64(&u);
	out->messages = unpack_u64(&u);
	out->record = unpack_str(&u);
	return unpack_ok(&u);
}

enum err out_row_put(struct txn *t, struct str key, struct str same, uint64_t count)
{
	struct buf b;
	enum err e;

	buf_init(&b, OUT_ROW_SAME_MAX + DAY_MAX);
	pack_u64(&b, VERSION);
	pack_u64(&b, count);
	buf_put(&b, same);
	assert(buf_ok(&b));
	e = kv_put(t, SPACE_DMARC_SEEN, key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err out_row_less(struct txn *t, struct str key, uint64_t count, bool *gone)
{
	struct unpack u;
	struct str value;
	uint64_t version, before;
	enum err e = kv_get(t, SPACE_DMARC_SEEN, key, &value);

	*gone = false;
	if (e)
		return e;
	u = unpack_of(value);
	version = unpack_u64(&u);
	before = unpack_u64(&u);
	*gone = u.bad || version != VERSION || before <= count;
	return *gone ? kv_del(t, SPACE_DMARC_SEEN, key)
	             : out_row_put(t, key, cur_rest(&u.c), before - count);
}

bool out_row_parse(struct str value, struct arena *a, struct report_dmarc_row *out)
{
	struct unpack u = unpack_of(value);

	*out = (struct report_dmarc_row){ 0 };
	if (unpack_u64(&u) != VERSION)
		return false;
	out->count = unpack_u64(&u);
	same_take(&u, a, out);
	return unpack_ok(&u) && out->count != 0;
}
