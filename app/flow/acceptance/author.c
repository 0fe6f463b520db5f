/* flow/acceptance/author.c: see author.h. */
#include "flow/acceptance/author.h"

#include "formats/message/authors.h"
#include "formats/message/header.h"
#include "foundation/config/limits.h"
#include "model/directory/may_send.h"
#include "model/store/store.h"

/* Author, sender and resender (RFC 5322 3.6.2, 3.6.6). A message may have several blocks of
 * Resent- fields. */
struct named {
	struct str field;
	bool once, alone; /* one field, with one mailbox */
	struct smtp_answer unreadable, anothers, foreign, again;
};

#define NAMED(name, once, alone)                                                            \
	{                                                                                   \
		STR(name), once, alone,                                                     \
			{ 554, "5.6.0",                                                     \
			  "the " name " field has invalid syntax or is a group" },  \
			{ 550, "5.7.1", "the " name " field is an address of another user" }, \
			{ 550, "5.7.1",                                                     \
			  "the " name " field is an address of a remote domain" }, \
			{ 554, "5.6.0", "more than one " name " field" },                   \
	}

static const struct named named[] = {
	NAMED("From", true, false),
	NAMED("Sender", true, true),
	NAMED("Resent-From", false, false),
	NAMED("Resent-Sender", false, true),
};

static const struct smtp_answer many = { 550, "5.7.1", "too many authors" };

struct author_check {
	const struct accept_check *look;
	struct str header;
	size_t fields[COUNT(named)]; /* how many there have been */
	size_t authors;
	const struct smtp_answer *answer;
};

static enum err refuse(struct author_check *check, const struct smtp_answer *answer)
{
	check->answer = answer;
	return ERR_DENIED;
}

static enum err author_check(struct txn *t, struct author_check *check, struct mailaddr author,
                             const struct named *n)
{
	struct resolve_config config = resolve_config(check->look->settings);
	bool local = false;
	enum err e = directory_is_local(t, author.domain, &local);

	if (e == OK && !local && !check->look->settings->foreign_authors)
		return refuse(check, &n->foreign);
	if (e == OK && local)
		e = directory_may_send(t, check->look->account, author, &config, NULL);
	return e == ERR_DENIED ? refuse(check, &n->anothers) : e;
}

static enum err field_check(struct txn *t, struct author_check *check, struct str value,
                            const struct named *n)
{
	size_t most = LIMIT_smtp_authors - check->authors;
	struct authors list;
	enum err e = authors_parse(txn_arena(t), value, most, &list);

	if (e == ERR_LIMIT)
		return refuse(check, &many);
	if (e != OK || (n->alone && list.n != 1))
		return refuse(check, &n->unreadable);
	check->authors += list.n;
	for (size_t i = 0; e == OK && i < list.n; i++)
		e = author_check(t, check, list.items[i], n);
	return e;
}

/* A line without a name that begins as one of ours: somebody may read it as that. */
static bool is_field(const struct header_field *field, struct str name)
{
	return field->name.n != 0 ? str_eqi(field->name, name) : str_startsi(field->raw, name);
}

static enum err line_check(struct txn *t, struct author_check *check,
                           const struct header_field *field)
{
	for (size_t i = 0; i < COUNT(named); i++) {
		const struct named *n = &named[i];

		if (!is_field(field, n->field))
			continue;
		if (field->name.n == 0)
			return refuse(check, &n->unreadable);
		if (check->fields[i]++ != 0 && n->once)
			return refuse(check, &n->again);
		return field_check(t, check, field->value, n);
	}
	return OK;
}

static enum err header_check(struct txn *t, void *arg)
{
	struct author_check *check = arg;
	struct cur c = cur_of(check->header);
	struct header_field field;
	enum err e = OK;

	while (e == OK && header_next(&c, &field))
		e = line_check(t, check, &field);
	return e;
}

enum err accept_author_check(const struct accept_check *look, struct str header,
                         const struct smtp_answer **answer)
{
	struct author_check check = { .look = look, .header = header };
	enum err e = store_read(look->store, header_check, &check);

	*answer = check.answer;
	return e;
}
