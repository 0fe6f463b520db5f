/* formats/imap_wire/command.c: see command.h. */
#include "formats/imap_wire/command.h"
#include "formats/imap_wire/sync.h"

bool imap_command_parse(struct cur *c, struct imap_command *out)
{
	*out = (struct imap_command){ .tag = STR_EMPTY, .name = STR_EMPTY };
	if (!imap_tag_parse(c, &out->tag))
		return false;
	if (!cur_done(c) && cur_peek(c) != ' ')
		out->tag = STR_EMPTY; /* not a tag, but something that begins like one */
	if (!imap_space(c) || !imap_atom_parse(c, &out->name))
		return false;
	if (str_eqi(out->name, STR("UID"))) {
		out->uid = true;
		if (!imap_space(c) || !imap_atom_parse(c, &out->name))
			return false;
	}
	out->args = *c;
	return true;
}

static const struct {
	struct str name;
	unsigned bit;
} status_names[] = {
	{ { "MESSAGES", 8 }, STATUS_MESSAGES },
	{ { "RECENT", 6 }, STATUS_RECENT },
	{ { "UIDNEXT", 7 }, STATUS_UIDNEXT },
	{ { "UIDVALIDITY", 11 }, STATUS_UIDVALIDITY },
	{ { "UNSEEN", 6 }, STATUS_UNSEEN },
	{ { "DELETED", 7 }, STATUS_DELETED },
	{ { "DELETED-STORAGE", 15 }, STATUS_DELETED_STORAGE },
	{ { "SIZE", 4 }, STATUS_SIZE },
	{ { "HIGHESTMODSEQ", 13 }, STATUS_HIGHESTMODSEQ },
	{ { "APPENDLIMIT", 11 }, STATUS_APPENDLIMIT },
	{ { "MAILBOXID", 9 }, STATUS_MAILBOXID },
};

static bool status_att(struct cur *c, unsigned *out)
{
	for (size_t i = 0; i < COUNT(status_names); i++)
		if (imap_word(c, status_names[i].name)) {
			*out |= status_names[i].bit;
			return true;
		}
	return false;
}

bool imap_status_list_parse(struct cur *c, unsigned *out)
{
	*out = 0;
	if (!cur_byte(c, '('))
		return false;
	do {
		if (!status_att(c, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

struct str imap_status_name(unsigned bit)
{
	for (size_t i = 0; i < COUNT(status_names); i++)
		if (status_names[i].bit == bit)
			return status_names[i].name;
	return STR_EMPTY;
}

/* id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil */
bool imap_id_parse(struct cur *c, struct arena *a, struct str *client)
{
	struct str name = STR_EMPTY, version = STR_EMPTY, field, value;
	bool nil;

	*client = STR_EMPTY;
	if (imap_word(c, STR("NIL")))
		return true;
	if (!cur_byte(c, '('))
		return false;
	if (cur_byte(c, ')'))
		return true;
	do {
		if (!imap_string_parse(c, a, &field) || !imap_space(c) ||
		    !imap_nstring_parse(c, a, &value, &nil))
			return false;
		if (str_eqi(field, STR("name")))
			name = nil ? STR_EMPTY : value;
		else if (str_eqi(field, STR("version")))
			version = nil ? STR_EMPTY : value;
	} while (imap_space(c));
	*client = str_trim(str_fmt(a, "%.*s %.*s", STR_ARG(name), STR_ARG(version)));
	return cur_byte(c, ')');
}

/* store-att-flags = (flag-list / (flag *(SP flag))) */
static bool store_flags(struct cur *c, struct arena *a, struct imap_strs *out)
{
	struct str flag;

	if (cur_peek(c) == '(')
		return imap_flag_list_parse(c, a, out);
	*out = (struct imap_strs){ 0 };
	do {
		if (!imap_flag_parse(c, &flag))
			return false;
		*(struct str *)imap_push(a, &out->items, &out->n, sizeof(flag)) = flag;
	} while (imap_space(c));
	return true;
}

/* store-modifiers: "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")" (RFC 4466 2.5) */
static bool store_modifiers(struct cur *c, struct imap_store *out)
{
	if (!cur_byte(c, '('))
		return true;
	out->conditional = true;
	return imap_word(c, STR("UNCHANGEDSINCE")) && imap_space(c) &&
	       imap_modseq_parse(c, &out->unchanged_since) && cur_byte(c, ')') && imap_space(c);
}

bool imap_store_parse(struct cur *c, struct arena *a, struct imap_store *out)
{
	*out = (struct imap_store){ .mode = STORE_REPLACE };
	if (!imap_set_parse(c, a, &out->set) || !imap_space(c) || !store_modifiers(c, out))
		return false;
	if (cur_byte(c, '+'))
		out->mode = STORE_ADD;
	else if (cur_byte(c, '-'))
		out->mode = STORE_REMOVE;
	if (imap_word(c, STR("FLAGS.SILENT")))
		out->silent = true;
	else if (!imap_word(c, STR("FLAGS")))
		return false;
	return imap_space(c) && store_flags(c, a, &out->flags);
}
