/* console/api/settings/settings_rows.c: see settings_private.h. */
#include "console/api/settings/settings_private.h"

#include "foundation/base/buf.h"
#include "foundation/base/pack.h"
#include "model/store/kv.h"
#include "model/store/store.h"

/* The key of a setting's row is its name behind this sign, which no other row of the space
 * begins with. */
#define KEY_SIGN "="

enum { RECORD_VERSION = 1, RECORD_MAX = 70000, KEY_MAX = 80 };

static bool record_read(struct str record, struct str *value)
{
	struct unpack u = unpack_of(record);
	bool known = unpack_u64(&u) == RECORD_VERSION;

	*value = unpack_str(&u);
	return known && unpack_ok(&u);
}

enum err settings_load(struct txn *t, struct arena *a, struct settings_stored *out)
{
	struct kv_iter it;
	struct str value;

	*out = (struct settings_stored){ .items = arena_array(a, struct setting_stored, SETTINGS) };
	kv_iter_prefix(&it, t, SPACE_SETTING, STR(KEY_SIGN));
	while (out->count < SETTINGS && kv_iter_next(&it)) {
		if (!record_read(it.val, &value))
			continue;
		out->items[out->count++] = (struct setting_stored){
			.name = str_dup(a, str_sub(it.key, sizeof KEY_SIGN - 1, it.key.n)),
			.value = str_dup(a, value),
		};
	}
	return kv_iter_end(&it);
}

struct loading {
	struct arena *a;
	struct settings_stored *out;
};

static enum err load(struct txn *t, void *arg)
{
	struct loading *l = arg;

	return settings_load(t, l->a, l->out);
}

enum err settings_stored_read(struct store *s, struct arena *a, struct settings_stored *out)
{
	struct loading l = { a, out };

	return store_read(s, load, &l);
}

static struct str row_key(struct txn *t, const char *name)
{
	return str_fmt(txn_arena(t), KEY_SIGN "%s", name);
}

enum err settings_row_write(struct txn *t, const struct setting_edit *edit)
{
	struct str key = row_key(t, setting_row(edit->id)->name);
	const char *old = setting_old_name(edit->id);
	struct buf record;
	enum err e = old != NULL ? kv_del(t, SPACE_SETTING, row_key(t, old)) : OK;

	if (e != OK && e != ERR_MISSING)
		return e;
	if (edit->unset) {
		e = kv_del(t, SPACE_SETTING, key);
		return e == ERR_MISSING ? OK : e;
	}
	buf_init(&record, RECORD_MAX);
	pack_u64(&record, RECORD_VERSION);
	pack_str(&record, edit->value);
	e = buf_ok(&record) ? kv_put(t, SPACE_SETTING, key, buf_str(&record)) : ERR_LIMIT;
	buf_deinit(&record);
	return e;
}

enum err settings_row_find(struct txn *t, enum setting_id id, struct setting_edit *out)
{
	const char *old = setting_old_name(id);
	struct str record;
	enum err e = kv_get(t, SPACE_SETTING, row_key(t, setting_row(id)->name), &record);

	if (e == ERR_MISSING && old != NULL)
		e = kv_get(t, SPACE_SETTING, row_key(t, old), &record);
	*out = (struct setting_edit){ .id = id, .unset = e == ERR_MISSING };
	if (e == OK && !record_read(record, &out->value))
		return ERR_CORRUPT;
	return e == ERR_MISSING ? OK : e;
}
