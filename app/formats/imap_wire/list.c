/* formats/imap_wire/list.c: see list.h. */
#include "formats/imap_wire/command.h"
#include "formats/imap_wire/list.h"
#include "foundation/base/arena.h"
#include "foundation/text/fold.h"
#include <string.h>

struct list_option {
	struct str name;
	unsigned bit;
};

static const struct list_option selections[] = {
	{ { "SUBSCRIBED", 10 }, LIST_SUBSCRIBED },
	{ { "REMOTE", 6 }, LIST_REMOTE },
	{ { "RECURSIVEMATCH", 14 }, LIST_RECURSIVEMATCH },
	{ { "SPECIAL-USE", 11 }, LIST_SPECIAL_USE },
};
static const struct list_option returnings[] = {
	{ { "SUBSCRIBED", 10 }, LIST_SUBSCRIBED },   { { "CHILDREN", 8 }, LIST_CHILDREN },
	{ { "SPECIAL-USE", 11 }, LIST_SPECIAL_USE }, { { "STATUS", 6 }, LIST_STATUS },
	{ { "MYRIGHTS", 8 }, LIST_MYRIGHTS },        { { "METADATA", 8 }, LIST_METADATA },
};

static unsigned option(struct cur *c, const struct list_option *options, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (imap_word(c, options[i].name))
			return options[i].bit;
	return 0;
}

/* list-select-opts = "(" [option *(SP option)] ")" */
static bool select_options(struct cur *c, unsigned *out)
{
	if (!cur_byte(c, '('))
		return false;
	if (cur_byte(c, ')'))
		return true;
	do {
		unsigned bit = option(c, selections, COUNT(selections));

		if (!bit)
			return false;
		*out |= bit;
	} while (imap_space(c));
	/* RECURSIVEMATCH modifies another criterion and is none itself (RFC 5258 3.1). */
	return cur_byte(c, ')') &&
	       (!(*out & LIST_RECURSIVEMATCH) || (*out & (LIST_SUBSCRIBED | LIST_SPECIAL_USE)));
}

/* return-opts = "RETURN" SP "(" [option *(SP option)] ")" */
static bool return_options(struct cur *c, struct arena *a, struct imap_list *out)
{
	if (!imap_word(c, STR("RETURN")) || !imap_space(c) || !cur_byte(c, '('))
		return false;
	if (cur_byte(c, ')'))
		return true;
	do {
		unsigned bit = option(c, returnings, COUNT(returnings));

		if (!bit)
			return false;
		if (bit == LIST_STATUS &&
		    (!imap_space(c) || !imap_status_list_parse(c, &out->status)))
			return false;
		if (bit == LIST_METADATA &&
		    (!imap_space(c) || !imap_metadata_entries_parse(c, a, &out->metadata)))
			return false;
		out->returns |= bit;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

/* list-char = ATOM-CHAR / list-wildcards / resp-specials */
static bool is_list_char(unsigned char c)
{
	return imap_is_astring_char(c) || c == '%' || c == '*';
}

static struct str list_joined(struct arena *a, struct str x, struct str y)
{
	char *p = arena_alloc(a, x.n + y.n);

	if (x.n)
		memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	return str_from(p, x.n + y.n);
}

struct names { /* how names are decoded, and the reference before each pattern */
	bool utf8;
	struct str reference;
};

static void push(struct arena *a, struct imap_list *out, struct str p)
{
	*(struct str *)imap_push(a, &out->patterns.items, &out->patterns.n, sizeof(p)) = p;
}

/* list-mailbox = 1*list-char / string */
static bool pattern(struct cur *c, struct arena *a, const struct names *names,
                    struct imap_list *out)
{
	struct str p = cur_while(c, is_list_char), normal;
	size_t all = 0;

	if (p.n == 0 && !imap_string_parse(c, a, &p))
		return false;
	p = imap_mailbox_decode(a, names->utf8, p);
	for (size_t i = 0; i < out->patterns.n; i++)
		all += out->patterns.items[i].n;
	if (p.n + names->reference.n > IMAP_PATTERN_MAX ||
	    all + p.n + names->reference.n > IMAP_PATTERNS_BYTES ||
	    out->patterns.n >= IMAP_PATTERNS_MAX)
		return false;
	if (p.n && names->reference.n)
		p = list_joined(a, names->reference, p);
	push(a, out, p);
	normal = fold_nfc(a, p); /* RFC 9051 5.1: as names of mailboxes */
	if (normal.p != p.p)
		push(a, out, normal);
	return true;
}

/* mbox-or-pat = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")" */
static bool patterns(struct cur *c, struct arena *a, const struct names *names,
                     struct imap_list *out)
{
	if (!cur_byte(c, '('))
		return pattern(c, a, names, out);
	out->extended = true;
	do {
		if (!pattern(c, a, names, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

bool imap_list_parse(struct cur *c, struct arena *a, bool utf8, struct imap_list *out)
{
	struct names names = { .utf8 = utf8 };
	struct cur at;

	*out = (struct imap_list){ 0 };
	if (cur_peek(c) == '(') {
		out->extended = true;
		if (!select_options(c, &out->select) || !imap_space(c))
			return false;
	}
	if (!imap_mailbox_parse(c, a, utf8, &names.reference) || !imap_space(c) ||
	    !patterns(c, a, &names, out))
		return false;
	at = *c;
	if (!imap_space(&at) || cur_done(&at))
		return true;
	*c = at;
	out->extended = true;
	return return_options(c, a, out);
}

bool imap_lsub_parse(struct cur *c, struct arena *a, bool utf8, struct imap_list *out)
{
	struct names names = { .utf8 = utf8 };

	*out = (struct imap_list){ 0 };
	return imap_mailbox_parse(c, a, utf8, &names.reference) && imap_space(c) &&
	       pattern(c, a, &names, out);
}

/* at[i]: the first i bytes of the pattern can match the part of the name read so far. A wildcard
 * may also match nothing, so its position is reached from the one before it. */
static void pass_wildcards(struct str pattern, bool *at)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (at[i] && (pattern.p[i] == '*' || pattern.p[i] == '%'))
			at[i + 1] = true;
}

static bool wild(char want, char byte)
{
	return want == '*' || (want == '%' && byte != '/');
}

static bool same(char want, char byte, bool any_case)
{
	return want == byte || (any_case && ascii_lower(want) == ascii_lower(byte));
}

bool imap_list_match(struct str pattern, struct str name)
{
	bool at[IMAP_PATTERN_MAX + 1] = { true };
	bool inbox = str_startsi(name, STR("INBOX")) && (name.n == 5 || name.p[5] == '/');

	if (pattern.n > IMAP_PATTERN_MAX)
		return false;
	pass_wildcards(pattern, at);
	for (size_t k = 0; k < name.n; k++) {
		bool any = false;

		/* Downwards, so that at[i - 1] is still from the previous byte. */
		for (size_t i = pattern.n + 1; i-- > 0;) {
			bool stays = i < pattern.n && at[i] && wild(pattern.p[i], name.p[k]);
			bool comes = i > 0 && at[i - 1] &&
			             same(pattern.p[i - 1], name.p[k], inbox && k < 5);

			at[i] = stays || comes;
			any = any || at[i];
		}
		if (!any)
			return false;
		pass_wildcards(pattern, at);
	}
	return at[pattern.n];
}
