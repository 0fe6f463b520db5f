/* operations/transfer/import_record.c: an import as a record; see transfer_private.h. */
#include "operations/transfer/transfer_private.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"

enum { VERSION = 1 };

static void folder_pack(struct buf *b, const struct import_folder *f)
{
	pack_str(b, f->from);
	pack_str(b, f->to);
	pack_u64(b, f->messages);
	pack_u64(b, f->done);
	pack_u64(b, f->counts.imported);
	pack_u64(b, f->counts.known);
	pack_u64(b, f->counts.skipped);
	pack_u64(b, f->counts.bytes);
	pack_u64(b, f->ended);
}

void import_pack(struct buf *b, const struct import *i)
{
	pack_u64(b, VERSION);
	pack_str(b, i->host);
	pack_str(b, i->user);
	pack_u64(b, i->port);
	pack_u64(b, i->tls_first);
	pack_u64(b, i->public_only);
	pack_str(b, i->roots);
	pack_u64(b, i->rule_count);
	for (size_t n = 0; n < i->rule_count; n++) {
		pack_str(b, i->rules[n].from);
		pack_str(b, i->rules[n].to);
	}
	pack_str(b, i->by);
	pack_u64(b, (uint64_t)i->created_ms);
	pack_u64(b, (uint64_t)i->started_ms);
	pack_u64(b, (uint64_t)i->ended_ms);
	pack_u64(b, i->state);
	pack_str(b, i->problem);
	pack_u64(b, i->imported);
	pack_u64(b, i->bytes);
	pack_u64(b, i->folder_count);
	for (size_t n = 0; n < i->folder_count; n++)
		folder_pack(b, &i->folders[n]);
	pack_u64(b, i->left_count);
	for (size_t n = 0; n < i->left_count; n++) {
		pack_str(b, i->left[n].folder);
		pack_str(b, i->left[n].what);
		pack_str(b, i->left[n].why);
	}
}

/* Unpack the number of items; limited to max. */
static size_t count_unpack(struct unpack *u, size_t max)
{
	uint64_t n = unpack_u64(u);

	u->bad = u->bad || n > max;
	return u->bad ? 0 : (size_t)n;
}

static struct str text_unpack(struct unpack *u, struct arena *a)
{
	return str_dup(a, unpack_str(u));
}

static void rules_unpack(struct unpack *u, struct arena *a, struct import *out)
{
	size_t n = count_unpack(u, LIMIT_import_rules);
	struct transfer_rule *rules = arena_array(a, struct transfer_rule, n);

	for (size_t i = 0; i < n; i++) {
		rules[i].from = text_unpack(u, a);
		rules[i].to = text_unpack(u, a);
	}
	out->rules = rules;
	out->rule_count = n;
}

static void folder_unpack(struct unpack *u, struct arena *a, struct import_folder *out)
{
	out->from = text_unpack(u, a);
	out->to = text_unpack(u, a);
	out->messages = unpack_u64(u);
	out->done = unpack_u64(u);
	out->counts.imported = unpack_u64(u);
	out->counts.known = unpack_u64(u);
	out->counts.skipped = unpack_u64(u);
	out->counts.bytes = unpack_u64(u);
	out->ended = unpack_u64(u) != 0;
}

static void folders_unpack(struct unpack *u, struct arena *a, struct import *out)
{
	size_t n = count_unpack(u, LIMIT_import_folders);
	struct import_folder *folders = arena_array(a, struct import_folder, n);

	for (size_t i = 0; i < n; i++)
		folder_unpack(u, a, &folders[i]);
	out->folders = folders;
	out->folder_count = n;
}

static void left_unpack(struct unpack *u, struct arena *a, struct import *out)
{
	size_t n = count_unpack(u, LIMIT_import_left);
	struct import_left *left = arena_array(a, struct import_left, n);

	for (size_t i = 0; i < n; i++) {
		left[i].folder = text_unpack(u, a);
		left[i].what = text_unpack(u, a);
		left[i].why = text_unpack(u, a);
	}
	out->left = left;
	out->left_count = n;
}

bool import_unpack(struct str record, struct arena *a, struct import *out)
{
	struct unpack u = unpack_of(record);
	uint64_t state;

	*out = (struct import){ 0 };
	if (unpack_u64(&u) != VERSION)
		return false;
	out->host = text_unpack(&u, a);
	out->user = text_unpack(&u, a);
	out->port = (uint16_t)unpack_u64(&u);
	out->tls_first = unpack_u64(&u) != 0;
	out->public_only = unpack_u64(&u) != 0;
	out->roots = text_unpack(&u, a);
	rules_unpack(&u, a, out);
	out->by = text_unpack(&u, a);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->started_ms = (int64_t)unpack_u64(&u);
	out->ended_ms = (int64_t)unpack_u64(&u);
	state = unpack_u64(&u);
	out->state = (enum import_state)MIN(state, IMPORT_STATES);
	out->problem = text_unpack(&u, a);
	out->imported = unpack_u64(&u);
	out->bytes = unpack_u64(&u);
	folders_unpack(&u, a, out);
	left_unpack(&u, a, out);
	return unpack_ok(&u) && out->state < IMPORT_STATES;
}
