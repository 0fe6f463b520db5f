/* flow/reports_out/hide.c: see hide.h. */
#include "flow/reports_out/hide.h"

#include "formats/message/address.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/hash.h"

enum { WORD_MAX = 900 };

struct str out_ascii(struct arena *a, struct str s)
{
	struct str copy = str_dup(a, s);
	char *p = (char *)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] < ' ' || p[i] > '~')
			p[i] = p[i] == '\t' ? ' ' : '?'; /* most folds begin with a tab */
	return copy;
}

bool out_word_is_long(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n <= WORD_MAX; i++)
		n = s.p[i] == ' ' ? 0 : n + 1;
	return n > WORD_MAX;
}

/* RFC 6590 4: an HMAC, so the name cannot be found by trying. */
void out_hide_local(struct buf *out, const struct out_hide *h, struct str local,
                    struct str domain)
{
	struct str key = str_from((const char *)h->key, OUT_HIDE_KEY);
	uint8_t hash[HASH_BYTES];
	struct arena a = { 0 };

	hash_hmac_sha256(key,
	                 str_lower(&a, str_fmt(&a, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain))),
	                 hash);
	for (size_t i = 0; i < OUT_HIDE_NAME / 2; i++)
		buf_fmt(out, "%02x", hash[i]);
	arena_deinit(&a);
}

/* --- in any text ---------------------------------------------------------------------------- */

static bool is_domain(char c)
{
	return ascii_alnum(c) || c == '-' || c == '.' || c == '_' || (unsigned char)c >= 0x80;
}

/* The domain that begins at i. */
static struct str domain_at(struct str text, size_t i)
{
	size_t end = i;

	while (end < text.n && is_domain(text.p[end]))
		end++;
	while (end > i && text.p[end - 1] == '.')
		end--;
	return str_sub(text, i, end);
}

/* Where the local part that ends at i begins, not before from. Before "=", as in return
 * paths with an encoded recipient, it is shorter. */
static size_t local_begin(struct str text, size_t from, size_t i)
{
	bool whole = text.p[i] == '@';
	size_t at = i;

	if (whole && at > from && text.p[at - 1] == '"') {
		for (at--; at > from && text.p[at - 1] != '"'; at--)
			;
		return at > from ? at - 1 : at;
	}
	while (at > from && text.p[at - 1] != '@' &&
	       (is_domain(text.p[at - 1]) ||
	        (whole && address_is_atext((unsigned char)text.p[at - 1]))))
		at--;
	return at;
}

static bool is_theirs(const struct out_hide *h, struct str domain)
{
	for (size_t i = 0; i < h->count; i++)
		if (str_eqi(h->people[i].domain, domain))
			return true;
	return false;
}

/* Does a local part end at i? Also in "list+ada=example.org@example.net", but not in
 * "d=example.org". */
static bool ends_name(const struct out_hide *h, struct str text, size_t i, struct str domain,
                      bool all)
{
	size_t behind = i + 1 + domain.n;

	if (text.p[i] == '@')
		return all || is_theirs(h, domain);
	return behind < text.n && text.p[behind] == '@' && is_theirs(h, domain);
}

void out_hide_put(struct buf *out, const struct out_hide *h, struct str text, bool all)
{
	size_t done = 0;

	for (size_t i = 0; i < text.n && buf_ok(out); i++) {
		struct str domain;
		size_t begin;

		if (text.p[i] != '@' && text.p[i] != '=')
			continue;
		domain = domain_at(text, i + 1);
		if (!ends_name(h, text, i, domain, all))
			continue;
		begin = local_begin(text, done, i);
		buf_put(out, str_sub(text, done, begin));
		if (begin < i)
			out_hide_local(out, h, str_sub(text, begin, i), domain);
		done = i;
	}
	buf_put(out, str_sub(text, done, text.n));
}

/* --- lists ---------------------------------------------------------------------------------- */

void out_hide_list(struct buf *out, const struct out_hide *h, struct str value, struct arena *a)
{
	struct address_list list;
	bool first = true;

	address_list_parse(a, value, OUT_HIDE_LIST, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct address *to = &list.items[i];

		if (to->kind != ADDRESS_MAILBOX || to->domain.n == 0)
			continue;
		buf_put(out, first ? STR_EMPTY : STR(", "));
		out_hide_local(out, h, to->local, to->domain);
		buf_fmt(out, "@%.*s", STR_ARG(to->domain));
		first = false;
	}
}
