/* operations/doctor/doctor_private.h: what the files of this folder share, by file. */
#ifndef DOCTOR_PRIVATE_H
#define DOCTOR_PRIVATE_H
#include "operations/doctor/name_servers.h"
#include "operations/doctor/server/server_checks.h"

struct delivery;
struct store;
struct watch_list;

/* --- views.c: queries to all name servers in parallel ----------------------------------------- */

/* Fill in the views of n findings, of which name and type are set: the answers of each resolver,
 * and of each server of the zone that the name is in. The state of the views is not set. Blocks
 * until x's deadline at most. */
void views_ask(const struct asked *x, struct finding *const *findings, size_t n);
/* The answers of a zone's servers for its SOA record, which asked_find has stored. */
void views_of_zone(const struct asked *x, const struct asked_zone *z, struct finding *f);
/* The first answers of the resolvers, when none of them found the zone. */
void views_of_resolvers(const struct asked *x, struct finding *f);

/* --- zone_reachability.c: is the zone down, or this machine cut off? -------------------------- */

/* Tested with a domain of somebody else, that of ROOST_DOCTOR_TEST_DOMAIN. */
enum reach {
	REACH_NOBODY,
	REACH_RESOLVER,    /* a resolver outside of this network finds that domain      */
	REACH_AUTHORITIES, /* its own servers answer: port 53 is open, and no middlebox
	                    * answers in their place                                    */
};
/* Query as x does, until its deadline at most. REACH_NOBODY when no such domain is set. */
enum reach reach_find(const struct asked *x, const struct settings *s);
/* Has this machine a route to the address? Sends nothing. */
bool reach_way(const struct addr *to);

/* --- verdict.c: from the views of a record to its state --------------------------------------- */

/* Set the state of f's views, and f's state, words and advice, in j->a; then the expected value
 * and the line to paste, by what is there. Queries only what dns_check.h does.
 *
 *	the zone's servers      resolvers
 *	all right               all right       correct
 *	all right               some not        correct; caches have the previous answer
 *	some right              any             the servers differ: a transfer is missing
 *	none right              some right      correct until recently: caches remember it
 *	none right              none right      missing, or wrong
 *	none answered           some right      resolvers differ
 *
 * Servers that do not answer do not count; when none answers, the state is unknown. */
void verdict_make(struct finding *f, const struct dns_record *r, struct dns_judging *j);
/* Of the servers of a zone, whose views have its SOA record: do all answer, with one version? When
 * none does, the state is DNS_STATE_UNKNOWN: this machine may be cut off. */
void verdict_servers(struct finding *f, struct arena *a);
/* This machine is not cut off: the zone's servers do not answer, or (views of resolvers) no
 * resolver finds the zone. */
void verdict_dead(struct finding *f, struct arena *a);

/* --- notification.c: mail to administrators about changed states ------------------------------ */

/* Send what is new. The postmaster at the host's name receives everything, administrators of
 * domains receive what concerns them. Where mail is off it counts as sent. *more: there is more
 * than one message takes. Blocks for the store only. On an error nothing counts as sent; some may
 * have received it. */
enum err news_tell(struct store *store, const struct delivery *delivery,
                   const struct settings *settings, bool *more, struct why *why) MUST_USE;
/* The message, in a. domains: only these, separated by blanks; NULL: all. Empty: there is nothing
 * new. */
struct str news_write(const struct watch_list *news, const struct str *domains, struct str to,
                      struct str hostname, struct arena *a);

/* --- server_checks.c, look_source.c ----------------------------------------------------------- */

/* clock_mono_ms when the DNS queries of one check give up. */
int64_t look_deadline_ms(void);
/* "192.0.2.1, 2001:db8::1", in l->a. */
struct str look_addresses_text(const struct look *l, const struct dns_addr_list *list);
void look_source(const struct look *l, struct checks *out);

#endif
