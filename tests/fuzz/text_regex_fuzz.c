/* A regular expression up to the first line end, and a text. Laws: what is matched and what the
 * groups take lies in the text, in the order of their ends; in a group of its own the expression
 * takes the same; held by "^" and "$" it takes all, or nothing. */
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/text/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The expression with something around it; it may have any bytes. */
static bool taken(struct str before, struct str expression, struct str after, struct str text,
                  struct str parts[REGEX_GROUPS])
{
	struct regex *r;
	struct buf whole;
	bool fits;

	buf_init(&whole, 8192);
	buf_put(&whole, before);
	buf_put(&whole, expression);
	buf_put(&whole, after);
	r = regex_new(buf_str(&whole), 0, NULL);
	fits = r != NULL && regex_match(r, text, parts);
	regex_free(&r);
	buf_deinit(&whole);
	return fits;
}

static void inside(struct str part, struct str text)
{
	assert(part.n == 0 || (part.p >= text.p && part.p + part.n <= text.p + text.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cur c = cur_of(str_from((const char *)data, n));
	struct str expression, text, parts[REGEX_GROUPS], again[REGEX_GROUPS];
	struct why why = { "" };
	struct regex *r;
	bool fits;

	if (!cur_until(&c, '\n', &expression) || n > REGEX_BYTES / 2)
		return 0;
	cur_skip(&c, 1);
	text = cur_rest(&c);
	if ((r = regex_new(expression, 0, &why)) == NULL) {
		assert(why.text[0] != '\0');
		return 0;
	}
	fits = regex_match(r, text, parts);
	regex_free(&r);
	for (size_t i = 0; i < REGEX_GROUPS; i++) {
		assert(fits || parts[i].n == 0);
		inside(parts[i], i == 0 ? text : parts[0]);
	}
	assert(taken(STR("("), expression, STR(")"), text, again) == fits);
	assert(!fits ||
	       (again[0].p == parts[0].p && again[0].n == parts[0].n && again[1].n == parts[0].n));
	if (taken(STR("^("), expression, STR(")$"), text, again))
		assert(fits && again[0].n == text.n);
	else
		assert(!fits || parts[0].n != text.n);
	return 0;
}
