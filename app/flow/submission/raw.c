/* flow/submission/raw.c: see raw.h. */
#include "flow/submission/raw.h"

#include "flow/submission/letter_json.h"
#include "formats/message/address.h"
#include "formats/message/header.h"
#include "foundation/text/utf8.h"

#include <string.h>

/* A line feed ends a line, with a CR before it or without. */
static bool lines_put(struct buf *out, struct str raw)
{
	while (raw.n != 0) {
		const char *end = memchr(raw.p, '\n', raw.n);
		size_t n = end != NULL ? (size_t)(end - raw.p) : raw.n;
		struct str line = str_sub(raw, 0, n);

		if (end != NULL && str_ends(line, STR("\r")))
			line.n--;
		if (line.n != 0 &&
		    (memchr(line.p, '\r', line.n) != NULL || memchr(line.p, '\0', line.n) != NULL))
			return false;
		buf_put(out, line);
		buf_put(out, STR("\r\n"));
		raw = str_sub(raw, n + (end != NULL), raw.n);
	}
	return true;
}

static enum err rcpts_take(struct str value, size_t max, struct arena *a,
                           struct letter_addresses *out, struct why *why)
{
	struct address_list list;
	struct mailaddr one;
	enum err e = OK;

	address_list_parse(a, value, max + 1, &list);
	if (list.limited)
		return fail(why, ERR_LIMIT, "at most %zu recipients", max);
	for (size_t i = 0; e == OK && i < list.n; i++) {
		if (list.items[i].kind != ADDRESS_MAILBOX)
			continue;
		if (!letter_mailaddr(&list.items[i], a, &one))
			return fail(why, ERR_SYNTAX, "a recipient in the header is no address");
		e = send_rcpt_add(out, &one, max, why);
	}
	return e;
}

static void from_take(struct str value, struct arena *a, struct mailaddr *out)
{
	struct address_list list;

	address_list_parse(a, value, 1, &list);
	if (list.n == 1 && list.items[0].kind == ADDRESS_MAILBOX)
		(void)letter_mailaddr(&list.items[0], a, out);
}

static bool is_rcpts(struct str name)
{
	return str_eqi(name, STR("To")) || str_eqi(name, STR("Cc")) || str_eqi(name, STR("Bcc"));
}

/* The header again, field by field, without those that tell what was to be hidden. */
static enum err header_take(struct str header, size_t max, struct arena *a, struct buf *out,
                            struct raw_letter *letter, struct why *why)
{
	struct cur c = cur_of(header);
	struct header_field field;
	bool from = false;
	enum err e = OK;

	while (e == OK && header_next(&c, &field)) {
		if (field.name.n == 0)
			return fail(why, ERR_SYNTAX, "the header has a line that is no field");
		if (max != 0 && is_rcpts(field.name))
			e = rcpts_take(field.value, max, a, &letter->rcpts, why);
		if (str_eqi(field.name, STR("From")) && !from) {
			from = true;
			from_take(field.value, a, &letter->from);
		}
		if (!str_eqi(field.name, STR("Bcc")) && !str_eqi(field.name, STR("Resent-Bcc")))
			buf_put(out, field.raw);
	}
	return e;
}

enum err raw_letter_read(struct str raw, size_t max, struct arena *a, struct buf *out,
                         struct raw_letter *letter, struct why *why)
{
	struct str all, header;
	struct buf lines;
	enum err e;

	*letter = (struct raw_letter){ 0 };
	letter->rcpts.items = arena_array(a, struct letter_address, max);
	buf_init(&lines, 2 * raw.n + 2);
	if (!lines_put(&lines, raw)) {
		buf_deinit(&lines);
		return fail(why, ERR_SYNTAX, "the message has a lone CR or a NUL");
	}
	all = buf_str(&lines);
	header = str_sub(all, 0, header_size(all));
	letter->utf8 = !utf8_ascii(header);
	if (header.n == 0 || str_starts(header, STR("\r\n")))
		e = fail(why, ERR_SYNTAX, "the message has no header");
	else if (!utf8_valid(header))
		e = fail(why, ERR_SYNTAX, "the header is neither ASCII nor UTF-8");
	else
		e = header_take(header, max, a, out, letter, why);
	if (e == OK) {
		buf_put(out, STR("\r\n"));
		buf_put(out, str_sub(all, header.n, all.n));
	}
	buf_deinit(&lines);
	return e;
}
