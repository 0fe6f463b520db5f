/* formats/mailauth/dkim_fields.c: the hashed fields of a header; see dkim.h. */
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"

#include <string.h>

static void hash_out(void *to, struct str bytes)
{
	hash_sha256_update(to, bytes);
}

/* --- the header -------------------------------------------------------------------------- */

static size_t block_read(struct dkim_fields *out, struct str block)
{
	struct cur c = cur_of(block);
	struct header_field field;
	size_t n = 0;

	while (header_next(&c, &field)) {
		if (out->items != NULL && out->count < DKIM_FIELDS_MAX)
			out->items[out->count++] = field;
		n++;
	}
	return n;
}

void dkim_fields_read(struct dkim_fields *out, const struct str *blocks, size_t count,
                      struct arena *a)
{
	size_t n = 0;

	*out = (struct dkim_fields){ 0 };
	for (size_t i = 0; i < count; i++)
		n += block_read(out, blocks[i]);
	out->limited = n > DKIM_FIELDS_MAX;
	out->items = arena_array(a, struct header_field, MIN(n, (size_t)DKIM_FIELDS_MAX));
	for (size_t i = 0; i < count; i++)
		block_read(out, blocks[i]);
}

size_t dkim_fields_count(const struct dkim_fields *fields, struct str name)
{
	size_t n = 0;

	for (size_t i = 0; i < fields->count; i++)
		n += str_eqi(fields->items[i].name, name);
	return n;
}

struct str dkim_field_text(const struct header_field *f)
{
	struct str s = f->raw;

	while (s.n != 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static void field_put(struct str raw, enum canon how, canon_out *out, void *to)
{
	struct canon_field f;

	canon_field_init(&f, how, out, to);
	canon_field_put(&f, raw);
	canon_field_end(&f, true);
}

void dkim_field_hash(struct hash_sha256 *hash, enum canon how, struct str raw)
{
	field_put(raw, how, hash_out, hash);
}

/* Take the lowest field of this name that is not taken yet; -1 for none. */
static ptrdiff_t dkim_fields_take(const struct dkim_fields *fields, bool *taken, struct str name)
{
	for (size_t i = fields->count; i-- > 0;)
		if (!taken[i] && str_eqi(fields->items[i].name, name)) {
			taken[i] = true;
			return (ptrdiff_t)i;
		}
	return -1;
}

static bool dkim_fields_is_name(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != ':' && c != ';';
}

/* h= does not refer to the signature's own field (RFC 6376 3.5). */
static void take_own(const struct dkim_fields *fields, bool *taken, struct str signature)
{
	for (size_t i = 0; i < fields->count; i++)
		if (fields->items[i].raw.p == signature.p)
			taken[i] = true;
}

/* hdr-name *( [FWS] ":" [FWS] hdr-name ) RFC 6376 3.5 The next of them; it may be empty, as some
 * ARC sealers write it. */
static struct str name_next(struct cur *c)
{
	struct str name;

	(void)cur_while(c, ascii_space);
	name = cur_while(c, dkim_fields_is_name);
	(void)cur_while(c, ascii_space);
	return name;
}

static size_t names_count(struct str names, struct str name)
{
	struct cur c = cur_of(names);
	size_t n = 0;

	do
		n += str_eqi(name_next(&c), name);
	while (cur_byte(&c, ':'));
	return n;
}

bool dkim_names_have(struct str names, struct str name)
{
	return names_count(names, name) != 0;
}

/* RFC 5322 3.6, RFC 2045 3: at most one of each. Without MIME-Version, whose value is always the
 * same: the public test suite of ARC has a message with two. */
static const char *const single[] = {
	"From",         "Sender",                    "Reply-To",   "To",
	"Cc",           "Bcc",                       "Subject",    "Date",
	"Message-ID",   "In-Reply-To",               "References", "Content-Type",
	"Content-ID",   "Content-Transfer-Encoding", "Content-Description",
};

const char *dkim_rider_find(const struct dkim_fields *fields, struct str names)
{
	for (size_t i = 0; i < COUNT(single); i++) {
		size_t named = names_count(names, str_of(single[i]));

		if (named != 0 && dkim_fields_count(fields, str_of(single[i])) > named)
			return single[i];
	}
	return NULL;
}

static bool named_put(const struct dkim_fields *fields, enum canon how, struct str signature,
                      struct str names, canon_out *out, void *to)
{
	bool taken[DKIM_FIELDS_MAX] = { false };
	struct cur c = cur_of(names);

	take_own(fields, taken, signature);
	for (size_t n = 0; n < DKIM_FIELDS_MAX; n++) {
		struct str name = name_next(&c);
		ptrdiff_t at = name.n != 0 ? dkim_fields_take(fields, taken, name) : -1;

		if (at >= 0)
			field_put(fields->items[at].raw, how, out, to);
		if (!cur_byte(&c, ':'))
			return cur_done(&c);
	}
	return false;
}

/* The signature's own field around the value of b=. */
static void signature_put(struct str signature, const struct tag *b, enum canon how, canon_out *out,
                          void *to)
{
	size_t begin = (size_t)(b->whole.p - signature.p);
	struct canon_field f;

	canon_field_init(&f, how, out, to);
	canon_field_put(&f, str_sub(signature, 0, begin));
	canon_field_put(&f, str_sub(signature, begin + b->whole.n, signature.n));
	canon_field_end(&f, false);
}

bool dkim_own_hash(struct hash_sha256 *hash, enum canon how, struct str signature)
{
	ptrdiff_t colon = str_find_byte(signature, ':');
	const struct tag *b;
	struct tags tags;

	if (colon < 0 ||
	    !tags_parse(str_sub(signature, (size_t)colon + 1, signature.n), &tags))
		return false;
	b = tags_find(&tags, STR("b"));
	if (b != NULL)
		signature_put(signature, b, how, hash_out, hash);
	return b != NULL;
}

bool dkim_header_put(const struct dkim_fields *fields, enum canon how, struct str signature,
                     canon_out *out, void *to)
{
	ptrdiff_t colon = str_find_byte(signature, ':');
	const struct tag *b, *h;
	struct tags tags;

	if (fields->limited || colon < 0 ||
	    !tags_parse(str_sub(signature, (size_t)colon + 1, signature.n), &tags))
		return false;
	b = tags_find(&tags, STR("b"));
	h = tags_find(&tags, STR("h"));
	if (b == NULL || h == NULL || !named_put(fields, how, signature, h->value, out, to))
		return false;
	signature_put(signature, b, how, out, to);
	return true;
}

bool dkim_header_hash(const struct dkim_fields *fields, enum canon how, struct str signature,
                      uint8_t out[static HASH_BYTES])
{
	struct hash_sha256 hash;

	hash_sha256_init(&hash);
	if (!dkim_header_put(fields, how, signature, hash_out, &hash))
		return false;
	hash_sha256_final(&hash, out);
	return true;
}
