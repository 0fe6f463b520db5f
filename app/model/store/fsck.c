/* model/store/fsck.c: see fsck.h. The store's own rows are checked in fsck_blobs.c. */
#include "model/store/fsck.h"

#include "model/store/blob.h"
#include "model/store/fsck_blobs.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <stdarg.h>
#include <stdio.h>

enum { SENTENCE_MAX = 512 };

void fsck_found(struct fsck_report *r, const char *fmt, ...)
{
	char text[SENTENCE_MAX];
	va_list args;

	r->findings++;
	if (r->say == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	r->say(r->arg, r->check, str_of(text));
}

void fsck_blob_ref(struct fsck_report *r, const struct blob_id *id)
{
	struct str key = blob_id_str(id);
	uintptr_t n = (uintptr_t)map_get(&r->blob_refs, key);

	map_put(&r->blob_refs, key, (void *)(n + 1));
}

/* Reports spaces that this version of Roost does not know. */
static enum err check_spaces(struct txn *t, struct fsck_report *r)
{
	enum err e = OK;

	for (unsigned s = 1; s < UINT8_MAX && e == OK; s++) {
		struct kv_iter it;

		if (space_name(s) != NULL)
			continue;
		kv_iter_prefix(&it, t, (enum space)s, STR_EMPTY);
		if (kv_iter_next(&it))
			fsck_found(r, "there are rows in key space %u, which does not exist", s);
		e = kv_iter_end(&it);
	}
	return e;
}

struct fsck {
	const struct fsck_check *checks;
	size_t count;
	struct fsck_report *report;
};

static enum err run_store(struct txn *t, struct fsck *f, bool refs_known)
{
	enum err e;

	f->report->check = "store";
	e = check_spaces(t, f->report);
	return e == OK ? fsck_blobs(t, f->report, refs_known) : e;
}

static enum err run_all(struct txn *t, void *arg)
{
	struct fsck *f = arg;
	bool refs_known = false;
	enum err e = OK;

	for (size_t i = 0; i < f->count && e == OK; i++) {
		const struct fsck_check *c = &f->checks[i];

		f->report->check = c->name;
		if (c->run != NULL)
			e = c->run(t, f->report);
		if (e == OK && c->blob_refs != NULL) {
			e = c->blob_refs(t, f->report);
			refs_known = true;
		}
	}
	return e == OK ? run_store(t, f, refs_known) : e;
}

enum err fsck_run(struct store *s, const struct fsck_check *checks, size_t count,
                  struct fsck_report *report, struct why *why)
{
	struct fsck f = { .checks = checks, .count = count, .report = report };
	enum err e;

	report->findings = 0;
	report->check = "store";
	report->blob_refs = (struct map){ 0 };
	e = store_read(s, run_all, &f);
	map_deinit(&report->blob_refs);
	if (e != OK)
		return fail(why, e, "could not read everything: stopped in the check of %s: %s",
		            report->check, err_name(e));
	return OK;
}
