/* model/filters/scripts.c: see scripts.h; the rows are in rows.h. */
#include "model/filters/scripts.h"

#include "formats/sieve/sieve.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "foundation/text/utf8.h"
#include "model/filters/memory.h"
#include "model/filters/rows.h"
#include "model/store/store.h"

#include <stdlib.h>
#include <string.h>

/* --- Names and programs --- */

static bool name_char(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && c != 0x2028 && c != 0x2029;
}

bool script_name_valid(struct str name)
{
	struct cur c = cur_of(name);
	size_t n = 0;

	if (name.n == 0 || name.n > SCRIPT_NAME_MAX || !utf8_valid(name))
		return false;
	for (; !cur_done(&c); n++)
		if (!name_char(utf8_next(&c)))
			return false;
	return n <= SCRIPT_NAME_MAX / 4;
}

enum sieve_stage script_stage(const struct script_owner *owner, struct str name)
{
	return owner->account == 0 && owner->domain.n == 0 ? sieve_stage_find(name)
	                                                   : SIEVE_DELIVERY;
}

bool script_compile_for(struct arena *a, enum sieve_stage stage, struct str text,
                        struct str *program, struct sieve_errors *errors)
{
	const struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT, .stage = stage };
	struct buf b;
	bool ok;

	buf_init(&b, SCRIPT_PROGRAM_MAX);
	ok = sieve_compile(a, text, &options, &b, errors);
	*program = ok ? str_dup(a, buf_str(&b)) : STR_EMPTY;
	buf_deinit(&b);
	return ok;
}

bool script_compile(struct arena *a, struct str text, struct str *program,
                    struct sieve_errors *errors)
{
	return script_compile_for(a, SIEVE_DELIVERY, text, program, errors);
}

/* --- Reading --- */

static int script_compare(const void *x, const void *y)
{
	const struct script *a = x, *b = y;

	return str_cmp(a->name, b->name);
}

/* The hash of the active script; empty: none is. */
static enum err active_hash(struct txn *t, uint32_t account, struct str *out)
{
	struct filters_key k;
	enum err e;

	*out = STR_EMPTY;
	if (account == 0)
		return OK;
	filters_key_init(&k, account);
	e = kv_get(t, SPACE_SCRIPT, buf_str(&k.b), out);
	return e == ERR_MISSING ? OK : e;
}

enum err scripts_list(struct txn *t, const struct script_owner *owner, struct arena *a,
                      struct script **out, size_t *n)
{
	struct filters_key k;
	struct kv_iter it;
	struct str active;
	enum err e = active_hash(t, owner->account, &active);
	enum err walked;

	*n = 0;
	*out = arena_array(a, struct script, LIMIT_sieve_scripts);
	filters_key_owner(&k, owner);
	kv_iter_prefix(&it, t, SPACE_SCRIPT, buf_str(&k.b));
	while (e == OK && *n < LIMIT_sieve_scripts && kv_iter_next(&it)) {
		struct script *s = *out + *n;

		if (it.key.n == k.b.n)
			continue; /* the active one's hash */
		if (!script_row_read(it.val, s))
			e = ERR_CORRUPT;
		s->name = str_dup(a, s->name);
		s->text = s->program = STR_EMPTY;
		s->active = str_eq(str_sub(it.key, k.b.n, SIZE_MAX), active);
		++*n;
	}
	walked = kv_iter_end(&it);
	qsort(*out, *n, sizeof(**out), script_compare);
	return e != OK ? e : walked;
}

static enum err script_read(struct txn *t, struct str key, struct script *out)
{
	struct str row;
	enum err e = kv_get(t, SPACE_SCRIPT, key, &row);

	return e != OK ? e : script_row_read(row, out) ? OK : ERR_CORRUPT;
}

enum err script_get(struct txn *t, const struct script_owner *owner, struct str name,
                    struct script *out)
{
	struct filters_key k;
	struct str active;
	enum err e = active_hash(t, owner->account, &active);

	filters_key_owner(&k, owner);
	filters_key_hash(&k, name);
	if (e == OK)
		e = script_read(t, buf_str(&k.b), out);
	if (e == OK)
		out->active = str_ends(buf_str(&k.b), active) && active.n != 0;
	return e;
}

enum err script_find_id(struct txn *t, const struct script_owner *owner, uint64_t id,
                        struct arena *a, struct str *name)
{
	struct script *all;
	size_t n;
	enum err e = scripts_list(t, owner, a, &all, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		if (all[i].id == id) {
			*name = all[i].name;
			return OK;
		}
	return e ? e : ERR_MISSING;
}

enum err script_active(struct txn *t, uint32_t account, struct script *out)
{
	struct filters_key k;
	struct str active;
	enum err e = active_hash(t, account, &active);

