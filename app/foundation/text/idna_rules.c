/* foundation/text/idna_rules.c: see idna_rules.h. */
#include "foundation/text/idna_rules.h"

#include <utf8proc.h>

struct range {
	uint32_t first, last;
};

static bool within(uint32_t ch, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ch >= ranges[i].first && ch <= ranges[i].last)
			return true;
	return false;
}

#define WITHIN(ch, ranges) within(ch, ranges, COUNT(ranges))

/* --- the derived property (RFC 5892 2, 3) ------------------------------------------ */

/* RFC 5892 2.6 */
static const struct exception {
	uint32_t first, last;
	enum idna_class class;
} exceptions[] = {
	{ 0x00b7, 0x00b7, IDNA_CONTEXTO },   { 0x00df, 0x00df, IDNA_PVALID },
	{ 0x0375, 0x0375, IDNA_CONTEXTO },   { 0x03c2, 0x03c2, IDNA_PVALID },
	{ 0x05f3, 0x05f4, IDNA_CONTEXTO },   { 0x0640, 0x0640, IDNA_DISALLOWED },
	{ 0x0660, 0x0669, IDNA_CONTEXTO },   { 0x06f0, 0x06f9, IDNA_CONTEXTO },
	{ 0x06fd, 0x06fe, IDNA_PVALID },     { 0x07fa, 0x07fa, IDNA_DISALLOWED },
	{ 0x0f0b, 0x0f0b, IDNA_PVALID },     { 0x3007, 0x3007, IDNA_PVALID },
	{ 0x302e, 0x302f, IDNA_DISALLOWED }, { 0x3031, 0x3035, IDNA_DISALLOWED },
	{ 0x303b, 0x303b, IDNA_DISALLOWED }, { 0x30fb, 0x30fb, IDNA_CONTEXTO },
};

/* RFC 5892 2.4, 2.9 */
static const struct range not_letters[] = {
	{ 0x20d0, 0x20ff },   /* Combining Diacritical Marks for Symbols */
	{ 0x1d100, 0x1d1ff }, /* Musical Symbols                         */
	{ 0x1d200, 0x1d24f }, /* Ancient Greek Musical Notation          */
	{ 0x1100, 0x11ff },   /* Hangul Jamo, old ones among them        */
	{ 0xa960, 0xa97c },   { 0xd7b0, 0xd7c6 }, { 0xd7cb, 0xd7fb },
};

/* RFC 5892 2.2: changed by folding and NFKC. */
static bool unstable(uint32_t ch)
{
	const utf8proc_option_t form =
		UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STABLE;
	utf8proc_int32_t text[32];
	utf8proc_ssize_t n;
	int class = 0;

	n = utf8proc_decompose_char((utf8proc_int32_t)ch, text, COUNT(text), form, &class);
	if (n < 1 || n > (utf8proc_ssize_t)COUNT(text))
		return true;
	n = utf8proc_normalize_utf32(text, n, form);
	return n != 1 || text[0] != (utf8proc_int32_t)ch;
}

/* RFC 5892 2.1 */
static bool letter_or_digit(int category)
{
	switch (category) {
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
		return true;
	default:
		return false;
	}
}

static bool ldh(uint32_t ch)
{
	return ch < 0x80 && (ascii_lower((char)ch) == (char)ch) &&
	       (ascii_alnum((char)ch) || ch == '-');
}

enum idna_class idna_class(uint32_t ch)
{
	const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)ch);

	for (size_t i = 0; i < COUNT(exceptions); i++)
		if (ch >= exceptions[i].first && ch <= exceptions[i].last)
			return exceptions[i].class;
	if (p->category == UTF8PROC_CATEGORY_CN)
		return IDNA_UNASSIGNED;
	if (ldh(ch))
		return IDNA_PVALID;
	if (ch == 0x200c || ch == 0x200d)
		return IDNA_CONTEXTJ;
	if (unstable(ch) || p->ignorable || WITHIN(ch, not_letters))
		return IDNA_DISALLOWED;
	return letter_or_digit(p->category) ? IDNA_PVALID : IDNA_DISALLOWED;
}

/* --- context (RFC 5892 appendix A) ------------------------------------------------- */

enum { VIRAMA = 9 /* canonical combining class */ };

static const struct range greek[] = { { 0x0370, 0x03ff }, { 0x1f00, 0x1fff } };
static const struct range hebrew[] = { { 0x0591, 0x05f4 }, { 0xfb1d, 0xfb4f } };
static const struct range kana_or_han[] = {
	{ 0x3005, 0x3005 }, { 0x3007, 0x3007 }, { 0x3021, 0x3029 },   { 0x3038, 0x303a },
	{ 0x3041, 0x3096 }, { 0x309d, 0x309f }, { 0x30a1, 0x30fa },   { 0x30fd, 0x30ff },
	{ 0x31f0, 0x31ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },   { 0xf900, 0xfaff },
	{ 0x1b000, 0x1b16f }, { 0x20000, 0x3ffff },
};
static const struct range arabic_digits[] = { { 0x0660, 0x0669 } };
static const struct range persian_digits[] = { { 0x06f0, 0x06f9 } };

static bool any_within(const uint32_t *chars, size_t n, const struct range *r, size_t count)
{
	for (size_t i = 0; i < n; i++)
		if (within(chars[i], r, count))
			return true;
	return false;
}

