/* foundation/text/base64url.c: see base64url.h. Both ways go through base64.h. */
#include "foundation/text/base64url.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/text/base64.h"

void base64url_put(struct buf *out, struct str raw)
{
	size_t from = out->n;

	base64_put(out, raw);
	for (size_t i = from; i < out->n; i++) {
		if (out->p[i] == '+')
			out->p[i] = '-';
		else if (out->p[i] == '/')
			out->p[i] = '_';
		else if (out->p[i] == '=')
			buf_cut(out, i); /* at most two, at the end */
	}
}

struct str base64url_of(struct arena *a, struct str raw)
{
	struct str text;
	struct buf b;

	buf_init(&b, raw.n * 2 + 4);
	base64url_put(&b, raw);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

bool base64url_parse(struct str in, struct buf *out)
{
	struct buf b;
	bool ok = in.n % 4 != 1;

	buf_init(&b, in.n + 4);
	for (size_t i = 0; i < in.n && ok; i++) {
		char c = in.p[i];

		ok = c != '+' && c != '/' && c != '=';
		buf_byte(&b, c == '-' ? '+' : c == '_' ? '/' : c);
	}
	while (b.n % 4 != 0)
		buf_byte(&b, '=');
	ok = ok && base64_parse(buf_str(&b), out);
	mem_wipe(b.p, b.n); /* it may be a key */
	buf_deinit(&b);
	return ok;
}
