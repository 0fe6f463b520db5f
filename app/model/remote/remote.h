/* model/remote/remote.h: what is known of other mail domains: what they say of the way to them
 * (MTA-STS, RFC 8461), and how TLS went with their servers (RFC 8460).
 *
 * Chapter. protocols/smtp_out/ asks sts_find (sts.h) before it sends to a domain, and tells of each
 * session by tls_note (evidence.h). Two spaces, written by this folder only:
 *
 *	sts:          domain       -> its policy, as it was fetched last
 *	tls_evidence: day, domain  -> sessions of that day: how many went well, what went wrong
 *
 * A thread of our own fetches policies anew before they expire, writes notes down that gathered
 * in memory, and forgets what is old. */
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

/* What an HTTPS server gave for a policy, or did not; sts_fetch.h. */
typedef void sts_fetch_fn(void *arg, struct str domain, struct arena *a, struct sts_answer *out);

/* Everything is borrowed and outlives it. */
struct remotes_config {
	struct store *store;
	struct dns *dns;
	struct live *live;
	sts_fetch_fn *fetch; /* tests: instead of HTTPS, and the thread renews nothing; NULL else */
	void *fetch_arg;
};

/* Starts the thread. */
enum err remotes_open(const struct remotes_config *config, struct remotes **out,
                     struct why *why) MUST_USE;
/* Give up what is being fetched: those who wait are told so (sts_found.halted). NULL is a
 * no-op. */
void remotes_halt(struct remotes *r);
/* Writes what has gathered. NULL is a no-op; clears *r. */
void remotes_close(struct remotes **r);

/* The roots that outgoing TLS believes: those of the file that ROOST_SMTP_OUT_CA names, which
 * *own holds then, to be freed after use; else, and when they cannot be had, those built in, and
 * *own is NULL. why names the setting. */
enum err remote_trust(struct str ca, struct trust **own, const struct trust **out,
                      struct why *why) MUST_USE;
/* Could they be had? For the check of the setting. */
enum err remote_trust_check(struct str ca, struct why *why) MUST_USE;

#endif
