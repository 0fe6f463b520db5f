/* Any message as an Email object is JSON in valid UTF-8; its memory is bounded by the message. */
#include "formats/message/header.h"
#include "foundation/text/utf8.h"
#include "protocols/jmap/types/email_body.h"
#include "protocols/jmap/types/header_value.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* All forms of the first field, and those of address fields. */
static void headers_put(struct json_writer *w, struct str header)
{
	struct cur c = cur_of(header);
	struct header_field field;
	struct header_property what = { .field = STR("To") };

	if (header_next(&c, &field) && field.name.n != 0)
		what.field = field.name;
	json_open(w, "forms", '[');
	for (unsigned i = 0; i < 2 * HEADER_FORMS; i++) {
		what.form = (enum header_form)(i / 2);
		what.all = i % 2;
		header_property_put(w, header, &what);
	}
	header_list_put(w, header);
	json_close(w);
}

static void email_put(struct json_writer *w, struct email_message *m)
{
	struct str names[] = { STR("header:content-type") };
	struct header_property headers[] = { { .field = STR("content-type") } };
	const struct body_wanted wanted = { .properties = ~0u,
		                            .header_names = names,
		                            .headers = headers,
		                            .header_count = 1,
		                            .all_values = true,
		                            .value_bytes_max = 5 };
	struct body_lists lists;

	body_lists_of(m->arena, &m->structure, &lists);
	json_open(w, NULL, '{');
	headers_put(w, str_sub(m->raw, 0, m->header_bytes));
	json_put_bool(w, "hasAttachment", body_has_attachment(&m->structure, &lists));
	json_put_name(w, STR("bodyStructure"));
	assert(body_structure_put(w, m, &wanted) == OK);
	json_put_name(w, STR("attachments"));
	assert(body_list_put(w, m, &wanted, &lists.attachments) == OK);
	json_put_name(w, STR("textBody"));
	assert(body_list_put(w, m, &wanted, &lists.text) == OK);
	json_put_name(w, STR("bodyValues"));
	assert(body_values_put(w, m, &wanted, &lists) == OK);
	json_close(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct email_message m = { .raw = str_from((const char *)data, n) };
	struct arena a = { 0 }, parsed = { 0 };
	struct message message;
	struct json_writer w;
	struct buf out;
	struct json v;

	if (n == 0 || n > 64 << 10)
		return 0;
	m.arena = &a;
	message_parse(&a, m.raw, &limits, &message);
	m.size_bytes = (uint32_t)n;
	m.header_bytes = message.parts[0].header.len;
	if (structure_of(&a, &message, &limits, &m.structure)) {
		size_t before = a.used_bytes;

		buf_init(&out, 16 << 20);
		json_writer_init(&w, &out);
		email_put(&w, &m);
		assert(a.used_bytes - before < 256 * (size_t)m.structure.n + 1024);
		assert(utf8_valid(buf_str(&out)));
		assert(!buf_ok(&out) || w.depth == 0);
		if (buf_ok(&out) && out.n < JSON_BYTES_MAX)
			assert(json_parse_long(&parsed, buf_str(&out), 16 << 20, &v) ||
			       out.n > 10000);
		buf_deinit(&out);
	}
	arena_deinit(&parsed);
	arena_deinit(&a);
	return 0;
}
