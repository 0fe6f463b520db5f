/* model/store/store.c: opening, closing and reading a store; see store.h. */
#include "model/store/store.h"

#include "foundation/base/mem.h"
#include "model/store/blob.h"
#include "model/store/blob_dictionary.h"
#include "model/store/folder.h"
#include "model/store/migrate.h"
#include "model/store/store_body.h"
#include "model/store/txn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READERS_DEFAULT = 2048 };

/* A file under another name (a backup, a copy of a restore) is used by no other process, so it has
 * no journal. */
static const struct kv_ops *ops_of(const struct store_config *c)
{
	if (c->backend == STORE_MEMORY)
		return &kv_mem_ops;
	return c->role == STORE_VIEW || c->file != NULL ? &kv_lmdb_ops : &kv_journal_ops;
}

/* Address space, not memory: the map only has to be larger than the file will ever be. */
static size_t map_default(void)
{
	return sizeof(void *) >= 8 ? (size_t)UINT64_C(1) << 40 : KIB(1 << 20);
}

/* --- Format ----------------------------------------------------------------------------- */

struct format_check {
	struct format format;
	struct why *why;
};

static enum err format_look(struct txn *t, void *arg)
{
	struct format_check *f = arg;

	return format_get(t, &f->format, f->why);
}

static enum err format_update(struct txn *t, void *arg)
{
	(void)arg;
	return format_migrate(t, store_migrations, STORE_FORMAT, txn_why(t));
}

/* Only the server changes the format of a store that is in use. */
static enum err format_check(struct store *s, bool create, struct why *why)
{
	struct format_check f = { .why = why };
	enum err e;

	fail(why, ERR_IO, "cannot read the store"); /* replaced by a more exact reason */
	e = store_read(s, format_look, &f);
	if (e == OK)
		e = format_known(&f.format, STORE_FORMAT, why);
	if (e != OK || f.format.version == STORE_FORMAT)
		return e;
	if (f.format.version == 0 && !create)
		return fail(why, ERR_CORRUPT, "the file is not a store of Roost");
	if (f.format.version != 0 && s->role != STORE_SERVER)
		return fail(why, ERR_CONFLICT,
		            "the store has format %u, not %u: start the server once to migrate it",
		            f.format.version, STORE_FORMAT);
	return store_write(s, format_update, NULL, why);
}

/* Refuses a tree of a newer format before anything in the folder changes: replaying the journal of
 * a newer Roost would already write. Other failures are reported by the actual opening. */
static enum err format_peek(const struct store *s, const struct kv_config *config, struct why *why)
{
	struct store look = { .ops = &kv_lmdb_ops, .role = STORE_VIEW, .folder_fd = -1 };
	struct kv_config view = *config;
	struct format_check f = { .why = NULL };
	enum err e;

	if (s->role == STORE_VIEW || s->ops == &kv_mem_ops)
		return OK;
	view.view = true;
	e = look.ops->open(&look.env, &view, NULL);
	if (e == OK)
		e = store_read(&look, format_look, &f);
	if (look.env != NULL)
		look.ops->close(&look.env);
	return e == OK ? format_known(&f.format, STORE_FORMAT, why) : OK;
}

/* --- Opening ---------------------------------------------------------------------------- */

static enum err file_check(struct store *s, const char *file, bool create, struct why *why)
{
	struct stat st;

	if (fstatat(s->folder_fd, file, &st, 0) == 0) {
		if (st.st_size == 0 && !create)
			return fail(why, ERR_CORRUPT, "%s is empty", file);
		return OK;
	}
	if (errno == ENOENT && create)
		return OK;
	if (errno == ENOENT)
		return fail(why, ERR_MISSING, "there is no store in the data folder (%s)", file);
	return fail_errno(why, "cannot look at %s", file);
}

static enum err env_open(struct store *s, const struct store_config *c, bool create,
                         struct why *why)
{
	struct arena a = { 0 };
	const char *file = c->file != NULL ? c->file : "roost.mdb";
	struct kv_config config = {
		.view = c->role == STORE_VIEW,
		.map_bytes = c->map_bytes != 0 ? c->map_bytes : map_default(),
		.readers_max = c->readers_max != 0 ? c->readers_max : READERS_DEFAULT,
		.guest = c->role == STORE_TOOL,
		.burst = c->burst,
	};
	enum err e = OK;

