/* model/directory/resolve.c: see resolve.h.
 *
 * A work list of addresses begins with the recipient. Each address is looked up once: an account
 * becomes a target, an alias adds its targets to the list, a remote address is a target unchanged.
 * So a loop of aliases ends. When a limit is exceeded, the whole recipient is refused, since a
 * delivery to some of an alias' targets would be incomplete. A single target that cannot be reached
 * is recorded, and the others are used. */
#include "model/directory/resolve.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/normal.h"
#include "model/directory/pattern.h"
#include "model/directory/reports_to.h"
#include "model/directory/row.h"
#include "model/directory/srs.h"

#include <limits.h>

struct visit {
	struct mailaddr address; /* in normal form when it is local */
	struct str detail;       /* the tag from the previous address */
	struct mailaddr owner;   /* of the last list passed, or null */
	bool hidden;             /* a member of a list with hidden ones */
	bool member;             /* of a list or group */
	unsigned depth;
};

struct walk {
	struct txn *t;
	struct arena *a;
	const struct resolve_config *config;
	struct visit *visits; /* in order; those before `done` have been looked up */
	size_t count, room;
	size_t target_room, list_room, lost_room;
	bool limited;  /* too many, or too deep              */
	struct resolved *out;
};

enum err directory_is_local(struct txn *t, struct str domain, bool *yes)
{
	struct arena a = { 0 };
	struct domain_row row;
	enum err e = row_domain_get(t, str_lower(&a, domain), &a, &row);

	arena_deinit(&a);
	*yes = e == OK;
	return e == ERR_MISSING ? OK : e;
}

/* Adds an address that v leads to, with its tag. */
static void visit_push(struct walk *w, const struct visit *v, struct mailaddr address,
                       struct str detail)
{
	struct visit next = *v;

	next.address = address;
	next.detail = detail;
	next.depth++;
	for (size_t i = 0; i < w->count; i++)
		if (mailaddr_equal(&w->visits[i].address, &address))
			return;
	if (w->count == LIMIT_alias_visits || next.depth > LIMIT_alias_depth) {
		w->limited = true;
		return;
	}
	w->visits = row_room(w->a, w->visits, w->count, &w->room, sizeof(*w->visits));
	w->visits[w->count++] = next;
}

static void target_push(struct walk *w, const struct resolve_target *target)
{
	struct resolved *out = w->out;

	for (size_t i = 0; i < out->count; i++)
		if (target->account != 0
		            ? out->targets[i].account == target->account
		            : mailaddr_equal(&out->targets[i].address, &target->address))
			return;
	out->targets =
		row_room(w->a, out->targets, out->count, &w->target_room, sizeof(*out->targets));
	out->targets[out->count++] = *target;
}

/* Records that v, known by this address, cannot be reached. */
static void lost_push(struct walk *w, const struct visit *v, struct mailaddr address,
                      enum resolve_verdict why)
{
	struct resolved *out = w->out;

	for (size_t i = 0; i < out->lost_count; i++)
		if (mailaddr_equal(&out->lost[i].address, &address))
			return;
	out->lost = row_room(w->a, out->lost, out->lost_count, &w->lost_room, sizeof(*out->lost));
	out->lost[out->lost_count++] =
		(struct resolve_lost){ .address = address, .why = why, .member = v->member };
}

static void account_reached(struct walk *w, const struct visit *v, const struct account_row *row,
                            struct str detail)
{
	struct resolve_target target = {
		.account = row->id,
		.quota_bytes = row->quota_bytes,
		.message_bytes = row->message_bytes,
		.detail = detail,
		.address = row->address,
		.owner = v->owner,
		.hidden = v->hidden,
	};

	if (row->mail)
		target_push(w, &target);
	else
		lost_push(w, v, row->address, RESOLVE_DISABLED);
}

