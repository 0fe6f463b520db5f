/* protocols/smtp_out/probe.h: would mail get out? A connection as a delivery makes it, without a
 * message. */
#ifndef SMTP_OUT_PROBE_H
#define SMTP_OUT_PROBE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct dns;
struct settings;

struct out_probe {
	struct dns *dns;
	const struct settings *settings; /* host name, port of other servers, smarthost's roots */
	struct str smarthost;   /* as in the settings; empty: by the MX records of destination  */
	struct str destination; /* a domain                                                     */
	int64_t patience_ms;    /* for each answer; at most three hosts are tried                */
};

/* Connect, greet, TLS where it is offered, log in where a smarthost has a login; then QUIT.
 * *remote, in a, is who answered, "mx.example.net [192.0.2.1]", or who was tried last.
 * ERR_RETRY: why has the words of the remote or of the network. ERR_SYNTAX: the smarthost. */
enum err out_probe(const struct out_probe *p, struct arena *a, struct str *remote,
                   struct why *why) MUST_USE;

#endif
