/* network/runtime/places.h: how the services share the limits of connections, for runtime/ only.
 *
 * There are two limits: connections (a setting) and file descriptors. Each service has a reserve of
 * both that no other service can take: LIMIT_conn_reserve connections, or its share of one half of
 * the limit if that is less. All services share the rest. */
#ifndef RUNTIME_PLACES_H
#define RUNTIME_PLACES_H
#include "foundation/base/util.h"

#include <stdatomic.h>

enum { PLACES_SERVICES_MAX = 16 };

struct place {
	const char *name;     /* of the service: "imaps"                     */
	unsigned descriptors; /* that one of its connections uses */
	atomic_uint open;     /* its connections                             */
};

struct places {
	atomic_uint connections_max, descriptors_max;
	struct place services[PLACES_SERVICES_MAX];
	atomic_size_t count; /* of services; they are added only */
};

/* The row of a service; the first call adds it. The caller serialises calls. */
struct place *places_of(struct places *p, const char *name, unsigned descriptors);
/* May this service open one more connection? */
bool places_have_room(const struct places *p, const struct place *wanted);
/* When wanted has no room: would closing a connection of victim make room for it? */
bool places_would_gain(const struct places *p, const struct place *victim,
                       const struct place *wanted);

#endif