static void list_passed(struct walk *w, struct mailaddr address, enum list_post post)
{
	struct resolved *out = w->out;

	out->lists =
		row_room(w->a, out->lists, out->list_count, &w->list_room, sizeof(*out->lists));
	out->lists[out->list_count++] = (struct resolve_list){ .address = address, .post = post };
}

static void alias_follow(struct walk *w, const struct visit *v, const struct route_row *route,
                         struct str detail)
{
	struct visit from = *v;

	w->out->alias = true;
	if (route->kind == ALIAS_LIST) {
		list_passed(w, route->address, route->post);
		from.hidden |= route->hidden;
		from.member = true;
		from.owner = mailaddr_is_null(&route->owner)
		                     ? (struct mailaddr){ STR("postmaster"), route->address.domain }
		                     : route->owner;
	}
	for (size_t i = 0; i < route->count; i++)
		visit_push(w, &from, route->targets[i], detail);
}

/* Members are visited by address, so that the limits count them too. */
static enum err group_follow(struct walk *w, const struct visit *v, uint32_t id, struct str detail)
{
	struct group_row group;
	struct account_row member;
	struct visit from = *v;
	uint32_t *ids;
	size_t count;
	enum err e = row_group_get(w->t, id, w->a, &group);

	if (e == OK)
		e = row_member_list(w->t, id, w->a, &ids, &count);
	if (e != OK)
		return e == ERR_MISSING ? ERR_CORRUPT : e;
	w->out->alias = true;
	if (!group.mail || count == 0)
		lost_push(w, v, v->address, RESOLVE_UNKNOWN);
	if (!group.mail)
		return OK;
	from.member = true;
	list_passed(w, group.address, group.post);
	for (size_t i = 0; e == OK && i < count; i++) {
		e = row_account_get(w->t, ids[i], w->a, &member);
		if (e == OK)
			visit_push(w, &from, member.address, detail);
	}
	return e == ERR_MISSING ? ERR_CORRUPT : e;
}

static enum err route_follow(struct walk *w, const struct visit *v, const struct route_row *route,
                             struct str detail)
{
	struct account_row row;
	enum err e;

	if (route->group != 0)
		return group_follow(w, v, route->group, detail);
	if (route->account == 0) {
		alias_follow(w, v, route, detail);
		return OK;
	}
	e = row_account_get(w->t, route->account, w->a, &row);
	if (e == OK)
		account_reached(w, v, &row, detail);
	return e == ERR_MISSING ? ERR_CORRUPT : e;
}

/* The first owner whose mail is accepted; without one, the first such account. */
static enum err owner_find(struct walk *w, struct account_row *out)
{
	struct kv_iter it;
	struct account_row row;
	enum err e = OK;
	enum err walked;
	bool owner = false, any = false;

	row_account_iter(&it, w->t);
	while (e == OK && !owner && kv_iter_next(&it)) {
		e = row_account_read(&it, w->a, &row);
		if (e != OK || !row.mail || (any && row.role != ROLE_OWNER))
			continue;
		*out = row;
		any = true;
		owner = row.role == ROLE_OWNER;
	}
	walked = kv_iter_end(&it);
	if (e != OK || walked != OK)
		return e != OK ? e : walked;
	return any ? OK : ERR_MISSING;
}

/* Reports are from this address, notices from the server's postmaster (model/queue/dsn/bounce.h,
 * flow/policy/blocks/hold.h): RFC 3464 2: a reply to a report must reach a person. */
static bool is_daemon(const struct resolve_config *config, const struct mailaddr *a)
{
	return config->hostname.n != 0 && str_eqi(a->domain, config->hostname) &&
	       str_eqi(a->local, STR("mailer-daemon"));
}

/* Is it the server's own host name, whether or not that is a local domain? */
static bool is_server(const struct resolve_config *config, const struct mailaddr *a)
{
	return is_daemon(config, a) ||
	       (config->hostname.n != 0 && str_eqi(a->domain, config->hostname) &&
	        str_eqi(a->local, STR("postmaster")));
}

