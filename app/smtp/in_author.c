/* smtp/in_author.c: see in_author.h. */
#include "smtp/in_author.h"

#include "config/limits.h"
#include "directory/may_send.h"
#include "message/address.h"
#include "message/header.h"
#include "store/store.h"

struct author_check {
	const struct resolve_config *resolve;
	uint32_t account;
	struct str header;
};

static enum err address_check(struct txn *t, const struct author_check *check,
                              const struct address *author)
{
	struct mailaddr addr = { author->local,
		                 mailaddr_domain_normal(txn_arena(t), author->domain) };
	bool local = false;
	enum err e;

	if (author->kind != ADDRESS_MAILBOX || author->domain.n == 0)
		return OK;
	if ((e = directory_is_local(t, addr.domain, &local)))
		return e;
	if (!local)
		return OK;
	return directory_may_send(t, check->account, addr, check->resolve, NULL);
}

static enum err field_check(struct txn *t, const struct author_check *check, struct str value)
{
	struct address_list from;
	enum err e = OK;

	address_list_parse(txn_arena(t), value, LIMIT_mime_address_list, &from);
	for (size_t i = 0; e == OK && i < from.n; i++)
		e = address_check(t, check, &from.items[i]);
	return e;
}

/* A second From field must not hide behind the first. RFC 5322 3.6 has one; who sends more than
 * some has something to hide. */
static enum err header_check(struct txn *t, void *arg)
{
	const struct author_check *check = arg;
	struct cur c = cur_of(check->header);
	struct header_field field;
	enum err e = OK;
	size_t seen = 0;

	while (e == OK && header_next(&c, &field)) {
		if (!str_eqi(field.name, STR("From")))
			continue;
		e = ++seen > LIMIT_smtp_from_fields ? ERR_DENIED
		                                    : field_check(t, check, field.value);
	}
	return e;
}

enum err in_author_check(struct store *store, const struct resolve_config *resolve,
                         uint32_t account, struct str header)
{
	struct author_check check = { .resolve = resolve, .account = account, .header = header };

	return store_read(store, header_check, &check);
}
