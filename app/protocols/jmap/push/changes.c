/* protocols/jmap/push/changes.c: see push.h. */
#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base64url.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"
#include "protocols/jmap/push/push.h"
#include "protocols/jmap/request/load.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/session/capability.h"

#include <stdatomic.h>

enum { TYPES_MAX = 64 };

struct push_account {
	struct push_account *next;
	void (*notify)(void *arg); /* of struct push_changes */
	void *notify_arg;
	uint32_t id;
	struct waker waker;
	struct watch *watch;
	bool seen;                 /* by the present check */
	uint64_t known[TYPES_MAX]; /* states by rows of the registry; 0: unknown */
};

static const struct jmap_registry *registry(const struct push_changes *p)
{
	return p->server->registry != NULL ? p->server->registry : &jmap_registry;
}

/* On a committing thread. */
static void account_changed(void *arg, uint32_t mailbox, uint64_t modseq)
{
	const struct push_account *a = arg;

	(void)mailbox, (void)modseq;
	conn_wake(a->waker);
	if (a->notify != NULL)
		a->notify(a->notify_arg);
}

void push_changes_init(struct push_changes *p, const struct jmap_server *s,
                       const struct jmap_caller *c)
{
	assert(s->registry == NULL || s->registry->type_count <= TYPES_MAX);
	*p = (struct push_changes){ .server = s, .caller = *c };
	p->caller.address = str_new(c->address);
	p->caller.request = STR_EMPTY;
}

bool push_stream_begin(const struct jmap_server *s, const struct jmap_caller *c,
                       struct http_response *r)
{
	if (jmap_load_begin(s->load, c->account, LOAD_STREAM))
		return true;
	http_say(r, 429, "too many connections of this account wait for changes");
	return false;
}

void push_stream_end(const struct push_changes *p)
{
	jmap_load_end(p->server->load, p->caller.account, LOAD_STREAM);
}

static void push_account_free(struct push_account *a)
{
	watch_remove(&a->watch);
	mem_free(a);
}

void push_changes_deinit(struct push_changes *p)
{
	while (p->accounts != NULL) {
		struct push_account *a = p->accounts;

		p->accounts = a->next;
		push_account_free(a);
	}
	str_free(&p->caller.address);
}

void push_types_all(struct push_changes *p)
{
	p->types = UINT64_MAX;
}

void push_types_add(struct push_changes *p, struct str name)
{
	const struct jmap_registry *all = registry(p);

	for (size_t i = 0; i < all->type_count && i < TYPES_MAX; i++)
		if (str_eq(name, str_of(all->types[i]->name)))
			p->types |= (uint64_t)1 << i;
}

bool push_valid(const struct push_changes *p)
{
	return p->caller.still_valid == NULL || p->caller.still_valid(&p->caller, p->caller.arg);
}

void push_changes_forget(struct push_changes *p)
{
	for (struct push_account *a = p->accounts; a != NULL; a = a->next)
		for (size_t i = 0; i < TYPES_MAX; i++)
			a->known[i] = 0;
}

/* --- accounts ------------------------------------------------------------------------------ */

static struct push_account *account_find(struct push_changes *p, uint32_t id)
{
	for (struct push_account *a = p->accounts; a != NULL; a = a->next)
		if (a->id == id)
			return a;
	return NULL;
}

static struct push_account *account_watch(struct push_changes *p, uint32_t id)
{
	struct push_account *a = account_find(p, id);

	if (a != NULL)
		return a;
	a = NEW(struct push_account);
	a->id = id;
	a->notify = p->notify;
	a->notify_arg = p->notify_arg;
	a->waker = p->waker;
	a->next = p->accounts;
	p->accounts = a;
	a->watch = watch_add(p->server->mailboxes->watches, id, account_changed, a);
	return a;
}

static void accounts_drop_unseen(struct push_changes *p)
{
	for (struct push_account **at = &p->accounts; *at != NULL;) {
		struct push_account *a = *at;

		if (a->seen) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		push_account_free(a);
	}
}

/* --- states -------------------------------------------------------------------------------- */

struct states_read {
	struct push_changes *p;
	const struct jmap_accounts *accounts;
	struct arena *arena;
	struct buf all;             /* every state, for pushState */
	uint64_t (*now)[TYPES_MAX]; /* by account; 0: not visible, or not wanted */
};

static enum err states_read(struct txn *t, void *arg)
{
	struct states_read *r = arg;
	const struct jmap_registry *all = registry(r->p);

