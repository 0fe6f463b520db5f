/* model/remote/remote.h: stored data about remote domains: their TLS policies (MTA-STS, RFC 8461),
 * and results of TLS with their servers (RFC 8460).
 *
 * protocols/smtp_out/ calls sts_find (sts.h) before it delivers to a domain, and tls_note
 * (evidence.h) after each session. Two spaces, written by this folder only:
 *
 *	sts:          domain       -> its policy, as last fetched
 *	tls_evidence: day, domain  -> sessions of that day: successes and failures
 *
 * A service thread renews policies before they expire, writes pending notes, and removes old
 * rows. */
#ifndef REMOTE_H
#define REMOTE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct dns;
struct live;
struct remotes;
struct store;
struct sts_answer;
struct trust;

/* The result of a request for a policy to an HTTPS server; sts_fetch.h. */
typedef void sts_fetch_fn(void *arg, struct str domain, struct arena *a, struct sts_answer *out);

/* Everything is borrowed and outlives it. */
struct remotes_config {
	struct store *store;
	struct dns *dns;
	struct live *live;
	sts_fetch_fn *fetch; /* for tests: replaces HTTPS, and the thread renews nothing; else
			      * NULL */
	void *fetch_arg;
};

/* Starts the thread. */
enum err remotes_open(const struct remotes_config *config, struct remotes **out,
                     struct why *why) MUST_USE;
/* Cancel fetches; waiting callers get sts_found.halted. NULL is a no-op. */
void remotes_halt(struct remotes *r);
/* Writes pending notes. NULL is a no-op; clears *r. */
void remotes_close(struct remotes **r);

/* The roots that outgoing TLS trusts: those of the file ROOST_SMTP_OUT_CA, which *own then
 * contains, for the caller to free; otherwise, and when the file is unusable, the built-in ones,
 * with *own NULL. why names the setting. */
enum err remote_trust(struct str ca, struct trust **own, const struct trust **out,
                      struct why *why) MUST_USE;
/* Is the file usable? For the check of the setting. */
enum err remote_trust_check(struct str ca, struct why *why) MUST_USE;

#endif
