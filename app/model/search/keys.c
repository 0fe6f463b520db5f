/* model/search/keys.c: see keys.h. */
#include "model/search/keys.h"

#include "formats/message/encword.h"
#include "formats/message/envelope.h"
#include "formats/message/subject.h"
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/text/fold.h"
#include "model/mailbox/email.h"

/* Converts text to the form for comparison; before and the result have at most SEARCH_VALUE_MAX
 * bytes. */
static struct str casemap(struct arena *a, struct str before, struct str text)
{
	struct buf out;
	struct str s;

	buf_init(&out, SEARCH_VALUE_MAX);
	buf_put(&out, before);
	fold_casemap_put(&out, text);
	s = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	return s;
}

/* RFC 5256 3, FROM: the mailbox of the first address. For a group that is its name, as in the
 * address structure of an ENVELOPE. */
static struct str mailbox_key(struct arena *a, const struct address_list *list)
{
	const struct address *first = list->items;

	if (list->n == 0)
		return STR_EMPTY;
	return casemap(a, STR_EMPTY,
	               first->kind == ADDRESS_GROUP_BEGIN ? first->name : first->local);
}

/* RFC 5957 3: the first address as it is shown: its name, else mailbox "@" host. */
static struct str display_key(struct arena *a, const struct address_list *list)
{
	const struct address *first = list->items;
	struct str name;

	if (list->n == 0)
		return STR_EMPTY;
	name = encword_text(a, first->name, SEARCH_VALUE_MAX);
	if (name.n == 0)
		name = str_fmt(a, "%.*s@%.*s", STR_ARG(first->local), STR_ARG(first->domain));
	return casemap(a, STR_EMPTY, name);
}

/* FNV-1a, mixed. A sender who forges a collision only joins two threads of the recipient. Quotes
 * are ignored (RFC 5256 3: "<"a"@b>" is "<a@b>"). */
static uint64_t id_hash(struct str id)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] != '"' && id.p[i] != '\\')
			h = (h ^ (unsigned char)id.p[i]) * 0x100000001b3;
	h ^= h >> 32;
	return h ? h : 1;
}

/* The next "<...>" without its brackets: RFC 5256 3, step 1 of REFERENCES. */
static bool id_next(struct cur *c, struct str *id)
{
	struct str skipped;

	do {
		if (!cur_until(c, '<', &skipped) || !cur_byte(c, '<') || !cur_until(c, '>', id))
			return false;
		cur_skip(c, 1);
	} while (id->n == 0);
	return true;
}

static void references_put(struct buf *out, struct str references, struct str in_reply_to)
{
	struct cur c = cur_of(references);
	struct str id;
	size_t n = 0;

	while (id_next(&c, &id)) {
		if (n++ == SEARCH_REFERENCES) { /* the last one is the parent */
			buf_cut(out, out->n - 8);
			n--;
		}
		pack_be64(out, id_hash(id));
	}
	if (n)
		return;
	c = cur_of(in_reply_to); /* only the first one of it counts */
	if (id_next(&c, &id))
		pack_be64(out, id_hash(id));
}

static struct str thread_key(struct arena *a, const struct envelope *e, struct str references)
{
	struct cur c = cur_of(e->message_id);
	struct str id, s;
	struct buf out;

	buf_init(&out, SEARCH_VALUE_MAX);
	pack_be64(&out, id_next(&c, &id) ? id_hash(id) : 0);
	references_put(&out, references, e->in_reply_to);
	s = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	return s;
}

bool search_keys_of(struct arena *a, const struct email *email, struct str references,
                    struct search_keys *out)
{
	struct envelope e;
	struct str subject;
	struct buf sent;
	bool reply;

	if (!envelope_unpack(a, email->envelope, &e))
		return false;
	subject = subject_base(a, e.subject, SEARCH_VALUE_MAX, &reply);
	buf_init(&sent, 8);
	pack_be64(&sent, (uint64_t)email->sent_ms);
	*out = (struct search_keys){ {
		[COLUMN_SENT] = str_dup(a, buf_str(&sent)),
		[COLUMN_SUBJECT] = casemap(a, reply ? STR("1") : STR("0"), subject),
		[COLUMN_FROM] = mailbox_key(a, &e.from),
		[COLUMN_TO] = mailbox_key(a, &e.to),
		[COLUMN_CC] = mailbox_key(a, &e.cc),
		[COLUMN_DISPLAY_FROM] = display_key(a, &e.from),
		[COLUMN_DISPLAY_TO] = display_key(a, &e.to),
		[COLUMN_THREAD] = thread_key(a, &e, references),
	} };
	buf_deinit(&sent);
	return true;
}
