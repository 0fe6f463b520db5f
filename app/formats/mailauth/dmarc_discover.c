/* formats/mailauth/dmarc_discover.c: the applicable record of an author; see dmarc.h. */
#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/dmarc_walk.h"
#include "formats/mailauth/psl.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"

struct finding {
	struct dmarc_asker asker;
	struct dmarc_discovery *out;
	bool nowhere; /* not even _dmarc.author exists */
};

static void dmarc_discover_end(struct finding *f, enum dmarc_found found, struct str why)
{
	f->out->found = found;
	f->out->why = why;
}

static void unanswered(struct finding *f, struct str domain)
{
	dmarc_discover_end(f, DMARC_UNANSWERED,
	    str_fmt(f->asker.a, "DNS did not answer for _dmarc.%.*s", STR_ARG(domain)));
}

/* This record applies. */
static void dmarc_discover_take(struct finding *f, struct str domain, struct str text)
{
	struct why why = { "" };

	f->out->domain = domain;
	f->out->text = text;
	f->out->found = DMARC_FOUND;
	if (dmarc_record_parse(text, f->out->method, &f->out->record, &why) != OK)
		dmarc_discover_end(f, DMARC_WRONG,
		    str_fmt(f->asker.a, "in the DMARC record of %.*s: %s", STR_ARG(domain),
		            why.text));
}

/* Use the record of a parent when the author's name does not answer; false: there is none. Many
 * domains have a name with dead name servers below them, which a forger may choose. */
static bool look_above(struct finding *f, struct str domain)
{
	struct str text;
	struct why why;
	bool nowhere;

	if (dmarc_look(&f->asker, domain, &text, &nowhere) != DMARC_LOOK_ONE)
		return false;
	if (dmarc_record_parse(text, f->out->method, &f->out->record, &why) == OK)
		f->out->lender = domain;
	else
		f->out->record = (struct dmarc_record){ 0 };
	return true;
}

/* Query the author's name, with a part of the time, so that a parent gets the rest. */
static enum dmarc_look look_first(struct finding *f, bool is_last, struct str *text)
{
	int64_t now_ms = clock_mono_ms(), whole_ms = f->asker.deadline_ms;
	enum dmarc_look look;

	if (!is_last && whole_ms > now_ms)
		f->asker.deadline_ms -= (whole_ms - now_ms) / 2;
	look = dmarc_look(&f->asker, f->out->author, text, &f->nowhere);
	f->asker.deadline_ms = whole_ms;
	return look;
}

/* --- by the public suffix list (RFC 7489 6.6.3) --------------------------------------------- */

/* The result of steps 1 and 2, or 3 and 4; then 5. False: continue. */
static bool settles(struct finding *f, struct str domain, enum dmarc_look look, struct str text)
{
	if (look == DMARC_LOOK_RETRY)
		unanswered(f, domain);
	else if (look == DMARC_LOOK_ONE)
		dmarc_discover_take(f, domain, text);
	else if (look == DMARC_LOOK_MANY)
		dmarc_discover_end(f, DMARC_ABSENT,
		    str_fmt(f->asker.a, "%.*s has more than one DMARC record", STR_ARG(domain)));
	return look != DMARC_LOOK_NONE;
}

static void by_suffixes(struct finding *f)
{
	struct str author = f->out->author, organization = psl_organization(author), text;
	bool alone, nowhere;
	enum dmarc_look look;

	f->out->organization = organization.n != 0 ? organization : author;
	organization = f->out->organization;
	alone = organization.n == author.n;
	look = look_first(f, alone, &text);
	if (look == DMARC_LOOK_RETRY && !alone)
		(void)look_above(f, organization);
	if (!settles(f, author, look, text) && !alone) {
		look = dmarc_look(&f->asker, organization, &text, &nowhere);
		(void)settles(f, organization, look, text);
	}
}

/* --- by the tree (RFC 9989 4.10) ------------------------------------------------------------ */

/* The results of a walk. */
struct walk {
	struct str own;          /* the author's record                     */
	struct str above, text;  /* the record with the fewest labels so far, and its domain */
	struct str organization; /* when a psd= tag names it */
};

/* The name one label longer than domain, on the way down to author. */
static struct str one_below(struct str author, struct str domain)
{
	struct str below = str_sub(author, 0, author.n - domain.n - 1);
	ptrdiff_t dot = str_rfind_byte(below, '.');

