/* ENVELOPE and BODYSTRUCTURE of any message are well-formed for a client: lists of strings,
 * numbers, NIL and lists, balanced, with literals of the length they say and no NUL. */
#include "formats/imap_wire/put.h"
#include "formats/imap_wire/token.h"
#include "formats/message/structure.h"
#include "foundation/base/arena.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_word(unsigned char c)
{
	return imap_is_atom_char(c);
}

/* One list, from "(" to its ")", is all of text. */
static void check_list(struct str text)
{
	struct arena a = { 0 };
	struct cur c = cur_of(text);
	struct str s;
	size_t depth = 0;

	do {
		if (cur_byte(&c, '('))
			depth++;
		else if (cur_byte(&c, ')'))
			depth--;
		else if (cur_byte(&c, ' '))
			assert(depth > 0);
		else if (cur_peek(&c) == '"' || cur_peek(&c) == '{')
			assert(imap_string_parse(&c, &a, &s));
		else
			assert(cur_while(&c, is_word).n > 0);
	} while (depth > 0);
	assert(cur_done(&c));
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct str raw = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct message message;
	struct structure st;
	struct envelope envelope;
	struct buf b;

	buf_init(&b, 64 << 20);
	message_parse(&a, raw, &limits, &message);
	if (structure_of(&a, &message, &limits, &st)) {
		imap_put_structure(&b, &st, true);
		check_list(buf_str(&b));
		buf_reset(&b);
		imap_put_structure(&b, &st, false);
		check_list(buf_str(&b));
		buf_reset(&b);
	}
	envelope_of(&a, raw, &limits, &envelope);
	imap_put_envelope(&b, &envelope);
	check_list(buf_str(&b));
	buf_deinit(&b);
	arena_deinit(&a);
	return 0;
}
