/* protocols/jmap/types/email_place.c: see email_place.h. */
#include "protocols/jmap/types/email_place.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/types/keyword.h"

#include <string.h>

/* --- Keywords --- */

static enum err keyword_take(struct jmap_set *s, struct str name, struct flags *flags)
{
	unsigned flag;
	enum err e;

	if (!jmap_keyword_valid(name))
		return jmap_set_refuse(s, "invalidProperties", "keywords",
		                       "\"%.*s\" is not the name of a keyword", STR_ARG(name));
	e = jmap_keyword_intern(&s->m, name, &flag);
	if (e == ERR_LIMIT)
		return jmap_set_refuse(s, "tooManyKeywords", NULL,
		                       "the account has as many keywords as it may have, or the "
		                       "name is longer than %d bytes",
		                       KEYWORD_MAX);
	if (!e)
		*flags = flags_with(*flags, flag);
	return e;
}

static enum err keywords_take(struct jmap_set *s, struct json map, struct flags *flags)
{
	struct json_iter it = json_iter(map);
	enum err e = OK;

	while (e == OK && json_next(&it))
		e = keyword_take(s, it.name, flags);
	return e;
}

/* --- Mailboxes --- */

static enum err mailbox_number(struct jmap_set *s, struct str id, uint32_t *number)
{
	uint64_t n;

	id = jmap_id_resolve(s->call, id);
	if (!jmap_id_parse(id, ID_MAILBOX, s->m.account, &n) || n > UINT32_MAX)
		return jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                       "there is no mailbox \"%.*s\"", STR_ARG(id));
	*number = (uint32_t)n;
	return OK;
}

static bool number_in(const uint32_t *list, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == number)
			return true;
	return false;
}

/* Each once, since "#a" and "F1-7" may be the same. */
static enum err mailboxes_take(struct jmap_set *s, struct json map, uint32_t **out, size_t *n)
{
	struct json_iter it = json_iter(map);
	enum err e = OK;

	*n = 0;
	if (json_count(map) > LIMIT_placements)
		return jmap_set_refuse(s, "tooManyMailboxes", NULL,
		                       "an email can be in %d mailboxes", LIMIT_placements);
	*out = arena_array(s->arena, uint32_t, json_count(map));
	while (e == OK && json_next(&it)) {
		uint32_t number;

		if ((e = mailbox_number(s, it.name, &number)) == OK &&
		    !number_in(*out, *n, number))
			(*out)[(*n)++] = number;
	}
	return e;
}

static enum err mailbox_check(struct jmap_set *s, uint32_t mailbox)
{
	enum err e = rights_need(&s->m, mailbox, RIGHT_INSERT);

	if (e == ERR_MISSING)
		return jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                       "there is no such mailbox");
	if (e == ERR_DENIED)
		return jmap_set_refuse(s, "forbidden", NULL,
		                       "you may not put emails into this mailbox");
	return e;
}

/* --- New emails --- */

enum err email_place_take(struct jmap_set *s, struct json object, int64_t received_ms,
                          struct email_place *out)
{
	enum err e;

	*out = (struct email_place){ .internal_ms = received_ms };
	json_time(json_get(object, "receivedAt"), &out->internal_ms);
	if ((e = mailboxes_take(s, json_get(object, "mailboxIds"), &out->mailboxes,
	                        &out->mailbox_count)))
		return e;
	if (out->mailbox_count == 0)
		return jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                       "an email is in one mailbox at least");
	for (size_t i = 0; e == OK && i < out->mailbox_count; i++)
		e = mailbox_check(s, out->mailboxes[i]);
	return e ? e : keywords_take(s, json_get(object, "keywords"), &out->flags);
}

enum err email_place_keywords(struct jmap_set *s, const struct str *names, size_t n,
                              struct email_place *out)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < n; i++)
		e = keyword_take(s, names[i], &out->flags);
	return e;
}

enum err email_place_put(struct jmap_set *s, const struct email_place *place,
                         const struct email_new *email, struct str *id)
{
	const struct email_create what = { .mailboxes = place->mailboxes,
		                           .mailbox_count = place->mailbox_count,
		                           .email = email,
		                           .flags = place->flags,
		                           .internal_ms = place->internal_ms };
	struct email_created created;
	uint32_t account = s->m.account;
	enum err e = email_create(&s->m, &what, &created);

	if (e == ERR_LIMIT)
		return jmap_set_refuse(s, "overQuota", NULL, "the quota of the account is used up");
	if (e)
		return e;
	*id = jmap_id_text(s->arena, ID_EMAIL, account, created.email);
	json_put_str(s->out, "blobId", jmap_blob_of_email(s->arena, account, created.email));
	json_put_str(s->out, "threadId",
	             jmap_id_text(s->arena, ID_THREAD, account, created.thread));
	json_put_u64(s->out, "size", email_new_get(email)->size_bytes);
	return OK;
}

/* --- Changes --- */

struct edit_lists {
	uint32_t *add, *remove;
	size_t room;
};

static enum err mailbox_change(struct jmap_set *s, const struct jmap_change *change,
                               struct edit_lists *lists, struct email_edit *out)
{
	uint32_t number;
	enum err e;

	if (!change->keyed) {
		uint32_t *all;

		out->replace = true;
		e = mailboxes_take(s, change->value, &all, &out->add_count);
		out->add = all;
		return e;
	}
	if ((e = mailbox_number(s, change->key, &number)))
		return e;
	if (json_kind(change->value) == JSON_NULL)
		lists->remove[out->remove_count++] = number;
	else
		lists->add[out->add_count++] = number;
	return OK;
}

static enum err keyword_change(struct jmap_set *s, const struct jmap_change *change,
                               struct email_edit *out)
{
	if (!change->keyed) {
		out->replace_flags = true;
		return keywords_take(s, change->value, &out->add_flags);
	}
	return keyword_take(s, change->key,
	                    json_kind(change->value) == JSON_NULL ? &out->remove_flags
	                                                          : &out->add_flags);
}

enum err email_edit_take(struct jmap_set *s, const struct jmap_patch *patch, struct email_edit *out)
{
	struct edit_lists lists = { .add = arena_array(s->arena, uint32_t, patch->n),
		                    .remove = arena_array(s->arena, uint32_t, patch->n) };
	enum err e = OK;

	out->add = lists.add;
	out->remove = lists.remove;
	for (size_t i = 0; e == OK && i < patch->n; i++) {
		const struct jmap_change *change = &patch->changes[i];

		if (strcmp(change->property->name, "mailboxIds") == 0)
			e = mailbox_change(s, change, &lists, out);
		else
			e = keyword_change(s, change, out);
	}
	return e;
}

enum err email_edit_refuse(struct jmap_set *s, const struct email_edit *edit)
{
	switch (edit->error) {
	case ERR_MISSING:
		return edit->add_count != 0 ? jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                                              "there is no such mailbox")
		                            : jmap_set_refuse(s, "notFound", NULL,
		                                              "there is no such email");
	case ERR_DENIED:
		return jmap_set_refuse(s, "forbidden", NULL,
		                       "you lack a right in one of its mailboxes");
	case ERR_SYNTAX:
		return jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                       "an email is in one mailbox at least");
	case ERR_LIMIT:
		return jmap_set_refuse(s, "overQuota", NULL, "the quota of the account is used up");
	default:
		return edit->error;
	}
}
