/* Fields cover the header without gap or overlap; unfolded values are one line; encoded-words
 * give valid UTF-8; parameters and addresses keep their promises on every value; what the strict
 * reader of addresses takes, the forgiving one reads alike. */
#include "formats/message/address.h"
#include "formats/message/authors.h"
#include "formats/message/build.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "formats/message/param.h"
#include "foundation/base/arena.h"
#include "foundation/text/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_line(struct str s)
{
	return str_find_byte(s, '\n') < 0 && str_find_byte(s, '\r') < 0 &&
	       str_find_byte(s, '\0') < 0;
}

/* Lists are well formed, and written out they stay inside their field. */
static void address_law(struct arena *a, struct str value)
{
	struct address_list list;
	bool in_group = false;
	struct buf out;
	struct header_field field;
	struct cur c;

	buf_init(&out, 64 * value.n + 1024);
	address_list_parse(a, value, 20, &list);
	assert(list.n <= 20);
	for (size_t i = 0; i < list.n; i++) {
		const struct address *item = &list.items[i];

		assert(is_line(item->name) && is_line(item->local) && is_line(item->domain));
		if (item->kind != ADDRESS_MAILBOX) {
			assert(in_group == (item->kind == ADDRESS_GROUP_END));
			in_group = !in_group;
		}
	}
	assert(!in_group);
	build_addresses(&out, STR("To"), list.items, list.n);
	c = cur_of(buf_str(&out));
	assert(header_next(&c, &field) && cur_done(&c));
	buf_deinit(&out);
}

/* Who is asked about is who is shown. */
static void authors_law(struct arena *a, struct str value)
{
	struct address_list list;
	struct authors authors;

	if (authors_parse(a, value, 20, &authors) != OK)
		return;
	address_list_parse(a, value, 100, &list);
	assert(authors.n != 0 && list.n == authors.n);
	for (size_t i = 0; i < list.n; i++) {
		struct mailaddr shown = { list.items[i].local,
			                  mailaddr_domain_normal(a, list.items[i].domain) };

		assert(list.items[i].kind == ADDRESS_MAILBOX && list.items[i].route.n == 0);
		assert(mailaddr_equal(&shown, &authors.items[i]));
	}
}

static void value_laws(struct arena *a, struct str value)
{
	struct param_list params;
	struct str text, id;
	struct cur c;

	assert(is_line(header_unfold(a, value)));
	text = encword_text(a, value, 300);
	assert(text.n <= 300 && utf8_valid(text) && is_line(text));
	param_list_parse(a, value, 20, &params);
	for (size_t i = 0; i < params.n; i++)
		assert(params.items[i].name.n != 0 && is_line(params.items[i].value));
	if (param_find(a, value, STR("filename"), &text))
		assert(utf8_valid(text));
	for (c = cur_of(value); msgid_next(&c, &id);)
		assert(id.n != 0 && is_line(id));
	address_law(a, value);
	authors_law(a, value);
}

/* Text put into a field comes out of it again, and cannot break out of it. */
static void build_law(struct arena *a, struct str text)
{
	struct buf out, clean;
	struct cur c;
	struct header_field field;

	buf_init(&out, 16 * text.n + 1024);
	buf_init(&clean, 3 * text.n + 1);
	utf8_put_clean(&clean, text);
	build_text(&out, STR("Subject"), text);
	c = cur_of(buf_str(&out));
	assert(header_next(&c, &field) && cur_done(&c));
	assert(str_eq(field.name, STR("Subject")) && utf8_ascii(field.value));
	if (utf8_ascii(text))
		goto out;
	for (size_t i = 0; i < clean.n; i++)
		if ((clean.p[i] >= 0 && clean.p[i] < ' ') || clean.p[i] == 127)
			clean.p[i] = ' ';
	if (str_find(buf_str(&clean), STR("  ")) < 0)
		assert(str_eq(encword_text(a, field.value, SIZE_MAX), buf_str(&clean)));
out:
	buf_deinit(&out);
	buf_deinit(&clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct cur c = cur_of(in);
	struct header_field field;
	const char *end = c.p;

	while (header_next(&c, &field)) {
		assert(field.raw.p == end && c.p == end + field.raw.n);
		end = c.p;
		value_laws(&a, field.value);
	}
	assert((size_t)(end - cur_of(in).p) <= header_size(in));
	value_laws(&a, in);
	build_law(&a, in);
	arena_deinit(&a);
	return 0;
}
