/* flow/reports_out/from.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "foundation/base/arena.h"
#include "model/directory/directory.h"
#include "model/directory/dkim_key.h"
#include "model/store/store.h"

struct finding {
	struct str hostname, domain;
	struct arena *a;
	struct arena keys; /* secret */
};

static enum err has_keys(struct txn *t, struct finding *f, struct str domain, bool *has)
{
	struct dkim_key_list keys = { .count = 0 };
	enum err e = dkim_keys_signing(t, domain, &f->keys, &keys);

	*has = e == OK && keys.count != 0;
	arena_reset(&f->keys);
	return e;
}

/* The host's name, and its parents. */
static enum err host_look(struct txn *t, struct finding *f, bool *has)
{
	enum err e = has_keys(t, f, f->domain, has);
	ptrdiff_t dot;

	while (e == OK && !*has && (dot = str_find_byte(f->domain, '.')) >= 0) {
		f->domain = str_sub(f->domain, (size_t)dot + 1, f->domain.n);
		e = has_keys(t, f, f->domain, has);
	}
	return e;
}

static enum err from_domain_find(struct txn *t, void *arg)
{
	struct finding *f = arg;
	struct domain_list list;
	bool has;
	enum err e;

	f->domain = str_lower(f->a, f->hostname);
	e = host_look(t, f, &has);
	if (e != OK || has)
		return e;
	e = domain_list(t, txn_arena(t), &list);
	for (size_t i = 0; e == OK && !has && i < list.count; i++) {
		f->domain = str_dup(f->a, list.items[i].name);
		e = has_keys(t, f, f->domain, &has);
	}
	if (!has)
		f->domain = f->hostname;
	return e;
}

enum err out_from_find(struct store *store, struct str hostname, struct arena *a,
                       struct mailaddr *out)
{
	struct finding f = { .hostname = hostname, .a = a };
	enum err e;

	arena_init(&f.keys, true);
	e = store_read(store, from_domain_find, &f);
	*out = (struct mailaddr){ .local = STR("postmaster"), .domain = f.domain };
	arena_deinit(&f.keys);
	return e;
}
