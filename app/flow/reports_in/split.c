/* flow/reports_in/split.c: see reports_in_private.h. */
#include "flow/reports_in/reports_in_private.h"

#include "formats/message/mailaddr.h"
#include "model/directory/resolve.h"

struct splitting {
	struct txn *t;
	struct report_parts *parts;
	uint64_t foreign; /* rows */
};

enum err report_domain_find(struct txn *t, struct str name, struct str *out)
{
	ptrdiff_t dot = 0;
	enum err e = OK;
	bool yes = false;

	for (; e == OK && !yes && dot >= 0; name = str_sub(name, (size_t)dot + 1, name.n)) {
		e = directory_is_local(t, name, &yes);
		*out = name;
		dot = str_find_byte(name, '.');
	}
	if (e != OK || !yes)
		*out = STR_EMPTY;
	return e;
}

static struct report_draft *part_new(struct report_parts *parts, const struct report_in *head,
                                     struct str domain)
{
	struct report_draft *d = report_draft_new();

	d->head = *head;
	d->head.rows = d->head.messages = d->head.passed = d->head.failed = 0;
	d->claims[d->claim_count++] = str_dup(&d->a, domain);
	buf_put(&d->remarks, head->remarks);
	parts->items[parts->count++] = d;
	return d;
}

/* NULL: too many. */
static struct report_draft *split_part_of(struct report_parts *parts, const struct report_in *head,
                                          struct str domain)
{
	for (size_t i = 0; i < parts->count; i++)
		if (str_eq(parts->items[i]->claims[0], domain))
			return parts->items[i];
	return parts->count < REPORT_PARTS_MAX ? part_new(parts, head, domain) : NULL;
}

static void row_add(struct report_draft *d, const struct wire_tls_policy *p)
{
	if (!report_in_tls_add(&d->rows, p))
		return;
	d->head.rows++;
	d->head.passed += p->good;
	d->head.failed += p->failed;
	d->head.messages += p->good + p->failed;
}

/* TLSA records belong to a host, whose name may be in any domain (RFC 8460 4.4): the
 * sessions can be assigned only if the report is about one domain. */
static bool is_anybody_s(const struct wire_tls_policy *p)
{
	return p->domain.n == 0 || str_eqi(p->type, STR("tlsa"));
}

/* Assign one row to its domain, or, once all domains are known, to the only one. */
static enum err row_place(struct splitting *x, const struct report_in *head,
                          const struct wire_tls_policy *p, bool again)
{
	struct arena a = { 0 };
	struct report_draft *to = NULL;
	struct str domain;
	enum err e = report_domain_find(x->t, mailaddr_domain_normal(&a, p->domain), &domain);

	if (e == OK && domain.n != 0 && !again)
		to = split_part_of(x->parts, head, domain);
	else if (e == OK && domain.n == 0 && again && is_anybody_s(p) && x->parts->count == 1)
		to = x->parts->items[0];
	if (to != NULL)
		row_add(to, p);
	else
		x->foreign += (domain.n == 0) == again;
	arena_deinit(&a);
	return e;
}

static enum err rows_place(struct splitting *x, const struct report_draft *d, bool again)
{
	struct cur c = cur_of(buf_str(&d->rows.bytes));
	struct arena a = { 0 };
	struct str record;
	enum err e = OK;
	bool bad;

	while (e == OK && report_in_row_next(&c, &record, &bad)) {
		struct wire_tls_policy p;

		e = report_in_tls_read(record, &a, &p) ? row_place(x, &d->head, &p, again)
		                                       : ERR_CORRUPT;
	}
	arena_deinit(&a);
	return e;
}

enum err report_split(struct txn *t, const struct report_draft *d, struct report_parts *out)
{
	struct splitting x = { .t = t, .parts = out };
	enum err e;

	*out = (struct report_parts){ .count = 0 };
	e = rows_place(&x, d, false);
	if (e == OK)
		e = rows_place(&x, d, true);
	for (size_t i = 0; i < out->count; i++) {
		struct report_draft *part = out->items[i];

		if (x.foreign != 0)
			buf_fmt(&part->remarks,
			        "%" PRIu64 " rows are about domains of others, and are left out\n",
			        x.foreign);
		part->head.remarks = buf_str(&part->remarks);
	}
	return e;
}

void report_parts_free(struct report_parts *p)
{
	for (size_t i = 0; i < p->count; i++)
		report_draft_free(&p->items[i]);
	p->count = 0;
}
