/* flow/filtering/place.c: see place.h. */
#include "flow/filtering/place.h"

#include "foundation/base/cur.h"
#include "model/mailbox/keywords.h"

bool place_given(const struct action_place *place)
{
	return place->mailbox.n != 0 || place->special_use.n != 0 || place->mailbox_id.n != 0;
}

enum err place_find_id(const struct mail_txn *m, struct str id, struct mailbox *out)
{
	struct cur c = cur_of(id);
	uint32_t account, number;

	if (!cur_byte(&c, 'F') || !cur_u32(&c, &account) || !cur_byte(&c, '-') ||
	    !cur_u32(&c, &number) || !cur_done(&c) || account != m->account)
		return ERR_MISSING;
	return mailbox_get(m, number, out);
}

enum mailbox_role place_role(struct str special_use)
{
	enum mailbox_role role = ROLES - 1;

	while (role > ROLE_INBOX && !str_eqi(special_use, mailbox_role_attribute(role)))
		role--;
	return role > ROLE_INBOX ? role : ROLE_NONE;
}

/* A name that cannot be made is a mailbox that does not exist. */
static enum err place_make(const struct mail_txn *m, struct str name, struct mailbox *out)
{
	const struct mailbox_create what = { .name = name, .subscribed = true };
	uint32_t id;
	enum err e = mailbox_create(m, &what, &id);

	if (e)
		return e == ERR_SYNTAX || e == ERR_LIMIT || e == ERR_DENIED ? ERR_MISSING : e;
	return mailbox_get(m, id, out);
}

static enum err place_find_name(const struct mail_txn *m, const struct action_place *place,
                                struct mailbox *out)
{
	enum err e = place->mailbox.n == 0 ? ERR_MISSING : mailbox_find(m, place->mailbox, out);

	if (e == ERR_SYNTAX || e == ERR_LIMIT)
		return ERR_MISSING;
	return e == ERR_MISSING && place->create && place->mailbox.n != 0
	               ? place_make(m, place->mailbox, out)
	               : e;
}

enum err place_find(const struct mail_txn *m, const struct action_place *place, struct mailbox *out)
{
	enum mailbox_role role = place_role(place->special_use);
	enum err e = ERR_MISSING;

	if (place->mailbox_id.n != 0)
		e = place_find_id(m, place->mailbox_id, out);
	if (e == ERR_MISSING && role != ROLE_NONE)
		e = mailbox_find_role(m, role, out);
	return e == ERR_MISSING ? place_find_name(m, place, out) : e;
}

static bool is_flag_byte(unsigned char byte)
{
	return byte != ' ';
}

enum err place_flags(const struct mail_txn *m, struct str names, struct flags *out)
{
	struct cur c = cur_of(names);
	struct str name;

	*out = FLAGS(0);
	while (!cur_done(&c)) {
		unsigned id;
		enum err e;

		name = cur_while(&c, is_flag_byte);
		e = keyword_intern(m, name, &id);
		if (e == OK)
			*out = flags_with(*out, id);
		else if (e != ERR_SYNTAX && e != ERR_LIMIT)
			return e;
		cur_skip(&c, 1);
	}
	return OK;
}
