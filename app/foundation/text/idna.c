/* foundation/text/idna.c: see idna.h. */
#include "foundation/text/idna.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/text/fold.h"
#include "foundation/text/idna_rules.h"
#include "foundation/text/punycode.h"
#include "foundation/text/utf8.h"

#include <utf8proc.h>

enum { LABEL_MAX = 63, MAPPED_MAX = 4 * IDNA_NAME_MAX };

static const struct str prefix = STR("xn--");

/* --- one label --------------------------------------------------------------------- */

struct label {
	uint32_t chars[PUNYCODE_MAX];
	size_t n;
};

/* The characters of valid UTF-8; false: too many. */
static bool label_of(struct str s, struct label *out)
{
	struct cur c = cur_of(s);

	out->n = 0;
	while (!cur_done(&c)) {
		if (out->n == PUNYCODE_MAX)
			return false;
		out->chars[out->n++] = utf8_next(&c);
	}
	return true;
}

static void label_put(struct buf *out, const struct label *l)
{
	for (size_t i = 0; i < l->n; i++)
		utf8_put(out, l->chars[i]);
}

static bool is_nfc(const struct label *l)
{
	struct arena a = { 0 };
	struct buf b;
	bool same;

	buf_init(&b, 4 * PUNYCODE_MAX);
	label_put(&b, l);
	same = fold_nfc(&a, buf_str(&b)).p == b.p;
	buf_deinit(&b);
	arena_deinit(&a);
	return same;
}

/* Decode "xn--..."; false when it is not a valid A-label (RFC 5891 5.4). */
static bool a_label(struct str s, struct label *out)
{
	char bytes[LABEL_MAX];
	struct str code = str_sub(s, prefix.n, s.n);
	struct buf again;

	buf_init_in(&again, bytes, sizeof bytes);
	if (s.n > LABEL_MAX || !punycode_parse(code, out->chars, &out->n))
		return false;
	punycode_put(&again, out->chars, out->n);
	for (size_t i = 0; i < out->n; i++)
		if (out->chars[i] >= 0x80)
			return buf_ok(&again) && str_eqi(buf_str(&again), code) && is_nfc(out) &&
			       idna_label_ok(out->chars, out->n);
	return false; /* ASCII only: it would be a second name of one domain */
}

static bool is_a_label(struct str s)
{
	return str_eqi(str_sub(s, 0, prefix.n), prefix);
}

/* The DNS form of the label, and its characters; false when it is invalid. */
static bool label_take(struct str s, struct buf *out, struct label *chars)
{
	size_t begin = out->n;

	if (s.n == 0)
		return false;
	if (!utf8_ascii(s)) {
		if (!label_of(s, chars) || !idna_label_ok(chars->chars, chars->n))
			return false;
		buf_put(out, prefix);
		punycode_put(out, chars->chars, chars->n);
		return out->n - begin <= LABEL_MAX;
	}
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	buf_put(out, s);
	if (is_a_label(s))
		return a_label(s, chars);
	return s.n <= LABEL_MAX && s.p[0] != '-' && s.p[s.n - 1] != '-' && label_of(s, chars);
}

/* --- mapping (RFC 5895 2) ---------------------------------------------------------- */

/* Step 2: the wide "A" of a Japanese keyboard is an "A". */
static uint32_t narrow(uint32_t ch)
{
	int type = utf8proc_get_property((utf8proc_int32_t)ch)->decomp_type;
	utf8proc_int32_t to[4];
	int class = 0;

	if (type != UTF8PROC_DECOMP_TYPE_WIDE && type != UTF8PROC_DECOMP_TYPE_NARROW)
		return ch;
	if (utf8proc_decompose_char((utf8proc_int32_t)ch, to, COUNT(to),
	                            UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &class) != 1)
		return ch;
	return (uint32_t)to[0];
}

/* Allowed characters stay: for Cherokee letters, capitals are the usual form. */
static void mapped_put(struct buf *out, uint32_t ch)
{
	ch = narrow(ch);
	if (idna_class(ch) == IDNA_PVALID) {
		utf8_put(out, ch);
	} else if (ch == 0x3002) { /* step 4: the full stop of that keyboard */
		buf_byte(out, '.');
	} else if (ch == 0x130) { /* step 1: its lower case keeps the dot, otherwise it would be
				   * "i" */
		buf_put(out, STR("i\xcc\x87"));
	} else {
		utf8_put(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)ch));
	}
}

/* Lower case, width and NFC; lives in a. */
static struct str map(struct arena *a, struct str domain)
{
	struct cur c = cur_of(domain);
	struct buf b;
	struct str out;

	buf_init(&b, MAPPED_MAX);
	while (!cur_done(&c))
		mapped_put(&b, utf8_next(&c));
	out = buf_ok(&b) ? fold_nfc(a, str_dup(a, buf_str(&b))) : STR_EMPTY;
	buf_deinit(&b);
	return out;
}

/* --- names ------------------------------------------------------------------------- */

static struct str label_next(struct str *rest)
{
	ptrdiff_t dot = str_find_byte(*rest, '.');
	struct str label = dot >= 0 ? str_sub(*rest, 0, (size_t)dot) : *rest;

	*rest = dot >= 0 ? str_sub(*rest, (size_t)dot + 1, rest->n) : STR_EMPTY;
	return label;
}

/* RFC 5893 2: one right-to-left label restricts all labels. */
static bool directions_ok(struct str ascii)
{
	bool rtl = false, ok = true;
	struct label l;

	while (ascii.n != 0) {
		struct str s = label_next(&ascii);

		if (is_a_label(s) ? !a_label(s, &l) : !label_of(s, &l))
			return true; /* unknown for an invalid label */
		rtl |= idna_rtl(l.chars, l.n);
		ok &= idna_bidi_ok(l.chars, l.n);
	}
	return ok || !rtl;
}

/* Each label of the mapped name; no dot at the end, and one between two. */
static bool labels_put(struct str mapped, struct buf *out)
{
	struct label l;

	if (mapped.n == 0 || mapped.p[mapped.n - 1] == '.')
		return false;
	while (mapped.n != 0) {
		if (out->n != 0)
			buf_byte(out, '.');
		if (!label_take(label_next(&mapped), out, &l))
			return false;
	}
	return buf_ok(out) && directions_ok(buf_str(out));
}

bool idna_ascii(struct arena *a, struct str domain, struct str *out)
{
	struct buf b;
	bool ok;

	if (domain.n > MAPPED_MAX || !utf8_valid(domain))
		return false;
	buf_init(&b, IDNA_NAME_MAX);
	ok = labels_put(map(a, domain), &b);
	if (ok)
		*out = str_eq(buf_str(&b), domain) ? domain : str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return ok;
}

bool idna_valid(struct str ascii)
{
	struct str rest = ascii;
	struct label l;

	while (rest.n != 0) {
		struct str s = label_next(&rest);

		if (is_a_label(s) && !a_label(s, &l))
			return false;
	}
	return directions_ok(ascii);
}

void idna_unicode_put(struct buf *out, struct str ascii)
{
	bool readable = directions_ok(ascii);
	struct label l;

	while (ascii.n != 0) {
		struct str s = label_next(&ascii);

		if (readable && is_a_label(s) && a_label(s, &l))
			label_put(out, &l);
		else
			buf_put(out, s);
		if (ascii.n != 0)
			buf_byte(out, '.');
	}
}
