/* operations/transfer/wire_imap.c: responses; see wire_imap.h. */
#include "operations/transfer/wire_imap_token.h"

/* --- status ------------------------------------------------------------------------------- */

/* resp-text = ["[" resp-text-code "]" SP] text				RFC 9051 section 9 */
static bool status(struct cur *c, struct said *out)
{
	out->kind = SAID_STATUS;
	said_space(c);
	if (cur_byte(c, '[') && !cur_until(c, ']', &out->code))
		return false;
	cur_byte(c, ']');
	said_space(c);
	out->text = cur_rest(c);
	return true;
}

static bool status_word(struct str word, enum said_result *out)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eqi(word, str_of(words[i]))) {
			*out = (enum said_result)i;
			return true;
		}
	return false;
}

/* --- LIST --------------------------------------------------------------------------------- */

static void attribute(struct str word, struct said *out)
{
	static const struct {
		const char *said, *role;
	} roles[] = {
		{ "\\All", "\\All" }, /* RFC 6154 2 */
		{ "\\Archive", "\\Archive" },
		{ "\\Drafts", "\\Drafts" },
		{ "\\Flagged", "\\Flagged" },
		{ "\\Junk", "\\Junk" },
		{ "\\Sent", "\\Sent" },
		{ "\\Trash", "\\Trash" },
		{ "\\Important", "\\Important" }, /* RFC 8457 3 */
		{ "\\AllMail", "\\All" }, /* names in XLIST */
		{ "\\Inbox", "\\Inbox" },
		{ "\\Spam", "\\Junk" },
		{ "\\Starred", "\\Flagged" },
	};

	if (str_eqi(word, STR("\\Noselect")) || str_eqi(word, STR("\\NonExistent")))
		out->selectable = false;
	for (size_t i = 0; i < COUNT(roles); i++)
		if (str_eqi(word, str_of(roles[i].said)))
			out->role = str_of(roles[i].role);
}

/* mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox */
static bool said_list(struct cur *c, struct arena *a, struct said *out)
{
	struct str word;

	out->kind = SAID_LIST;
	out->selectable = true;
	if (!said_space(c) || !cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')')) {
		if (said_space(c))
			continue;
		if (!said_atom(c, &word))
			return false;
		attribute(word, out);
	}
	if (!said_space(c))
		return false;
	if (cur_peek(c) == '"') {
		if (!said_quoted(c, a, &word) || word.n != 1)
			return false;
		out->separator = word.p[0];
	} else if (!cur_stri(c, STR("NIL"))) {
		return false;
	}
	return said_space(c) && said_string(c, a, &out->name) && out->name.n != 0;
}

/* mailbox SP "(" [status-att-list] ")" */
static bool said_count(struct cur *c, struct arena *a, struct said *out)
{
	struct str word, value;

	out->kind = SAID_COUNT;
	if (!said_space(c) || !said_string(c, a, &out->name) || !said_space(c) || !cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')')) {
		if (said_space(c))
			continue;
		if (!said_atom(c, &word) || !said_space(c))
			return false;
		if (str_eqi(word, STR("MESSAGES")) ? !cur_u32(c, &out->number)
		                                   : !said_string(c, a, &value))
			return false;
	}
	return true;
}

/* One namespace: nil / "(" 1*( "(" string SP (<"> QUOTED_CHAR <"> / nil) *ext ")" ) ")" */
static bool namespace(struct cur *c, struct arena *a, struct said *out, bool own)
{
	struct str prefix;

	if (!said_space(c))
		return false;
	if (!cur_byte(c, '('))
		return cur_stri(c, STR("NIL"));
	while (!cur_byte(c, ')')) {
		if (said_space(c))
			continue;
		if (!cur_byte(c, '(') || !said_string(c, a, &prefix))
			return false;
		if (!own && prefix.n != 0 && out->space_count < SAID_SPACES)
			out->spaces[out->space_count++] = prefix;
		while (!cur_byte(c, ')'))
			if (!said_space(c) || !said_value_skip(c, a))
				return false;
	}
	return true;
}

/* RFC 2342 5: the user's own, those of others, shared ones */
static bool namespaces(struct cur *c, struct arena *a, struct said *out)
{
	out->kind = SAID_SPACE;
	return namespace(c, a, out, true) && namespace(c, a, out, false) &&
	       namespace(c, a, out, false);
}

/* --- responses ---------------------------------------------------------------------------- */

static bool numbered(struct cur *c, struct arena *a, struct said *out)
{
	struct str word;

	if (!cur_u32(c, &out->number) || !said_space(c) || !said_atom(c, &word))
		return false;
	if (str_eqi(word, STR("FETCH")))
		return said_fetch(c, a, out);
	out->kind = str_eqi(word, STR("EXISTS")) ? SAID_EXISTS : SAID_OTHER;
	return true;
}

static bool untagged(struct cur *c, struct arena *a, struct said *out)
{
	struct str word;

	if (cur_peek(c) >= 0 && ascii_digit((char)cur_peek(c)))
		return numbered(c, a, out);
	if (!said_atom(c, &word))
		return false;
	if (status_word(word, &out->result))
		return status(c, out);
	if (str_eqi(word, STR("LIST")) || str_eqi(word, STR("XLIST")))
		return said_list(c, a, out);
	if (str_eqi(word, STR("STATUS")))
		return said_count(c, a, out);
	if (str_eqi(word, STR("NAMESPACE")))
		return namespaces(c, a, out);
	if (str_eqi(word, STR("CAPABILITY"))) {
		out->kind = SAID_CAPABILITY;
		out->text = cur_rest(c);
	}
	return true;
}

bool said_parse(struct str response, struct arena *a, struct said *out)
{
	struct cur c = cur_of(response);
	struct str word;

	*out = (struct said){ .kind = SAID_OTHER };
	if (cur_byte(&c, '+')) {
		out->kind = SAID_GO_ON;
		said_space(&c);
		out->text = cur_rest(&c);
		return true;
	}
	if (cur_byte(&c, '*'))
		return said_space(&c) && untagged(&c, a, out);
	return said_atom(&c, &out->tag) && said_space(&c) && said_atom(&c, &word) &&
	       status_word(word, &out->result) && status(&c, out);
}