/* Postmaster is not redirected to postmaster. */
static bool is_for_reports(const struct resolve_config *config, const struct mailaddr *a)
{
	return !str_eqi(a->local, STR("postmaster")) && reports_to_has(config->reports_to, a);
}

/* Handles an address without a row: by the domain that this one is an alias of, the rule for
 * postmaster, the catch-all, or the reader of reports. */
static enum err fallback_follow(struct walk *w, const struct visit *v,
                                const struct domain_row *domain)
{
	struct account_row owner;
	enum err e = ERR_MISSING;

	w->out->alias = true;
	if (domain != NULL && is_daemon(w->config, &v->address)) {
		visit_push(w, v, (struct mailaddr){ STR("postmaster"), v->address.domain },
		           v->detail);
		return OK;
	}
	if (domain != NULL && domain->alias_of.n != 0) {
		visit_push(w, v, (struct mailaddr){ v->address.local, domain->alias_of },
		           v->detail);
		return OK;
	}
	if (str_eq(v->address.local, STR("postmaster"))) {
		e = owner_find(w, &owner);
		if (e == OK)
			account_reached(w, v, &owner, v->detail);
		if (e != ERR_MISSING)
			return e;
	}
	if (domain != NULL && !mailaddr_is_null(&domain->catchall))
		visit_push(w, v, domain->catchall, STR_EMPTY);
	else if (domain != NULL && is_for_reports(w->config, &v->address))
		visit_push(w, v, (struct mailaddr){ STR("postmaster"), v->address.domain },
		           v->detail);
	else
		lost_push(w, v, v->address, RESOLVE_UNKNOWN);
	return OK;
}

/* Finds the most specific pattern of the domain that matches the address. */
static enum err pattern_find(struct walk *w, const struct visit *v, struct route_row *out,
                             struct pattern_match *match)
{
	struct kv_iter it;
	struct route_row row;
	struct pattern_match fits;
	size_t best = 0; /* rank + 1 */
	enum err e = OK;
	enum err walked;

	row_pattern_iter(&it, w->t, v->address.domain);
	while (e == OK && kv_iter_next(&it)) {
		e = row_route_read(&it, w->a, &row);
		if (e != OK || pattern_rank(row.address.local) < best ||
		    !pattern_fits(row.address.local, v->address.local, &fits))
			continue;
		best = pattern_rank(row.address.local) + 1;
		*out = row;
		*match = fits;
	}
	walked = kv_iter_end(&it);
	if (e != OK || walked != OK)
		return e != OK ? e : walked;
	return best != 0 ? OK : ERR_MISSING;
}

static void pattern_follow(struct walk *w, const struct visit *v, const struct route_row *route,
                           const struct pattern_match *match)
{
	w->out->alias = true;
	for (size_t i = 0; i < route->count; i++) {
		struct mailaddr to = route->targets[i];

		to.local = pattern_fill(w->a, to.local, match);
		if (to.local.n == 0 || to.local.n > MAILADDR_LOCAL_MAX)
			lost_push(w, v, v->address, RESOLVE_UNKNOWN);
		else
			visit_push(w, v, to, v->detail);
	}
}

static enum err local_visit(struct walk *w, const struct visit *v, const struct domain_row *domain)
{
	struct mailaddr base = v->address;
	struct str tag = STR_EMPTY;
	size_t at = v->address.local.n;
	struct pattern_match match;
	struct route_row route;
	enum err e = row_route_get(w->t, &base, w->a, &route);

	for (int i = 0; e == ERR_MISSING && i < LIMIT_tag_splits; i++) {
		if (!mailaddr_split_tag(v->address.local, w->config->separators, &at, &base.local,
		                        &tag))
			break;
		e = row_route_get(w->t, &base, w->a, &route);
	}
	if (e == ERR_MISSING) {
		e = pattern_find(w, v, &route, &match);
		if (e == OK)
			pattern_follow(w, v, &route, &match);
		return e == ERR_MISSING ? fallback_follow(w, v, domain) : e;
	}
	return e != OK ? e : route_follow(w, v, &route, tag.n != 0 ? tag : v->detail);
}