	if (s->folder_fd >= 0) {
		config.path = str_z(&a, str_fmt(&a, "%s/%s", c->folder, file));
		config.journal = str_z(&a, str_fmt(&a, "%s/roost.journal", c->folder));
		if (c->backend != STORE_MEMORY)
			e = file_check(s, file, create, why);
	}
	if (e == OK)
		e = format_peek(s, &config, why);
	if (e == OK)
		e = s->ops->open(&s->env, &config, why);
	arena_deinit(&a);
	return e;
}

static bool may_create(const struct store_config *c)
{
	return c->role == STORE_SERVER ? !c->existing : c->role == STORE_TOOL && c->create;
}

static enum err store_start(struct store *s, const struct store_config *c, struct why *why)
{
	bool create = may_create(c);
	enum err e = OK;

	assert(c->folder != NULL || c->backend == STORE_MEMORY);
	if (c->folder != NULL)
		e = folder_open(c->folder, create, &s->folder_fd, why);
	if (e == OK && c->role == STORE_SERVER && s->folder_fd >= 0 && !c->locked) {
		e = folder_lock(s->folder_fd, c->folder, why);
		if (e == OK)
			folder_sweep(s->folder_fd);
	}
	if (e == OK)
		e = env_open(s, c, create, why);
	if (e != OK)
		return e;
	/* The files' names must be as durable as the commits to them; the process that made a file
	 * may have crashed before this sync. */
	if (c->role != STORE_VIEW && s->folder_fd >= 0)
		e = folder_sync(s->folder_fd, why);
	if (e != OK)
		return e;
	reserve_init(&s->commit.reserve, s->ops->fd(s->env), c->reserve_bytes,
	             s->ops->most_bytes(s->env));
	e = format_check(s, create, why);
	if (e == OK && (e = dictionary_open(s)) != OK)
		fail(why, e, "cannot read the newest dictionary");
	if (e == OK && c->role == STORE_SERVER)
		e = blob_collect(s, why);
	return e;
}

enum err store_open(struct store **out, const struct store_config *config, struct why *why)
{
	struct store *s = NEW(struct store);
	enum err e;

	s->ops = ops_of(config);
	s->role = config->role;
	s->writer = config->writer != NULL ? str_of(config->writer) : STR_EMPTY;
	s->on_lost = config->on_lost;
	s->on_lost_arg = config->on_lost_arg;
	s->folder_fd = -1;
	commit_queue_init(&s->commit);
	pack_pool_init(&s->packers);
	dictionary_init(s);
	e = store_start(s, config, why);
	if (e != OK)
		store_close(&s);
	*out = s;
	return e;
}

void store_close(struct store **sp)
{
	struct store *s = *sp;

	if (s == NULL)
		return;
	if (s->env != NULL)
		s->ops->close(&s->env);
	folder_close(&s->folder_fd);
	commit_queue_deinit(&s->commit);
	pack_pool_deinit(&s->packers);
	dictionary_deinit(s);
	mem_clear(sp);
}

/* --- Reading ---------------------------------------------------------------------------- */

/* A read may notice a lost store before a commit does: the backend also writes by itself. */
static enum err read_failed(struct store *s, enum err e, const struct why *why)
{
	if (e == ERR_IO && s->role == STORE_SERVER && s->ops->lost(s->env))
		store_lost_report(s, why);
	return e;
}

enum err store_read(struct store *s, txn_fn *fn, void *arg)
{
	struct arena arena = { 0 };
	struct why why = { "" };
	struct txn t;
	enum err e;

	assert(txns_open() == 0);
	e = txn_begin(&t, s, false, &arena, &why);
	if (e != OK)
		return read_failed(s, e, &why);
	e = fn(&t, arg);
	txn_abort(&t);
	arena_deinit(&arena);
	return e;
}

int store_folder_fd(const struct store *s)
{
	return s->folder_fd;
}

bool txn_is_alone(const struct txn *t)
{
	const struct store *s = txn_store(t);

	return s->role == STORE_TOOL && s->folder_fd >= 0 && folder_is_free(s->folder_fd);
}
