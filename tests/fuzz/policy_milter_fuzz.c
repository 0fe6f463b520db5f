/* What milters say, and what becomes of a message by it. The input is a message, up to the first
 * two NULs, and packets from the second of them. Laws: replies and options borrow from their
 * packet and keep the promises of wire_milter.h; a code's text is printable; whatever is accepted
 * as a change leaves a message that is read as the fields that the view has, each one field and
 * no more, with the rest of it untouched: for any bytes. */
#include "flow/policy/milter/wire_milter.h"
#include "flow/policy/view.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { CHANGES_MAX = 50 };

static bool inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void code_law(struct str text)
{
	struct arena a = { 0 };
	struct milter_code code;

	if (milter_code_parse(text, &a, &code)) {
		assert(code.code >= 400 && code.code <= 599);
		assert(code.enhanced.n >= 5 && code.enhanced.p[0] == (char)('0' + code.code / 100));
		for (size_t i = 0; i < code.text.n; i++) {
			char c = code.text.p[i];

			assert((c >= ' ' && c <= '~') || c == '\t' || c == '\n');
		}
	}
	arena_deinit(&a);
}

static void options_law(struct str data)
{
	for (uint32_t version = MILTER_VERSION_MIN; version <= MILTER_VERSION_MAX; version++) {
		struct milter_options offer = milter_offer(version), got;

		if (milter_options_parse(data, &offer, &got, NULL) != OK)
			continue;
		assert(got.version >= MILTER_VERSION_MIN && got.version <= version);
		assert((got.actions & ~offer.actions) == 0);
		assert(got.version >= 4 || !milter_wants(got.steps, MILTER_DATA));
		for (int i = 0; i < MILTER_STAGES; i++)
			assert(inside(got.macros[i], data));
	}
}

/* --- the message ---------------------------------------------------------------- */

static const enum policy_change_kind kinds[MILTER_SAYS_KINDS] = {
	[MILTER_SAYS_ADD_HEADER] = CHANGE_ADD,
	[MILTER_SAYS_PUT_HEADER] = CHANGE_INSERT,
	[MILTER_SAYS_SET_HEADER] = CHANGE_FIELD,
	[MILTER_SAYS_BODY] = CHANGE_BODY,
};

static void change(struct policy_view *v, struct policy_changes *changes, struct arena *a,
                   const struct milter_reply *m)
{
	const struct policy_change c = { .kind = kinds[m->kind],
		                         .index = m->index % 8,
		                         .name = m->name,
		                         .value = m->text,
		                         .spaced = m->index % 2 };
	size_t before = v->count;

	if (changes->count >= CHANGES_MAX || policy_changes_add(changes, a, &c, NULL) != OK)
		return;
	policy_view_change(v, container_of(changes->items.prev, struct policy_change, link));
	if (c.kind == CHANGE_ADD || c.kind == CHANGE_INSERT)
		assert(v->count == before + 1);
	else
		assert(v->count <= before + 1 && v->count + 1 >= before);
}

/* As it is written and read again. */
static void message_law(const struct policy_view *v)
{
	const struct str parts[] = { policy_view_top(v), policy_view_header(v),
		                     policy_view_rest(v) };
	struct header_field f;
	struct buf b;
	struct cur c;
	size_t i = 0;

	buf_init(&b, parts[0].n + parts[1].n + parts[2].n + 1);
	for (size_t k = 0; k < COUNT(parts); k++)
		buf_put(&b, parts[k]);
	c = cur_of(buf_str(&b));
	for (; header_next(&c, &f); i++) {
		assert(i < v->count);
		assert(str_eq(f.name, v->fields[i].name));
		assert(str_eq(f.raw, v->fields[i].raw));
	}
	assert(i == v->count && str_eq(cur_rest(&c), parts[2]));
	buf_deinit(&b);
}

static void take(struct str packets, struct policy_view *v, struct policy_changes *changes,
                 struct arena *a)
{
	struct cur c = cur_of(packets);
	struct milter_reply m;
	struct str data;
	char command;

	while (milter_packet_take(&c, 4096, &command, &data) == MILTER_PACKET) {
		assert(inside(data, packets) && data.n < 4096);
		options_law(data);
		if (!milter_reply_parse(command, data, &m))
			continue;
		assert(inside(m.name, data) && inside(m.text, data));
		assert(m.name.n + m.text.n <= data.n);
		if (m.kind == MILTER_SAYS_CODE)
			code_law(m.text);
		if (kinds[m.kind] != 0 || m.kind == MILTER_SAYS_ADD_HEADER)
			change(v, changes, a, &m);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = str_from((const char *)data, n), message, rest;
	ptrdiff_t end = str_find(all, STR("\0\0"));
	struct str ours = n % 2 ? STR("Received: from x by y\r\nX: 1\r\n") : STR("");
	struct policy_changes changes;
	struct policy_view v;
	struct arena a = { 0 };

	message = str_sub(all, 0, end < 0 ? n : (size_t)end);
	policy_changes_init(&changes);
	policy_view_init(&v, ours, n % 3 ? STR("Authentication-Results: y; none\r\n") : STR(""),
	                 message, &a);
	rest = v.rest;
	message_law(&v);
	take(str_sub(all, message.n + 1, n), &v, &changes, &a);
	message_law(&v);
	if (!v.has_body)
		assert(str_eq(policy_view_rest(&v), rest));
	else
		assert(str_starts(policy_view_rest(&v), STR("\r\n")));
	arena_deinit(&a);
	return 0;
}