static enum err visit(struct walk *w, const struct visit *v)
{
	struct resolve_target elsewhere = {
		.address = v->address,
		.owner = v->owner,
		.hidden = v->hidden,
	};
	struct domain_row domain;
	struct visit ours = *v;
	enum err e;

	if (v->address.domain.n == 0) /* <Postmaster> */
		return fallback_follow(w, v, NULL);
	e = row_domain_get(w->t, v->address.domain, w->a, &domain);
	if (e == ERR_MISSING && is_server(w->config, &v->address)) {
		ours.address = (struct mailaddr){ .local = STR("postmaster") };
		return fallback_follow(w, &ours, NULL);
	}
	if (e == ERR_MISSING) {
		target_push(w, &elsewhere);
		return OK;
	}
	/* A target may have been remote when it was added, and so not in normal form. */
	ours.address = normal_fold(w->a, v->address);
	return e != OK ? e : local_visit(w, &ours, &domain);
}

static enum resolve_verdict verdict(const struct walk *w)
{
	if (w->limited)
		return RESOLVE_LOOP;
	if (w->out->count != 0)
		return RESOLVE_OK;
	for (size_t i = 0; i < w->out->lost_count; i++)
		if (w->out->lost[i].why == RESOLVE_DISABLED)
			return RESOLVE_DISABLED;
	return w->out->lost_count != 0 ? RESOLVE_UNKNOWN : RESOLVE_LOOP;
}

/* Restores the tag as the sender wrote it: the normal form is in lower case. */
static void detail_restore(struct walk *w, struct str written)
{
	struct str base, tag;
	size_t at = written.n;

	while (mailaddr_split_tag(written, w->config->separators, &at, &base, &tag))
		for (size_t i = 0; i < w->out->count; i++)
			if (str_eqi(w->out->targets[i].detail, tag))
				w->out->targets[i].detail = str_dup(w->a, tag);
}

/* If this server made the address for a return path, *first becomes the original sender. Uses the
 * address as received, since the original may be case-sensitive. */
static enum err bounce_find(struct walk *w, struct mailaddr rcpt, struct visit *first)
{
	struct mailaddr sender;
	uint8_t key[SRS_KEY];
	enum err e = srs_key_get(w->t, key);

	if (e == OK && srs_decode(key, clock_real_ms(), rcpt.local, w->a, &sender)) {
		w->out->bounces = true;
		first->address = sender;
	}
	return e == ERR_MISSING ? OK : e;
}

enum err directory_resolve(struct txn *t, struct mailaddr rcpt, const struct resolve_config *config,
                           struct arena *a, struct resolved *out)
{
	struct walk w = { .t = t, .a = a, .config = config, .out = out };
	struct mailaddr folded = normal_fold(a, rcpt);
	bool local = rcpt.domain.n == 0 || is_server(config, &folded);
	struct visit first = { .depth = UINT_MAX }; /* nothing led there */
	enum err e = OK;

	*out = (struct resolved){ .verdict = RESOLVE_FOREIGN };
	if (!local)
		e = directory_is_local(t, folded.domain, &local);
	if (e != OK || !local)
		return e;
	first.address = folded;
	e = srs_is(rcpt.local) ? bounce_find(&w, rcpt, &first) : OK;
	if (e != OK)
		return e;
	visit_push(&w, &first, first.address, STR_EMPTY);
	for (size_t i = 0; e == OK && i < w.count && !w.limited; i++) {
		struct visit v = w.visits[i]; /* the array may move */

		e = visit(&w, &v);
	}
	if (e != OK)
		return e;
	out->verdict = verdict(&w);
	if (out->verdict != RESOLVE_OK)
		out->count = 0;
	detail_restore(&w, rcpt.local);
	return OK;
}
