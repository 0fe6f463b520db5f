/* formats/imap_wire/metadata.c: see metadata.h. */
#include "formats/imap_wire/metadata.h"
#include "formats/imap_wire/put.h"
#include "foundation/base/arena.h"

static bool entry_push(struct arena *a, const struct imap_metadata_entry *entry,
                       struct imap_metadata *out)
{
	if (out->n == IMAP_METADATA_ENTRIES)
		return false;
	*(struct imap_metadata_entry *)imap_push(a, &out->entries, &out->n, sizeof(*entry)) =
		*entry;
	return true;
}

static bool entry(struct cur *c, struct arena *a, struct imap_metadata *out)
{
	struct imap_metadata_entry x = { .nil = true };

	return imap_astring_parse(c, a, &x.name) && entry_push(a, &x, out);
}

bool imap_metadata_entries_parse(struct cur *c, struct arena *a, struct imap_metadata *out)
{
	if (!cur_byte(c, '('))
		return entry(c, a, out);
	do {
		if (!entry(c, a, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

/* scope-opt = "DEPTH" SP ("0" / "1" / "infinity") */
static bool depth(struct cur *c, struct imap_metadata *out)
{
	if (imap_word(c, STR("0")))
		out->depth = DEPTH_0;
	else if (imap_word(c, STR("1")))
		out->depth = DEPTH_1;
	else if (imap_word(c, STR("infinity")))
		out->depth = DEPTH_ALL;
	else
		return false;
	return true;
}

/* getmetadata-options = "(" option *(SP option) ")", and the space after it. c is unmoved on false:
 * then it is the list of entries. */
static bool options(struct cur *c, struct imap_metadata *out)
{
	struct imap_metadata with = *out;
	struct cur at = *c;

	if (!cur_byte(&at, '('))
		return false;
	do {
		if (imap_word(&at, STR("MAXSIZE"))) {
			with.has_maxsize = true;
			if (!imap_space(&at) || !cur_u64(&at, &with.maxsize))
				return false;
		} else if (!imap_word(&at, STR("DEPTH")) || !imap_space(&at) ||
		           !depth(&at, &with)) {
			return false;
		}
	} while (imap_space(&at));
	if (!cur_byte(&at, ')') || !imap_space(&at))
		return false;
	*out = with;
	*c = at;
	return true;
}

bool imap_getmetadata_parse(struct cur *c, struct arena *a, bool utf8, struct imap_metadata *out)
{
	*out = (struct imap_metadata){ .mailbox = STR_EMPTY };
	(void)options(c, out);
	if (!imap_mailbox_parse(c, a, utf8, &out->mailbox) || !imap_space(c))
		return false;
	(void)options(c, out);
	return imap_metadata_entries_parse(c, a, out);
}

/* literal8 = "~{" number64 ["+"] "}" CRLF *OCTET */
static bool literal8(struct cur *c, struct str *out)
{
	uint64_t n;

	if (!cur_str(c, STR("~{")) || !cur_u64(c, &n))
		return false;
	cur_byte(c, '+');
	return cur_byte(c, '}') && cur_crlf(c) && n <= cur_left(c) && cur_take(c, (size_t)n, out);
}

static bool entry_value(struct cur *c, struct arena *a, struct imap_metadata *out)
{
	struct imap_metadata_entry x = { .nil = false };

	if (!imap_astring_parse(c, a, &x.name) || !imap_space(c))
		return false;
	if (cur_peek(c) == '~' ? !literal8(c, &x.value)
	                       : !imap_nstring_parse(c, a, &x.value, &x.nil))
		return false;
	return entry_push(a, &x, out);
}

bool imap_setmetadata_parse(struct cur *c, struct arena *a, bool utf8, struct imap_metadata *out)
{
	*out = (struct imap_metadata){ .mailbox = STR_EMPTY };
	if (!imap_mailbox_parse(c, a, utf8, &out->mailbox) || !imap_space(c) || !cur_byte(c, '('))
		return false;
	do {
		if (!entry_value(c, a, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

void imap_metadata_value_put(struct buf *out, struct str value)
{
	if (str_find_byte(value, '\0') < 0) {
		imap_put_string(out, value);
		return;
	}
	buf_fmt(out, "~{%zu}\r\n", value.n);
	buf_put(out, value);
}
