/* protocols/smtp_out/hosts.h: the hosts of a route that a message can still be delivered
 * to. They are tried in turn until one gives a permanent answer (RFC 5321 5.1). Hosts are
 * identified by hop; all hops of a host get the same marks. */
#ifndef SMTP_OUT_HOSTS_H
#define SMTP_OUT_HOSTS_H
#include "protocols/smtp_out/session.h"

/* All zero: no host was tried. */
struct out_hosts {
	/* The host refused a session for this need of TLS; valid while this struct
	 * lasts. */
	bool shut[OUT_TLS_NEEDS][OUT_HOPS_MAX];
	bool used[OUT_HOPS_MAX];  /* it has the current message now */
	bool asked[OUT_HOPS_MAX]; /* the current message was tried there */
};

/* Begin another message: no host was tried for it. */
void out_hosts_begin(struct out_hosts *h);
/* The session's host gets the message. */
void out_hosts_use(struct out_hosts *h, const struct out_session *s);
/* The used host becomes a tried one. */
void out_hosts_next(struct out_hosts *h);

/* Was the message tried at any host? */
bool out_hosts_any_asked(const struct out_hosts *h);
/* Is there a host that was not tried for the message and has not refused a session? */
bool out_hosts_left(const struct out_hosts *h, const struct out_route *route,
                    enum out_tls_need need);

/* out_session_open with the first of the hosts that are left. */
enum err out_hosts_open(struct out_hosts *h, struct out_session *s, const struct out_route *route,
                        enum out_tls_need need) MUST_USE;

#endif
