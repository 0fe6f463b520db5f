/* operations/doctor/doctor.h: the DNS doctor of a running server: checks the records of each
 * domain and of this host at intervals, stores the findings, and sends a notification when a
 * correct record becomes wrong.
 *
 *	records/       the records that a domain should have, and their state
 *	meaning/       how each kind of record is judged
 *	own/           facts about this server
 *	examine/       one check of a domain or of the host; part_check.h compares it with the last
 *	server/        checks of the network around the server, also during setup
 *	self_test/     a message to this server itself, judged like a receiver judges it
 *	finding.h      the result of one check
 *	watch.h        the stored results, and pending notifications
 *	notification.c the mail with them
 *	sentences.def  all verdicts and advice
 *	doctor.c       the schedule and the threads
 *
 * A part is a local domain, or the host, whose name is the empty one. The doctor has a few threads
 * of its own: a name server that does not answer delays its own domain only, and callers do not
 * wait. */
#ifndef DOCTOR_H
#define DOCTOR_H
#include "operations/doctor/finding.h"
#include "operations/doctor/self_test/self_test.h"

struct certs;
struct delivery;
struct doctor;
struct live;
struct runtime;
struct store;

struct doctor_config {
	struct store *store;
	struct live *live;
	struct certs *certs;
	const struct delivery *delivery;
	struct runtime *runtime; /* used in doctor_test_begin only: it goes before the doctor */
};

enum err doctor_start(const struct doctor_config *config, struct doctor **out,
                      struct why *why) MUST_USE;
/* NULL is a no-op. False: a look still waits for somebody at the deadline (clock_mono_ms), and
 * nothing was freed. */
bool doctor_stop(struct doctor **d, int64_t deadline_ms) MUST_USE;

/* Look at a part now; any thread, never waits. */
void doctor_look(struct doctor *d, struct str part);

/* The findings of the last check of a part. */
struct doctor_report {
	bool looking;                    /* it is looked at just now, or will be at once */
	int64_t looked_ms;               /* 0: it was not yet                            */
	const struct findings *findings; /* none then; borrowed until doctor_report_end */
	struct doctor_result *result;    /* private */
};
/* A part that was never looked at is looked at at once. Any thread, never waits. */
void doctor_report_begin(struct doctor *d, struct str part, struct doctor_report *out);
void doctor_report_end(struct doctor_report *r);

/* How many findings fail in all parts that were checked; *parts, in a, names each of them with its
 * own number, as the console counts them: "example.org (2), this server (1)". Any thread, never
 * waits. */
size_t doctor_wrong(struct doctor *d, struct arena *a, struct str *parts);

/* Drop what was found and check every part again: the host name has changed. Any thread, never
 * waits. */
void doctor_restart(struct doctor *d);

/* Begin a self-test for somebody, and the last one of his, or how far it is: as
 * operations/doctor/self_test/self_tests.h has it. */
enum err doctor_test_begin(struct doctor *d, struct str who, struct str domain, struct str from,
                           struct str to, struct why *why) MUST_USE;
void doctor_test_get(struct doctor *d, struct str who, struct arena *a, struct self_test *out);

#endif
