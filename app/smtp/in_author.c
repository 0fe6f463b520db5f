/* smtp/in_author.c: see in_author.h. */
#include "smtp/in_author.h"

#include "base/arena.h"
#include "config/limits.h"
#include "directory/may_send.h"
#include "message/address.h"
#include "message/header.h"
#include "store/store.h"

struct author_check {
	const struct smtp_in_config *config;
	uint32_t account;
	struct address_list from;
};

static enum err address_check(struct txn *t, const struct author_check *check,
                              const struct address *author)
{
	struct mailaddr addr = { author->local, str_lower(txn_arena(t), author->domain) };
	bool local = false;
	enum err e;

	if (author->kind != ADDRESS_MAILBOX || author->domain.n == 0)
		return OK;
	if ((e = directory_is_local(t, addr.domain, &local)))
		return e;
	if (!local)
		return OK;
	return directory_may_send(t, check->account, addr, &check->config->resolve, NULL);
}

static enum err authors_check(struct txn *t, void *arg)
{
	const struct author_check *check = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < check->from.n; i++)
		e = address_check(t, check, &check->from.items[i]);
	return e;
}

enum err in_author_check(const struct smtp_in_config *config, uint32_t account, struct str header)
{
	struct author_check check = { .config = config, .account = account };
	struct cur c = cur_of(header);
	struct header_field field;
	struct arena a = { 0 };
	enum err e = OK;

	/* A second From field must not hide behind the first. */
	while (e == OK && header_next(&c, &field)) {
		if (!str_eqi(field.name, STR("From")))
			continue;
		address_list_parse(&a, field.value, LIMIT_mime_address_list, &check.from);
		e = store_read(config->store, authors_check, &check);
	}
	arena_deinit(&a);
	return e;
}
