/* protocols/jmap/types/submission_query.c: EmailSubmission/query (RFC 8621 7.3). */
#include "model/objects/objects.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/types/submission_row.h"

#include <stdlib.h>
#include <string.h>

struct row {
	struct submission s;
	enum undo undo;
	const struct jmap_query *q;
};

static bool submission_lists(struct json condition, const char *name, struct str id)
{
	struct json list = json_get(condition, name);
	struct json_iter it = json_iter(list);
	struct str one;

	if (json_kind(list) != JSON_ARRAY)
		return true;
	while (json_next(&it))
		if (json_str(it.value, &one) && str_eq(one, id))
			return true;
	return false;
}

static bool submission_numbers_list(const struct jmap_query *q, struct json condition,
                                    const char *name, enum jmap_id_kind kind,
                                    uint64_t number)
{
	struct json list = json_get(condition, name);
	struct json_iter it = json_iter(list);
	struct str one;
	uint64_t n;

	if (json_kind(list) != JSON_ARRAY)
		return true;
	while (json_next(&it))
		if (json_str(it.value, &one) && jmap_id_parse(one, kind, q->m.account, &n) &&
		    n == number)
			return true;
	return false;
}

static bool submission_row_match(struct json condition, void *arg)
{
	const struct row *r = arg;
	struct str status;
	int64_t ms;

	return submission_lists(condition, "identityIds", r->s.identity) &&
	       submission_numbers_list(r->q, condition, "emailIds", ID_EMAIL, r->s.email) &&
	       submission_numbers_list(r->q, condition, "threadIds", ID_THREAD, r->s.thread) &&
	       (!json_str(json_get(condition, "undoStatus"), &status) ||
	        str_eq(status, str_of(submission_undo_names[r->undo]))) &&
	       (!json_time(json_get(condition, "before"), &ms) ||
	        submission_seconds(r->s.send_at_ms) < ms) &&
	       (!json_time(json_get(condition, "after"), &ms) ||
	        submission_seconds(r->s.send_at_ms) >= ms);
}

static int submission_number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int submission_row_compare(const void *one, const void *other)
{
	const struct row *a = one, *b = other;

	for (size_t i = 0; i < a->q->sort_count; i++) {
		const struct jmap_sort *s = &a->q->sorts[i];
		int order = strcmp(s->property, "emailId") == 0
		                    ? submission_number_compare(a->s.email, b->s.email)
		            : strcmp(s->property, "threadId") == 0
		                    ? submission_number_compare(a->s.thread, b->s.thread)
		                    : submission_number_compare((uint64_t)a->s.send_at_ms,
		                                     (uint64_t)b->s.send_at_ms);

		if (order != 0)
			return s->ascending ? order : -order;
	}
	return submission_number_compare(a->s.id, b->s.id);
}

static enum err submission_rows_read(struct jmap_query *q, struct row *rows, size_t max, size_t *n)
{
	struct object_walk walk;
	struct arena scratch = { 0 };
	struct object o;
	enum err e = OK, walked;

	object_walk_init(&walk, q->m.t, q->m.account, OBJECT_SUBMISSION, 0);
	while (!e && *n < max && object_walk_next(&walk, &o)) {
		struct row *r = &rows[*n];
		struct sent_rcpts rcpts;

		*r = (struct row){ .s.id = o.id, .q = q };
		if (!submission_unpack(o.record, &r->s))
			e = ERR_CORRUPT;
		else
			e = submission_undo(q->m.t, q->m.account, r->s.sent, 0, &scratch, &rcpts,
			             &r->undo);
		arena_reset(&scratch);
		*n += !e && jmap_filter_match(q, submission_row_match, r);
	}
	walked = object_walk_end(&walk);
	arena_deinit(&scratch);
	return e ? e : walked;
}

enum err submission_query(struct jmap_query *q)
{
	struct row *rows;
	uint64_t count;
	size_t n = 0;
	enum err e = objects_count(q->m.t, q->m.account, OBJECT_SUBMISSION, &count);

	if (e)
		return e;
	rows = arena_array(q->arena, struct row, count);
	if ((e = submission_rows_read(q, rows, count, &n)))
		return e;
	if (n > 1)
		qsort(rows, n, sizeof *rows, submission_row_compare);
	q->ids = arena_array(q->arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		q->ids[i] = jmap_id_text(q->arena, ID_SUBMISSION, q->m.account, rows[i].s.id);
	q->id_count = n;
	return OK;
}
