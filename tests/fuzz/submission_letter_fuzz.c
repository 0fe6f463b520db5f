/* What POST /api/send takes: JSON, or a whole message; and what a contact form sends. Laws:
 * unit/submission/laws.h: whatever is taken becomes a message of lines, with each field once and
 * nothing hidden told. */
#include "flow/submission/form_letter.h"
#include "unit/submission/laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void form(struct str body, struct arena *a, struct buf *out)
{
	static const struct form_letter usual = { .form = STR("f"),
		                                  .subject = STR("s"),
		                                  .reply = STR("email"),
		                                  .from = { STR("a"), STR("b") },
		                                  .to = { STR("c"), STR("d") },
		                                  .message_id = STR("<1@b>") };
	struct form_fields fields;
	struct letter l;

	buf_reset(out);
	if (form_fields_parse(body, 20, a, &fields, NULL) != OK ||
	    form_letter_make(&usual, &fields, a, &l, NULL) != OK)
		return;
	assert(letter_put(out, &l, a, NULL) == OK && buf_ok(out));
	law_lines(buf_str(out));
	law_short(buf_str(out));
	law_fields(&l, buf_str(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct why why = { "" };
	struct send_wishes w;
	struct raw_letter raw;
	struct letter l;
	struct buf out;

	buf_init(&out, LAWS_OUT_MAX);
	if (!laws_letter(text, &a, &l, &w, &out, &why) && !laws_raw(text, &a, &raw, &out, &why))
		assert(why.text[0] != '\0');
	form(text, &a, &out);
	buf_deinit(&out);
	arena_deinit(&a);
	return 0;
}
