/* network/runtime/places.c: see places.h. */
#include "network/runtime/places.h"

#include "foundation/config/limits.h"

#include <string.h>

enum supply { SUPPLY_CONNECTIONS, SUPPLY_DESCRIPTORS, SUPPLIES };

struct place *places_of(struct places *p, const char *name, unsigned descriptors)
{
	size_t count = p->count;

	for (size_t i = 0; i < count; i++)
		if (strcmp(p->services[i].name, name) == 0)
			return &p->services[i];
	assert(count < PLACES_SERVICES_MAX);
	p->services[count].name = name;
	p->services[count].descriptors = descriptors;
	p->count = count + 1;
	return &p->services[count];
}

/* --- one limit ---------------------------------------------------------------- */

static unsigned need_of(const struct place *s, enum supply what)
{
	return what == SUPPLY_CONNECTIONS ? 1 : s->descriptors;
}

static uint64_t taken_by(const struct place *s, enum supply what)
{
	return (uint64_t)s->open * need_of(s, what);
}

static uint64_t supply_max(const struct places *p, enum supply what)
{
	return what == SUPPLY_CONNECTIONS ? p->connections_max : p->descriptors_max;
}

static uint64_t reserve_of(const struct places *p, const struct place *s, enum supply what)
{
	uint64_t part = supply_max(p, what) / 2 / p->count;

	return MIN((uint64_t)LIMIT_conn_reserve * need_of(s, what), part);
}

static bool within_reserve(const struct places *p, const struct place *s, enum supply what)
{
	return taken_by(s, what) + need_of(s, what) <= reserve_of(p, s, what);
}

static bool supply_has_room(const struct places *p, const struct place *wanted, enum supply what)
{
	uint64_t used = need_of(wanted, what);

	for (size_t i = 0; i < p->count; i++) {
		const struct place *s = &p->services[i];
		uint64_t taken = taken_by(s, what);

		used += taken;
		/* Reserves of other services are not available, used or not. */
		if (s != wanted && !within_reserve(p, wanted, what))
			used += MAX(reserve_of(p, s, what), taken) - taken;
	}
	return used <= supply_max(p, what);
}

/* ------------------------------------------------------------------------------ */

bool places_have_room(const struct places *p, const struct place *wanted)
{
	for (enum supply what = 0; what < SUPPLIES; what++)
		if (!supply_has_room(p, wanted, what))
			return false;
	return true;
}

/* Descriptors that a service frees within its reserve remain its own. */
bool places_would_gain(const struct places *p, const struct place *victim,
                       const struct place *wanted)
{
	if (victim == wanted)
		return true;
	for (enum supply what = 0; what < SUPPLIES; what++)
		if (!supply_has_room(p, wanted, what) &&
		    taken_by(victim, what) <= reserve_of(p, victim, what))
			return false;
	return true;
}