	if (e != OK || active.n == 0)
		return e != OK ? e : ERR_MISSING;
	filters_key_init(&k, account);
	buf_put(&k.b, active);
	e = script_read(t, buf_str(&k.b), out);
	out->active = true;
	return e;
}

enum err script_room(struct txn *t, const struct script_owner *owner, struct str name,
                     uint64_t size, enum script_room *out)
{
	struct script *all;
	size_t n, others = 0;
	uint64_t bytes = 0;
	enum err e = scripts_list(t, owner, txn_arena(t), &all, &n);

	for (size_t i = 0; e == OK && i < n; i++) {
		if (str_eq(all[i].name, name))
			continue;
		others++;
		bytes += all[i].size;
	}
	*out = others >= LIMIT_sieve_scripts                      ? SCRIPT_TOO_MANY
	       : size > LIMIT_sieve_script ||
	                         bytes + size > LIMIT_sieve_bytes ? SCRIPT_TOO_LARGE
	                                                          : SCRIPT_FITS;
	return e;
}

/* --- Writing --- */

static enum err name_check(struct txn *t, struct str name)
{
	return script_name_valid(name)
	               ? OK
	               : fail(txn_why(t), ERR_SYNTAX,
	                      "a name has 1 to %d characters, and no control characters",
	                      SCRIPT_NAME_MAX / 4);
}

static enum err missing(struct txn *t, struct str name)
{
	return fail(txn_why(t), ERR_MISSING, "script %.*s does not exist", STR_ARG(name));
}

static enum err row_write(struct txn *t, const struct script_owner *owner,
                          const struct script *script)
{
	struct filters_key k;
	struct buf row;

	filters_key_owner(&k, owner);
	filters_key_hash(&k, script->name);
	buf_init(&row, KV_VALUE_MAX);
	pack_u64(&row, FILTERS_FORM);
	pack_u64(&row, (uint64_t)script->changed_ms);
	pack_str(&row, script->name);
	pack_str(&row, script->text);
	pack_str(&row, script->program);
	pack_u64(&row, script->id);
	return filters_row_put(t, SPACE_SCRIPT, buf_str(&k.b), &row);
}

enum err script_put(struct txn *t, const struct script_owner *owner, struct str name,
                    struct str text, struct str program, int64_t now_ms)
{
	struct script script = { name, .text = text, .program = program, .changed_ms = now_ms };
	struct script old;
	enum script_room room;
	enum err e = name_check(t, name);

	if (e == OK)
		e = script_get(t, owner, name, &old);
	script.id = e == OK ? old.id : random_u64() >> 1 | 1;
	if (e == OK || e == ERR_MISSING)
		e = script_room(t, owner, name, text.n, &room);
	if (e != OK)
		return e;
	if (room == SCRIPT_TOO_MANY)
		return fail(txn_why(t), ERR_LIMIT, "at most %d scripts can be stored",
		            LIMIT_sieve_scripts);
	if (room == SCRIPT_TOO_LARGE)
		return fail(txn_why(t), ERR_LIMIT,
		            "a script has at most %d bytes, and all of them together %d",
		            LIMIT_sieve_script, LIMIT_sieve_bytes);
	return row_write(t, owner, &script);
}

enum err script_delete(struct txn *t, const struct script_owner *owner, struct str name)
{
	struct filters_key k;
	struct script script;
	enum err e = script_get(t, owner, name, &script);

	if (e == ERR_MISSING)
		return missing(t, name);
	if (e == OK && script.active)
		return fail(txn_why(t), ERR_CONFLICT, "the active script cannot be deleted");
	if (e != OK)
		return e;
	filters_key_owner(&k, owner);
	filters_key_hash(&k, name);
	return kv_del(t, SPACE_SCRIPT, buf_str(&k.b));
}

static enum err active_put(struct txn *t, uint32_t account, struct str name)
{
	struct filters_key k, to;

	filters_key_init(&k, account);
	filters_key_init(&to, account);
	filters_key_hash(&to, name);
	return kv_put(t, SPACE_SCRIPT, buf_str(&k.b), str_sub(buf_str(&to.b), k.b.n, to.b.n));
}

enum err script_rename(struct txn *t, const struct script_owner *owner, struct str from,
                       struct str to)
{
	struct script script, other;
	struct filters_key k;
	enum err e = name_check(t, to);

	if (e == OK && script_stage(owner, from) != script_stage(owner, to))
		return fail(txn_why(t), ERR_SYNTAX,
		            "a script of an SMTP stage is not renamed: store it under the new "
		            "name");
	if (e == OK)
		e = script_get(t, owner, from, &script);
	if (e == ERR_MISSING)
		return missing(t, from);
	if (e != OK)
		return e;
	if ((e = script_get(t, owner, to, &other)) != ERR_MISSING)
		return e != OK ? e
		               : fail(txn_why(t), ERR_CONFLICT, "script %.*s exists",
		                      STR_ARG(to));
	script.text = str_dup(txn_arena(t), script.text);
	script.program = str_dup(txn_arena(t), script.program);
	script.name = to;
	filters_key_owner(&k, owner);
	filters_key_hash(&k, from);
	e = kv_del(t, SPACE_SCRIPT, buf_str(&k.b));
	if (e == OK)
		e = row_write(t, owner, &script);
	return e == OK && script.active ? active_put(t, owner->account, to) : e;
}

enum err script_activate(struct txn *t, uint32_t account, struct str name)
{
	struct script_owner owner = { .account = account };
	struct filters_key k;
	struct script script;
	enum err e;

	if (name.n != 0) {
		e = script_get(t, &owner, name, &script);
		return e == ERR_MISSING ? missing(t, name)
		       : e == OK        ? active_put(t, account, name)
		                        : e;
	}
	filters_key_init(&k, account);
	e = kv_del(t, SPACE_SCRIPT, buf_str(&k.b));
	return e == ERR_MISSING ? OK : e;
}

enum err scripts_delete_all(struct txn *t, const struct script_owner *owner)
{
	struct filters_key k;
	enum err e;

	filters_key_owner(&k, owner);
	e = filters_rows_del(t, SPACE_SCRIPT, buf_str(&k.b));
	if (owner->account == 0 || e != OK)
		return e;
	e = filters_rows_del(t, SPACE_FILTER, buf_str(&k.b));
	return e != OK ? e : filter_memory_clear(t, owner->account);
}