	buf_reset(&r->all);
	for (size_t i = 0; i < r->accounts->n; i++) {
		const struct jmap_account *x = &r->accounts->items[i];
		const struct mail_txn m = { r->p->server->mailboxes, t, x->id,
			                    r->p->caller.account };

		for (size_t k = 0; k < all->type_count && k < TYPES_MAX; k++) {
			const struct jmap_type *type = all->types[k];
			enum err e;

			r->now[i][k] = 0;
			if (type->stateless || type->state == NULL ||
			    !jmap_capability_of(type->capability, &r->p->caller, x) ||
			    (r->p->caller.scopes & type->scope) != type->scope)
				continue;
			e = type->state(&m, &r->now[i][k]);
			if (e != OK && e != ERR_MISSING && e != ERR_DENIED)
				return e;
			buf_fmt(&r->all, "%" PRIu32 " %zu %" PRIu64 "\n", x->id, k, r->now[i][k]);
		}
	}
	return OK;
}

static struct str states_hash(const struct states_read *r)
{
	uint8_t hash[HASH_BYTES];

	hash_sha256(buf_str(&r->all), hash);
	return base64url_of(r->arena, str_from((const char *)hash, 12));
}

static bool is_new(const struct push_changes *p, const struct push_account *a, size_t k,
                   uint64_t now)
{
	return now != 0 && now != a->known[k] && (p->types >> k & 1) != 0;
}

/* Members of "changed" for one account. Returns true when there is one. */
static bool account_put(struct push_changes *p, struct push_account *a, const uint64_t *now,
                        struct arena *arena, struct json_writer *w)
{
	const struct jmap_registry *all = registry(p);
	bool any = false;

	for (size_t k = 0; k < all->type_count && k < TYPES_MAX; k++) {
		if (is_new(p, a, k, now[k])) {
			if (!any && w != NULL) {
				char room[JMAP_ID_ROOM];
				struct buf id;

				buf_init_in(&id, room, sizeof room);
				jmap_account_put(&id, a->id);
				json_put_name(w, buf_str(&id));
				json_open(w, NULL, '{');
			}
			any = true;
			if (w != NULL)
				json_put_str(w, all->types[k]->name,
				             jmap_state_text(arena, now[k]));
		}
		a->known[k] = now[k];
	}
	if (any && w != NULL)
		json_close(w);
	return any;
}

/* An account is watched before its states are read, so no change is missed. */
static enum err states_get(struct push_changes *p, struct arena *a, struct jmap_accounts *accounts,
                           struct states_read *r)
{
	struct why why = { "" };
	enum err e = jmap_accounts_load(p->server, &p->caller, a, accounts);

	(void)why;
	if (e != OK)
		return e;
	for (struct push_account *x = p->accounts; x != NULL; x = x->next)
		x->seen = false;
	for (size_t i = 0; i < accounts->n; i++)
		account_watch(p, accounts->items[i].id)->seen = true;
	accounts_drop_unseen(p);
	*r = (struct states_read){ .p = p, .accounts = accounts, .arena = a };
	r->now = arena_alloc(a, accounts->n * sizeof *r->now);
	buf_init(&r->all, accounts->n * TYPES_MAX * 64 + 64);
	return store_read(p->server->store, states_read, r);
}

enum err push_changes_put(struct push_changes *p, bool with_state, struct arena *a, struct buf *out,
                          bool *changed, struct str *state)
{
	struct jmap_accounts accounts;
	struct states_read r = { .p = p };
	size_t before = out != NULL ? out->n : 0;
	struct json_writer w;
	enum err e = states_get(p, a, &accounts, &r);

	*changed = false;
	if (e == OK) {
		*state = states_hash(&r);
		if (out != NULL) {
			json_writer_init(&w, out);
			json_open(&w, NULL, '{');
			json_put_str(&w, "@type", STR("StateChange"));
			json_open(&w, "changed", '{');
		}
		for (size_t i = 0; i < accounts.n; i++)
			*changed |= account_put(p, account_find(p, accounts.items[i].id), r.now[i],
			                        a, out != NULL ? &w : NULL);
		if (out != NULL) {
			json_close(&w);
			if (with_state)
				json_put_str(&w, "pushState", *state);
			json_close(&w);
			if (!*changed)
				buf_cut(out, before);
		}
	}
	if (r.all.max != 0)
		buf_deinit(&r.all);
	return e;
}

enum err push_changes_begin(struct push_changes *p, struct waker waker)
{
	struct arena a = { 0 };
	struct str state;
	bool changed;
	enum err e;

	p->waker = waker;
	e = push_changes_put(p, false, &a, NULL, &changed, &state);
	arena_deinit(&a);
	return e;
}
