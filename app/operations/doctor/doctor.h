/* operations/doctor/doctor.h: the DNS doctor of a running server: looks at each domain's records
 * and at this host's now and then, keeps what was found, and tells when something that was right
 * goes wrong.
 *
 *	finding.h      what was found
 *	examine.h      one look at a domain, or at the host
 *	part_look.h    a look, what is kept of it, what is news
 *	watch.h        the rows that are kept; what is to be told
 *	notification.c         the mail that tells it
 *	sentences.def  all verdicts and advice
 *	doctor.c       when, by which thread
 *	self_test.h    a message from here to here, judged as a receiver judges it
 *	self_tests.h   those that run, and the last one of each person
 *
 * A part is a domain of ours, or the host, whose name is the empty one. Parts are looked at by a
 * few threads of the doctor's own, so that name servers that are dead hold their domain only, and
 * nobody who asks the doctor waits. */
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

/* What was found when a part was looked at last. */
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
