/* operations/doctor/zone_reachability.c: see doctor_private.h. */
#include "operations/doctor/doctor_private.h"

#include "foundation/config/settings.h"

#include <sys/socket.h>
#include <unistd.h>

static bool answers(const struct asked_zone *z)
{
	for (size_t i = 0; i < z->count; i++)
		if (z->servers[i].dumb == NULL)
			return true;
	return false;
}

/* One in the house may find a name that it remembers, while nobody outside can be reached. */
static bool outsider_finds(const struct asked *x)
{
	for (size_t i = 0; i < x->resolver_count; i++)
		if (x->resolvers[i].dumb == NULL && !addr_is_private(&x->resolvers[i].at))
			return true;
	return false;
}

/* To connect a socket for datagrams sends nothing: the kernel only looks for a way. */
bool reach_way(const struct addr *to)
{
	struct sockaddr_storage address;
	socklen_t n = addr_to_socket(to, &address);
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool way = fd >= 0 && connect(fd, (struct sockaddr *)&address, n) == 0;

	if (fd >= 0)
		close(fd);
	return way;
}

enum reach reach_find(const struct asked *x, const struct settings *s)
{
	struct asked other = {
		.deadline_ms = x->deadline_ms, .stop = x->stop, .a = x->a, .port = x->port
	};
	const struct asked_zone *z;

	if (s->doctor_test_domain.n == 0)
		return REACH_NOBODY;
	asked_resolvers(&other, s);
	asked_find(&other, &s->doctor_test_domain, 1);
	z = asked_zone_of(&other, s->doctor_test_domain);
	if (z != NULL && answers(z))
		return REACH_AUTHORITIES;
	return outsider_finds(&other) ? REACH_RESOLVER : REACH_NOBODY;
}
