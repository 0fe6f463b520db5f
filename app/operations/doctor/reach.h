/* operations/doctor/reach.h: is it the zone's name servers that are down, or are we cut off?
 * Somebody else's domain tells: that of ROOST_LOOK_DOMAIN. */
#ifndef DOCTOR_REACH_H
#define DOCTOR_REACH_H
#include "operations/doctor/asked.h"

enum reach {
	REACH_NOBODY,
	REACH_RESOLVER,    /* one that is not of this network finds that domain           */
	REACH_AUTHORITIES, /* its own servers answer us: port 53 is open to the world, and
	                    * nobody in between answers in their place                    */
};

/* Is there a way from this machine to such an address at all? To none by IPv6, where it has no
 * IPv6. Asks nobody. */
bool reach_way(const struct addr *to);

/* Ask as x does, until its deadline at most. REACH_NOBODY where there is no such domain set. */
enum reach reach_find(const struct asked *x, const struct settings *s);

#endif