	return str_sub(author, (size_t)(dot + 1), author.n);
}

/* Process a record of the walk; false: the walk ends. */
static bool meet(struct finding *f, struct walk *w, struct str name, struct str text)
{
	struct str author = f->out->author;
	bool own = name.n == author.n;
	struct dmarc_record r;
	struct why why;

	(void)!dmarc_record_parse(text, DMARC_TREE, &r, &why); /* psd= is set in any case */
	if (own)
		w->own = text;
	if (r.psd == DMARC_PSD_YES && !own) {
		/* The organization's own record has priority over a public suffix above it. */
		w->organization = one_below(author, name);
		if (w->text.n != 0 && w->above.n == w->organization.n)
			return false;
	} else if (r.psd != DMARC_PSD_UNSAID) {
		w->organization = name;
	}
	w->above = name;
	w->text = text;
	return r.psd == DMARC_PSD_UNSAID;
}

/* False: DNS did not answer for *name. */
static bool dmarc_discover_walk(struct finding *f, struct walk *w, struct str *name)
{
	bool on = true, nowhere;

	for (; on && name->n != 0; *name = dmarc_walk_next(*name)) {
		bool first = name->n == f->out->author.n;
		struct str text;
		enum dmarc_look look = first ? look_first(f, dmarc_walk_next(*name).n == 0, &text)
		                             : dmarc_look(&f->asker, *name, &text, &nowhere);

		if (look == DMARC_LOOK_RETRY)
			return false;
		if (look == DMARC_LOOK_ONE)
			on = meet(f, w, *name, text);
	}
	return true;
}

/* The rest of a walk after a name without an answer; earlier results have priority. */
static void walk_above(struct finding *f, const struct walk *w, struct str name)
{
	struct why why;

	unanswered(f, name);
	if (w->text.n != 0 && dmarc_record_parse(w->text, DMARC_TREE, &f->out->record, &why) == OK)
		f->out->lender = w->above;
	do
		name = dmarc_walk_next(name);
	while (name.n != 0 && f->asker.queries < DMARC_WALK_MAX && !look_above(f, name));
}

/* 4.10.1: the record of the author's domain, else of its organization, else of the public suffix
 * above; 4.10.2: without psd=, the organization is the domain with the fewest labels. */
static void by_tree(struct finding *f)
{
	struct str name = f->out->author;
	struct walk w = { STR_EMPTY, STR_EMPTY, STR_EMPTY, STR_EMPTY };
	bool whole = dmarc_discover_walk(f, &w, &name);

	assert(f->asker.queries <= DMARC_WALK_MAX);
	if (whole && w.organization.n == 0)
		w.organization = w.text.n != 0 ? w.above : f->out->author;
	f->out->organization = whole ? w.organization : STR_EMPTY;
	if (w.own.n != 0)
		dmarc_discover_take(f, f->out->author, w.own);
	else if (!whole)
		walk_above(f, &w, name);
	else if (w.text.n != 0)
		dmarc_discover_take(f, w.above, w.text);
}

/* --- entry ---------------------------------------------------------------------------------- */

/* np= applies to domains that do not exist: NXDOMAIN (RFC 9989 3.2). If that is unknown, sp=
 * applies. */
static void exists(struct finding *f)
{
	const struct dmarc_discovery *d = f->out;
	struct dns_addr_list list;

	if (d->found != DMARC_FOUND || d->domain.n == d->author.n || d->record.np == d->record.sp ||
	    !f->nowhere)
		return;
	f->asker.queries++;
	f->out->missing = dns_addresses(f->asker.dns, f->asker.a, d->author, DNS_V4,
	                                f->asker.deadline_ms, &list) == DNS_NXDOMAIN;
}

void dmarc_discover(const struct dmarc_query *q, struct arena *a, struct dmarc_discovery *out)
{
	struct finding f = { .asker = { .dns = q->dns, .a = a, .deadline_ms = q->deadline_ms },
		             .out = out };

	*out = (struct dmarc_discovery){ .method = q->method, .author = q->author };
	if (q->method == DMARC_SUFFIXES)
		by_suffixes(&f);
	else
		by_tree(&f);
	if (out->found == DMARC_ABSENT && out->why.n == 0)
		out->why = str_fmt(a, "there is no DMARC record for %.*s", STR_ARG(q->author));
	exists(&f);
	out->queries = f.asker.queries;
}
