/* protocols/smtp_out/idle.h: sessions that nobody uses at the moment, kept for a short while: the
 * next batch for the same host needs no connection, no TLS and no login then.
 *
 * A session is found again by whoever would have opened one just like it: the same host and
 * address, in the same manner (route, source, proxy, our name, login) by the same settings. It
 * fits only a demand of TLS that is met by what was looked at when it began (out_tls_check), with
 * the same TLSA records where there are any. The remote may have left meanwhile: who has said
 * anything, or hung up, is not used; who does so just then costs no attempt (transaction.h).
 *
 * Thread-safe; nothing here waits for a socket. */
#ifndef SMTP_OUT_IDLE_H
#define SMTP_OUT_IDLE_H
#include "foundation/base/list.h"
#include "protocols/smtp_out/session.h"

struct out_idle;
struct settings;

/* Room for max sessions; 0 is fine. */
struct out_idle *out_idle_new(size_t max);
/* NULL is a no-op; clears *i. What is in it is closed without QUIT. */
void out_idle_free(struct out_idle **i);

/* Keep s, which is open and in the middle of nothing, until until_ms (clock_mono_ms); s is
 * closed afterwards. Borrows settings, by which it was opened, with a reference of its own. False:
 * s is as it was, since there is no room. */
bool out_idle_put(struct out_idle *i, struct out_session *s, const struct settings *settings,
                  int64_t until_ms) MUST_USE;

/* A session with hop for a message that demands s->demand, taken into s, which is closed; hop and
 * s->route are its own from then on. False: there is none. */
bool out_idle_take(struct out_idle *i, struct out_session *s, const struct settings *settings,
                   const struct out_hop *hop) MUST_USE;

/* Take one whose time is over (all: any one) into s, to be closed with QUIT. False: there is
 * none. */
bool out_idle_pop(struct out_idle *i, int64_t now_ms, bool all, struct out_session *s) MUST_USE;
/* When the next one's time is over; INT64_MAX: never. */
int64_t out_idle_next(struct out_idle *i);

#endif
