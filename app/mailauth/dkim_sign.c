/* mailauth/dkim_sign.c: a new signature; see dkim.h.
 *
 * Which fields (RFC 6376 5.4.1): those that people read and that programs act on. Fields that a
 * second one of would change what people see are named once more than there are, so that adding
 * one breaks the signature (RFC 6376 5.4, 8.15). Those that mailing lists add in good faith are
 * named only as often as they are there. There is no l=: a body that may grow behind the
 * signature is no signed body (RFC 6376 8.2). */
#include "base/arena.h"
#include "crypto/key.h"
#include "mailauth/dkim.h"
#include "text/base64.h"

#include <stdio.h>

enum { LINE = 76 }; /* columns, as RFC 5322 2.1.1 would have them */

static const struct {
	const char *name;
	bool once_more;
} signed_fields[] = {
	{ "From", true },
	{ "Reply-To", true },
	{ "Subject", true },
	{ "Date", true },
	{ "To", true },
	{ "Cc", true },
	{ "Message-ID", true },
	{ "In-Reply-To", true },
	{ "References", true },
	{ "MIME-Version", true },
	{ "Content-Type", true },
	{ "Content-Transfer-Encoding", true },
	{ "Sender", false },
	{ "Resent-From", false },
	{ "Resent-To", false },
	{ "Resent-Cc", false },
	{ "Resent-Date", false },
	{ "Resent-Message-ID", false },
	{ "List-Id", false },
	{ "List-Help", false },
	{ "List-Subscribe", false },
	{ "List-Unsubscribe", false },
	{ "List-Unsubscribe-Post", false }, /* RFC 8058 4 */
	{ "List-Post", false },
	{ "List-Owner", false },
	{ "List-Archive", false },
};

const char *dkim_algorithm_name(enum dkim_algorithm a)
{
	return a == DKIM_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256";
}

/* --- writing tags ------------------------------------------------------------------------ */

struct writer {
	struct buf *out;
	size_t column;
};

static void put(struct writer *w, struct str s)
{
	buf_put(w->out, s);
	w->column += s.n;
}

/* Begin a new line when n more bytes do not fit on this one. */
static void fold(struct writer *w, size_t n)
{
	if (w->column + n <= LINE)
		return;
	buf_put(w->out, STR("\r\n\t"));
	w->column = 8;
}

/* "; name=value" that stays on one line. */
static void tag_put(struct writer *w, const char *name, struct str value)
{
	put(w, STR(";"));
	fold(w, 2 + str_of(name).n + value.n);
	if (w->column != 8)
		put(w, STR(" "));
	put(w, str_of(name));
	put(w, STR("="));
	put(w, value);
}

/* A value of base64 may be folded anywhere (RFC 6376 3.5). */
static void base64_folded(struct writer *w, struct str bytes)
{
	struct str text;
	struct buf b;

	buf_init(&b, DKIM_SIGNATURE_MAX);
	base64_put(&b, bytes);
	text = buf_str(&b);
	while (text.n != 0) {
		size_t n;

		fold(w, 1);
		n = MIN(text.n, LINE - w->column);
		put(w, str_sub(text, 0, n));
		text = str_sub(text, n, text.n);
	}
	buf_deinit(&b);
}

/* --- what is signed ---------------------------------------------------------------------- */

static size_t count_of(const struct dkim_fields *fields, struct str name)
{
	size_t n = 0;

	for (size_t i = 0; i < fields->count; i++)
		n += str_eqi(fields->items[i].name, name);
	return n;
}

static void names_put(struct writer *w, const struct dkim_fields *fields)
{
	bool first = true;

	tag_put(w, "h", STR_EMPTY);
	for (size_t i = 0; i < COUNT(signed_fields); i++) {
		struct str name = str_of(signed_fields[i].name);
		size_t n = count_of(fields, name) + signed_fields[i].once_more;

		for (; n != 0 && buf_ok(w->out); n--) {
			if (!first)
				put(w, STR(":"));
			fold(w, name.n + 1);
			put(w, name);
			first = false;
		}
	}
}

/* All of the field up to the value of b=. */
static void unsigned_put(struct writer *w, const struct dkim_signer *s,
                         const struct dkim_fields *fields, const uint8_t *body_hash, int64_t now_s)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%" PRId64, now_s);
	put(w, STR("DKIM-Signature: v=1"));
	tag_put(w, "a", str_of(dkim_algorithm_name(s->algorithm)));
	tag_put(w, "c", STR("relaxed/relaxed"));
	tag_put(w, "d", s->domain);
	tag_put(w, "s", s->selector);
	tag_put(w, "t", str_of(seconds));
	names_put(w, fields);
	tag_put(w, "bh", STR_EMPTY);
	base64_folded(w, str_from((const char *)body_hash, HASH_BYTES));
	tag_put(w, "b", STR_EMPTY);
}

static struct str signature_of(const struct dkim_signer *s, const uint8_t *digest, struct arena *a)
{
	uint8_t *made;

	if (s->algorithm == DKIM_RSA_SHA256)
		return key_rsa_sign_digest(s->rsa, digest, a);
	/* RFC 8463 3: the hash is what Ed25519 signs. */
	made = arena_alloc(a, ED25519_SIGNATURE);
	ed25519_sign(s->seed, str_from((const char *)digest, HASH_BYTES), made);
	return str_from((const char *)made, ED25519_SIGNATURE);
}

bool dkim_sign(struct buf *out, const struct dkim_signer *s, const struct dkim_fields *fields,
               const uint8_t body_hash[static HASH_BYTES], int64_t now_s)
{
	struct buf field;
	struct writer w = { &field, 0 };
	uint8_t digest[HASH_BYTES];
	struct arena a = { 0 };
	bool done = false;

	buf_init(&field, DKIM_SIGNATURE_MAX);
	if (fields->limited || count_of(fields, STR("From")) == 0)
		goto out;
	unsigned_put(&w, s, fields, body_hash, now_s);
	if (!buf_ok(&field) || !dkim_header_hash(fields, CANON_RELAXED, buf_str(&field), digest))
		goto out;
	base64_folded(&w, signature_of(s, digest, &a));
	put(&w, STR("\r\n"));
	done = buf_ok(&field);
	if (done)
		buf_put(out, buf_str(&field));
out:
	buf_deinit(&field);
	arena_deinit(&a);
	return done;
}
