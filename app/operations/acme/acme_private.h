/* operations/acme/acme_private.h: what the files of this folder share, by file. */
#ifndef ACME_PRIVATE_H
#define ACME_PRIVATE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/base/util.h"
#include "operations/acme/order.h"
#include "operations/acme/plan.h"

struct arena;
struct job;
struct order;
struct work;

/* --- info.c --------------------------------------------------------------------------------- */

/* Renewal information: the CA's suggested time of renewal (RFC 9773). */

/* The CA's identifier of a certificate (RFC 9773 4.1), in a; empty if it has none. */
struct str info_id(struct str chain_pem, struct arena *a);
/* Request the renewal information if the CA offers it and the time has come. Sets the
 * row's due_ms and saves it. If the CA does not respond, only the time of the next
 * request changes. */
void info_ask(struct job *j);

/* --- job.c ---------------------------------------------------------------------------------- */

/* Work on one certificate: order, renewal, revocation. On acme's thread only. */

struct job {
	struct work *w;
	struct arena arena; /* secret */
	const struct wanted *wanted;
	struct cert_row row;
	bool requested;   /* an administrator has requested it */
	uint64_t request; /* number of that request            */
};

/* Order or renew the certificate if it is due. Returns when it is due next. */
int64_t job_do(struct work *w, const struct wanted *wanted);

/* job_names.c: the names to order now, without those left out for some time. */
struct names job_names(struct job *j);
/* Leave out a name that failed for a day, and log it, so that the other names get their
 * certificate. False: not possible for the first name, which the certificate is made
 * for. */
bool job_leave_out(struct job *j, struct str name, const char *problem);

/* revoke.c: execute pending revocations, and remove these certificates and their keys.
 * *next_ms as work_round. */
void revocations_do(struct work *w, int64_t *next_ms);

/* --- next_key.c ----------------------------------------------------------------------------- */

/* The next key of the host's certificate, if keys are published before use (TLSA records, RFC
 * 7671 8.1). It is made as soon as there is none, and used once it is known. Until then the
 * current key stays, whatever the settings are, so no unpublished key is ever used. * In
 * SPACE_ACME, as "k" and the certificate's id: separate from the certificate's row, so that it
 * remains when that is revoked and removed with its key. */

/* Set the keys that an order may use: o->next_key_pem and o->reuse_key. For other
 * certificates, or if keys are not published, by the settings. */
void next_key_choose(struct job *j, struct order *o);
/* Make sure that a next key exists and is not the current one. */
void next_key_ensure(struct job *j);

/* --- ordering ------------------------------------------------------------------------------- */

/* The steps of an order. Private to order*.c.
 *  * 	order.c        its states, the certificate request, the chain
 *	order_begin.c  a new order
 *	order_prove.c  authorizations: proves control of each name. */

/* Create an order for o->names at the CA; stores its URL in the row. */
enum err order_begin(struct order *o, struct why *why) MUST_USE;
/* Prove every name that a still requires. ERR_DENIED: the proof of o->refused failed. */
enum err order_prove(struct order *o, const struct answer_order *a, struct why *why) MUST_USE;

/* Wait before poll number turn: for the CA's Retry-After, else longer each time. False:
 * return order_stopped. */
bool order_pause(struct order *o, const struct reply *r, unsigned turn);
enum err order_stopped(struct why *why) MUST_USE;

/* --- schedule.c ----------------------------------------------------------------------------- */

/* Times of renewals and retries. Pure: time and chance are arguments. */

enum { SCHEDULE_CHANCES = 1000 };
/* chance: uniform in [0, SCHEDULE_CHANCES), so that servers started together diverge. All
 * times in ms of the real clock. */

/* When to renew a certificate: at a third of its life left, or half for a life of ten
 * days or less, and randomly up to a twentieth of its life earlier. */
int64_t schedule_renewal_ms(int64_t not_before_ms, int64_t not_after_ms, uint64_t chance);

/* When to retry after failures (at least 1) in a row: after ten minutes, doubled each
 * time up to a day, a fifth more or less at random; not before asked_ms of the CA. */
int64_t schedule_retry_ms(int64_t now_ms, uint64_t failures, int64_t asked_ms, uint64_t chance);

#endif
