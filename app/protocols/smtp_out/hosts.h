/* protocols/smtp_out/hosts.h: whom of a route's hosts a message can still be brought to: each
 * has its turn until one has said the last word (RFC 5321 5.1). Hosts are told apart by hop, all
 * hops of one are marked alike. */
#ifndef SMTP_OUT_HOSTS_H
#define SMTP_OUT_HOSTS_H
#include "protocols/smtp_out/session.h"

/* All zero: nobody was asked yet. */
struct out_hosts {
	/* It would not talk to us, with such a wish; for as long as this lasts. */
	bool shut[OUT_TLS_WISHES][OUT_HOPS_MAX];
	bool used[OUT_HOPS_MAX];  /* it is having the message at hand */
	bool asked[OUT_HOPS_MAX]; /* it has had it                     */
};

/* Another message: nobody was asked for it. */
void out_hosts_begin(struct out_hosts *h);
/* The session's host is having the message. */
void out_hosts_use(struct out_hosts *h, const struct out_session *s);
/* Whoever was having it has had it. */
void out_hosts_next(struct out_hosts *h);

/* Has somebody had the message? */
bool out_hosts_any_asked(const struct out_hosts *h);
/* Is there one that neither has nor had it, and may talk to us? */
bool out_hosts_left(const struct out_hosts *h, const struct out_route *route,
                    enum out_tls_wish wish);

/* out_session_open with the first of those who have not had the message. */
enum err out_hosts_open(struct out_hosts *h, struct out_session *s, const struct out_route *route,
                        enum out_tls_wish wish) MUST_USE;

#endif
