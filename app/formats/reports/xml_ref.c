/* formats/reports/xml_ref.c: the text between "&" and ";"; see xml.h. */
#include "formats/reports/xml.h"

static bool number_ref(struct cur *c, uint32_t *out)
{
	bool hex = cur_byte(c, 'x');
	uint64_t n = 0;
	char digit;

	if (cur_done(c))
		return false;
	while (cur_any(c, &digit)) {
		char low = ascii_lower(digit);

		if (ascii_digit(digit))
			n = n * (hex ? 16 : 10) + (uint64_t)(digit - '0');
		else if (hex && low >= 'a' && low <= 'f')
			n = n * 16 + (uint64_t)(low - 'a' + 10);
		else
			return false;
	}
	*out = (uint32_t)n; /* ten digits at most: no overflow of n */
	return n != 0 && n <= 0x10ffff;
}

/* XML 1.0 4.6: the five predefined entities */
static bool named_ref(struct str name, uint32_t *out)
{
	static const struct {
		struct str name;
		char c;
	} names[] = { { STR("lt"), '<' },
		      { STR("gt"), '>' },
		      { STR("amp"), '&' },
		      { STR("quot"), '"' },
		      { STR("apos"), '\'' } };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, names[i].name)) {
			*out = (uint32_t)names[i].c;
			return true;
		}
	return false;
}

bool wire_xml_ref(struct str ref, uint32_t *out)
{
	struct cur c = cur_of(ref);

	return cur_byte(&c, '#') ? number_ref(&c, out) : named_ref(ref, out);
}
