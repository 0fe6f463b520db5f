/* protocols/smtp_out/idle.h: unused sessions, kept for a short time. The next batch for
 * the same host then needs no connection, TLS handshake or login.
 *
 * A session is reused for the same host and address, with the same route, source, proxy,
 * host name and login, under the same settings. Its TLS must meet the message's demand by
 * the facts of its start (out_tls_check), with the same TLSA records. A session whose
 * remote has sent anything or hung up is not used. If it does so just then, no attempt is
 * counted (transaction.h). Thread-safe; nothing here waits for a socket. */
#ifndef SMTP_OUT_IDLE_H
#define SMTP_OUT_IDLE_H
#include "foundation/base/list.h"
#include "protocols/smtp_out/session.h"

struct out_idle;
struct settings;

/* For at most max sessions; 0 is allowed. */
struct out_idle *out_idle_new(size_t max);
/* NULL is a no-op; clears *i. Closes its sessions without QUIT. */
void out_idle_free(struct out_idle **i);

/* Keep s, which is open and between transactions, until until_ms (clock_mono_ms); s is
 * closed afterwards. Takes its own reference on settings, under which s was opened.
 * False: no room, s is unchanged. */
bool out_idle_put(struct out_idle *i, struct out_session *s, const struct settings *settings,
                  int64_t until_ms) MUST_USE;

/* Move a session with hop that meets s->demand into s, which is closed. hop and s->route
 * become those of s. False: there is none. */
bool out_idle_take(struct out_idle *i, struct out_session *s, const struct settings *settings,
                   const struct out_hop *hop) MUST_USE;

/* Move an expired session (all: any) into s, to be closed with QUIT. False: there is
 * none. */
bool out_idle_pop(struct out_idle *i, int64_t now_ms, bool all, struct out_session *s) MUST_USE;
/* When the next one expires; INT64_MAX: never. */
int64_t out_idle_next(struct out_idle *i);

#endif
