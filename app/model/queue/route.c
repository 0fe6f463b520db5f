/* model/queue/route.c: decides the route; see route.h. */
#include "model/queue/route.h"

#include "formats/message/header.h"
#include "foundation/base/cur.h"
#include "model/queue/take.h"

#define BY_MX STR("mx")

/* --- matching ------------------------------------------------------------------------------- */

/* The next pattern of a comma list. */
static struct str pattern_next(struct cur *c)
{
	struct str s;

	if (cur_until(c, ',', &s))
		cur_skip(c, 1);
	else
		cur_take(c, cur_left(c), &s);
	return str_trim(s);
}

static bool address_fits(struct str pattern, const struct mailaddr *address)
{
	char text[MAILADDR_LOCAL_MAX + MAILADDR_DOMAIN_MAX + 2];
	struct str whole;

	if (str_eq(pattern, STR("<>")))
		return mailaddr_is_null(address);
	if (mailaddr_is_null(address))
		return false;
	if (str_find_byte(pattern, '@') < 0)
		return rule_fits(pattern, address->domain);
	whole = str_from(text, MIN(sizeof text, address->local.n + 1 + address->domain.n));
	for (size_t i = 0; i < whole.n; i++)
		text[i] = i < address->local.n    ? address->local.p[i]
		          : i == address->local.n ? '@'
		                                  : address->domain.p[i - address->local.n - 1];
	return rule_fits(pattern, whole);
}

bool route_address_fits(struct str patterns, const struct mailaddr *address)
{
	struct cur c = cur_of(patterns);

	while (!cur_done(&c))
		if (address_fits(pattern_next(&c), address))
			return true;
	return false;
}

bool route_header_fits(struct str pattern, struct str header)
{
	ptrdiff_t colon = str_find_byte(pattern, ':');
	size_t end = colon < 0 ? pattern.n : (size_t)colon;
	struct str name = str_trim(str_sub(pattern, 0, end));
	struct str wanted = str_trim(str_sub(pattern, MIN(end + 1, pattern.n), pattern.n));
	struct cur c = cur_of(header);
	struct header_field field;

	while (header_next(&c, &field))
		if (str_eqi(field.name, name) && (wanted.n == 0 || rule_fits(wanted, field.value)))
			return true;
	return false;
}

static bool fits(const struct route *route, const struct route_ask *ask,
                 const struct mailaddr *rcpt)
{
	struct mailaddr account = { ask->account, STR_EMPTY };
	ptrdiff_t at = str_rfind_byte(ask->account, '@');

	if (at >= 0)
		account = (struct mailaddr){ str_sub(ask->account, 0, (size_t)at),
			                     str_sub(ask->account, (size_t)at + 1,
			                             ask->account.n) };
	return (route->to.n == 0 || route_address_fits(route->to, rcpt)) &&
	       (route->from.n == 0 ||
	        route_address_fits(route->from, &ask->item->envelope.sender)) &&
	       (route->account.n == 0 || route_address_fits(route->account, &account)) &&
	       (route->header.n == 0 || route_header_fits(route->header, ask->header));
}

/* --- the destination ------------------------------------------------------------------------- */

const struct route *route_find(const struct routes *r, struct str name)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_eq(r->items[i].name, name))
			return &r->items[i];
	return NULL;
}

/* The destination for a route or relay by name, or for default MX. */
static struct str key_of_name(const struct routes *r, struct str name, struct str domain,
                              struct arena *a)
{
	const struct route *route = route_find(r, name);

	if (route != NULL ? route->plain : str_eqi(name, BY_MX))
		return domain;
	if (route != NULL && route->kind == ROUTE_MX)
		return str_fmt(a, "@%.*s/%.*s", STR_ARG(name), STR_ARG(domain));
	return str_fmt(a, "@%.*s", STR_ARG(name));
}

static struct str key_of_route(const struct routes *r, const struct route *route,
                               const struct route_ask *ask, struct str domain, struct arena *a)
{
	bool tired = route->fallback.n != 0 &&
	             queue_attempts_by(ask->item, route->plain ? STR_EMPTY : route->name) >=
	                     route->after;

	return key_of_name(r, tired ? route->fallback : route->name, domain, a);
}

static struct str key_by_rules(const struct routes *r, const struct route_ask *ask,
                               const struct mailaddr *rcpt, struct arena *a)
{
	struct str chosen = ask->item->envelope.route;
	const struct route *route = chosen.n != 0 ? route_find(r, chosen) : NULL;

	if (route != NULL)
		return key_of_route(r, route, ask, rcpt->domain, a);
	if (chosen.n != 0)
		return key_of_name(r, chosen, rcpt->domain, a);
	for (size_t i = 0; i < r->count; i++)
		if (fits(&r->items[i], ask, rcpt))
			return key_of_route(r, &r->items[i], ask, rcpt->domain, a);
	return r->smarthost ? STR_EMPTY : rcpt->domain;
}

static bool rests(const struct route_ask *ask, struct str key, struct str domain)
{
	for (size_t i = 0; i < ask->rest_count; i++)
		if (str_eqi(ask->rests[i], domain) || str_eqi(ask->rests[i], key))
			return true;
	return false;
}

/* No route may have the name "(smarthost)". */
struct str route_destination(const struct routes *r, const struct route_ask *ask,
                             const struct mailaddr *rcpt, struct arena *a)
{
	struct str key, name, domain, apart;

	if (ask->item->envelope.flags & ENVELOPE_LATER)
		return ROUTE_LATER_KEY;
	key = key_by_rules(r, ask, rcpt, a);
	route_key_split(key, &name, &domain);
	if (ask->rest_count == 0 || domain.n != 0)
		return key;
	apart = str_fmt(a, "@%.*s/%.*s", STR_ARG(key.n != 0 ? name : STR("(smarthost)")),
	                STR_ARG(rcpt->domain));
	return rests(ask, apart, rcpt->domain) ? apart : key;
}

void route_key_split(struct str destination, struct str *name, struct str *domain)
{
	ptrdiff_t slash = str_find_byte(destination, '/');

	*name = *domain = STR_EMPTY;
	if (!str_starts(destination, STR("@"))) {
		*domain = destination;
		return;
	}
	*name = str_sub(destination, 1, slash < 0 ? destination.n : (size_t)slash);
	if (slash >= 0)
		*domain = str_sub(destination, (size_t)slash + 1, destination.n);
}