#define ANY_WITHIN(chars, n, ranges) any_within(chars, n, ranges, COUNT(ranges))

static bool is_virama(uint32_t ch)
{
	return utf8proc_get_property((utf8proc_int32_t)ch)->combining_class == VIRAMA;
}

/* A.1 also allows joiners without a virama between joining letters; there is no table of those
 * letters, so they are refused. */
static bool context_ok(const uint32_t *chars, size_t n, size_t i)
{
	uint32_t ch = chars[i], before = i != 0 ? chars[i - 1] : 0;
	uint32_t after = i + 1 < n ? chars[i + 1] : 0;

	if (ch == 0x200c || ch == 0x200d) /* A.1, A.2 */
		return i != 0 && is_virama(before);
	if (ch == 0x00b7) /* A.3: Catalan */
		return before == 'l' && after == 'l';
	if (ch == 0x0375) /* A.4: Greek keraia */
		return WITHIN(after, greek);
	if (ch == 0x05f3 || ch == 0x05f4) /* A.5, A.6: geresh */
		return WITHIN(before, hebrew);
	if (ch == 0x30fb) /* A.7: Katakana middle dot */
		return ANY_WITHIN(chars, n, kana_or_han);
	if (WITHIN(ch, arabic_digits)) /* A.8 */
		return !ANY_WITHIN(chars, n, persian_digits);
	return !ANY_WITHIN(chars, n, arabic_digits); /* A.9 */
}

static bool is_mark(uint32_t ch)
{
	int category = utf8proc_category((utf8proc_int32_t)ch);

	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

bool idna_label_ok(const uint32_t *chars, size_t n)
{
	if (n == 0 || chars[0] == '-' || chars[n - 1] == '-' || is_mark(chars[0]))
		return false;
	if (n >= 4 && chars[2] == '-' && chars[3] == '-')
		return false;
	for (size_t i = 0; i < n; i++) {
		enum idna_class class = idna_class(chars[i]);

		if (class == IDNA_DISALLOWED || class == IDNA_UNASSIGNED)
			return false;
		if (class != IDNA_PVALID && !context_ok(chars, n, i))
			return false;
	}
	return true;
}

/* --- direction (RFC 5893 2) -------------------------------------------------------- */

enum { RTL_LABEL = BIT(0), LTR_LABEL = BIT(1), RTL_END = BIT(2), LTR_END = BIT(3) };

/* The allowed positions of each class of characters. */
static unsigned bidi_places(uint32_t ch)
{
	switch (utf8proc_get_property((utf8proc_int32_t)ch)->bidi_class) {
	case UTF8PROC_BIDI_CLASS_L:
		return LTR_LABEL | LTR_END;
	case UTF8PROC_BIDI_CLASS_R:
	case UTF8PROC_BIDI_CLASS_AL:
	case UTF8PROC_BIDI_CLASS_AN:
		return RTL_LABEL | RTL_END;
	case UTF8PROC_BIDI_CLASS_EN:
		return RTL_LABEL | LTR_LABEL | RTL_END | LTR_END;
	case UTF8PROC_BIDI_CLASS_ES:
	case UTF8PROC_BIDI_CLASS_CS:
	case UTF8PROC_BIDI_CLASS_ET:
	case UTF8PROC_BIDI_CLASS_ON:
	case UTF8PROC_BIDI_CLASS_BN:
	case UTF8PROC_BIDI_CLASS_NSM:
		return RTL_LABEL | LTR_LABEL;
	default:
		return 0;
	}
}

static bool has_class(const uint32_t *chars, size_t n, int class)
{
	for (size_t i = 0; i < n; i++)
		if (utf8proc_get_property((utf8proc_int32_t)chars[i])->bidi_class == class)
			return true;
	return false;
}

bool idna_rtl(const uint32_t *chars, size_t n)
{
	return has_class(chars, n, UTF8PROC_BIDI_CLASS_R) ||
	       has_class(chars, n, UTF8PROC_BIDI_CLASS_AL) ||
	       has_class(chars, n, UTF8PROC_BIDI_CLASS_AN);
}

bool idna_bidi_ok(const uint32_t *chars, size_t n)
{
	bool rtl = n != 0 && (has_class(chars, 1, UTF8PROC_BIDI_CLASS_R) ||
	                      has_class(chars, 1, UTF8PROC_BIDI_CLASS_AL));
	unsigned label = rtl ? RTL_LABEL : LTR_LABEL, end = rtl ? RTL_END : LTR_END;

	if (n == 0 || (!rtl && !has_class(chars, 1, UTF8PROC_BIDI_CLASS_L)))
		return false; /* rule 1 */
	for (size_t i = 0; i < n; i++) /* rules 2, 5 */
		if (!(bidi_places(chars[i]) & label))
			return false;
	while (n > 1 && has_class(chars + n - 1, 1, UTF8PROC_BIDI_CLASS_NSM))
		n--;
	if (!(bidi_places(chars[n - 1]) & end)) /* rules 3, 6 */
		return false;
	return !rtl || !has_class(chars, n, UTF8PROC_BIDI_CLASS_EN) || /* rule 4 */
	       !has_class(chars, n, UTF8PROC_BIDI_CLASS_AN);
}
