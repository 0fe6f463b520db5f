/* model/search/columns.c: see columns.h. */
#include "model/search/columns.h"

#include "formats/message/header.h"
#include "model/mailbox/email.h"
#include "model/store/store.h"

#include <string.h>

enum { WORTH = 32 /* reading a record costs as much as so many documents of the index */ };

enum err search_columns_init(struct search_columns *c, const struct mail_txn *m, unsigned mask,
                             size_t count)
{
	uint64_t docs = 0;
	enum err e;

	*c = (struct search_columns){ .m = m, .mask = mask };
	c->state = arena_new(txn_arena(m->t), struct search_state);
	e = search_state_get(m, c->state);
	for (uint32_t i = 0; i < c->state->count; i++)
		docs += c->state->segments[i].docs;
	c->damaged = e == ERR_CORRUPT || count * WORTH < docs;
	return e == ERR_CORRUPT ? OK : e;
}

/* Advances in the index to that email. False when it is not in the index. */
static bool advance(struct search_columns *c, uint64_t email)
{
	while (c->at < c->state->count && c->state->segments[c->at].last < email) {
		c->at++;
		c->open = false;
	}
	if (c->damaged || c->at == c->state->count || c->state->segments[c->at].first > email)
		return false;
	if (!c->open) {
		segment_docs_init(&c->docs, c->m, &c->state->segments[c->at], c->mask, 0);
		c->doc.email = 0;
		c->open = true;
	}
	while (c->doc.email < email && segment_docs_next(&c->docs, &c->doc))
		;
	c->damaged = segment_docs_end(&c->docs) != OK;
	return !c->damaged && c->doc.email == email;
}

static enum err references_get(const struct mail_txn *m, const struct email *email, struct arena *a,
                               struct str *out)
{
	struct header_field field;
	struct buf raw;
	enum err e;

	buf_init(&raw, (size_t)email->header_bytes + 1);
	e = blob_get(m->t, &email->blob, 0, email->header_bytes, &raw);
	if (!e && header_find(buf_str(&raw), STR("references"), &field))
		*out = str_dup(a, field.value);
	buf_deinit(&raw);
	return e;
}

static enum err columns_record_read(const struct search_columns *c, struct arena *a, uint64_t id,
                            struct search_keys *out)
{
	struct email email;
	struct str references = STR_EMPTY;
	enum err e = email_get(c->m, id, &email);

	if (!e)
		e = email_describe(c->m, a, &email);
	if (!e && c->mask & BIT(COLUMN_THREAD))
		e = references_get(c->m, &email, a, &references);
	if (e)
		return e;
	return search_keys_of(a, &email, references, out) ? OK : ERR_CORRUPT;
}

enum err search_columns_get(struct search_columns *c, struct arena *a, uint64_t email,
                            struct search_keys *out)
{
	if (!advance(c, email))
		return columns_record_read(c, a, email, out);
	memcpy(out->values, c->doc.values, sizeof(out->values));
	return OK;
}
