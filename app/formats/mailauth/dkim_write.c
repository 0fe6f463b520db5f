/* formats/mailauth/dkim_write.c: see dkim_write.h.
 *
 * The covered fields (RFC 6376 5.4.1) are those that people read and that programs act on. A field
 * that must be unique is named once more than it occurs, so that adding one breaks the signature
 * (RFC 6376 5.4, 8.15). Fields that mailing lists legitimately add are named only as often as they
 * occur. */
#include "formats/mailauth/dkim_write.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/key.h"
#include "foundation/text/base64.h"

enum { LINE = 76 }; /* columns, RFC 5322 2.1.1 */

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
	{ "BIMI-Selector", false }, /* used only where it is signed (authentication/bimi.c) */
};

/* --- tags -------------------------------------------------------------------------------- */

void dkim_put(struct dkim_writer *w, struct str s)
{
	buf_put(w->out, s);
	w->column += s.n;
}

/* Begin a new line when n more bytes do not fit on this one. */
static void fold(struct dkim_writer *w, size_t n)
{
	if (w->column + n <= LINE)
		return;
	buf_put(w->out, STR("\r\n\t"));
	w->column = 8;
}

/* "; name=value" on one line. */
void dkim_tag_put(struct dkim_writer *w, const char *name, struct str value)
{
	dkim_put(w, STR(";"));
	fold(w, 2 + str_of(name).n + value.n);
	if (w->column != 8)
		dkim_put(w, STR(" "));
	dkim_put(w, str_of(name));
	dkim_put(w, STR("="));
	dkim_put(w, value);
}

/* A value of base64 may be folded anywhere (RFC 6376 3.5). */
void dkim_base64_put(struct dkim_writer *w, struct str bytes)
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
		dkim_put(w, str_sub(text, 0, n));
		text = str_sub(text, n, text.n);
	}
	buf_deinit(&b);
}

/* --- the signed fields ------------------------------------------------------------------ */

void dkim_names_put(struct dkim_writer *w, const struct dkim_fields *fields)
{
	bool first = true;

	dkim_tag_put(w, "h", STR_EMPTY);
	for (size_t i = 0; i < COUNT(signed_fields); i++) {
		struct str name = str_of(signed_fields[i].name);
		size_t n = dkim_fields_count(fields, name) + signed_fields[i].once_more;

		for (; n != 0 && buf_ok(w->out); n--) {
			if (!first)
				dkim_put(w, STR(":"));
			fold(w, name.n + 1);
			dkim_put(w, name);
			first = false;
		}
	}
}

void dkim_name_put(struct dkim_writer *w, struct str name)
{
	dkim_put(w, STR(":"));
	fold(w, name.n + 1);
	dkim_put(w, name);
}

/* --- the signature ----------------------------------------------------------------------- */

struct str dkim_signature_make(const struct dkim_signer *s, const uint8_t *digest, struct arena *a)
{
	uint8_t *made;

	if (s->algorithm == DKIM_RSA_SHA256)
		return key_rsa_sign_digest(s->rsa, digest, a);
	/* RFC 8463 3: Ed25519 signs the hash. */
	made = arena_alloc(a, ED25519_SIGNATURE);
	ed25519_sign(s->seed, str_from((const char *)digest, HASH_BYTES), made);
	return str_from((const char *)made, ED25519_SIGNATURE);
}
