/* operations/doctor/self_test/self_arrival.h: the steps of a self-test after our own port 25 has
 * taken the message: it is waited for in the mailbox, and what the server wrote on it is read
 * and explained. */
#ifndef DOCTOR_SELF_ARRIVAL_H
#define DOCTOR_SELF_ARRIVAL_H
#include "formats/message/mailaddr.h"
#include "operations/doctor/server/server_checks.h"

#include <stdatomic.h>

struct store;
struct trace;

struct self_arrival {
	struct store *store;
	const struct settings *settings;
	const atomic_bool *stop; /* give up soon once it is set; may be NULL       */
	struct mailaddr to;
	struct str message_id; /* with its angle brackets                        */
	struct addr peer;      /* as whom the server has seen who brought it     */
	struct addr outside;   /* as whom others see us; ADDR_NONE: not known    */
	int64_t began_ms;      /* when it was written (clock_mono_ms)            */
	struct arena *a;       /* where strings live                             */
	/* results of the waiting */
	struct str header;   /* as it lies in a mailbox; empty: it was not found there */
	bool junk;           /* that is Junk                                           */
	struct str owner;    /* whose mailbox                                          */
	struct trace *trace; /* NULL: none is kept                                     */
	int64_t took_ms;
};

/* Wait, and append the steps. Blocks, for SELF_ARRIVAL_MS at most. */
enum { SELF_ARRIVAL_MS = 15000 };
void self_arrival(struct self_arrival *s, struct checks *out);

/* The steps by themselves, for tests. Pure. */
void self_judge_results(const struct self_arrival *s, struct checks *out);
void self_judge_filters(const struct self_arrival *s, struct checks *out);
void self_judge_delivery(const struct self_arrival *s, struct checks *out);

#endif
