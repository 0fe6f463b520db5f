/* protocols/smtp_out/probe.h: tests outgoing mail: a connection like that of a delivery,
 * without a message. */
#ifndef SMTP_OUT_PROBE_H
#define SMTP_OUT_PROBE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct dns;
struct settings;

struct out_probe {
	struct dns *dns;
	const struct settings *settings; /* host name, port of remote servers, roots of
	                                  * the smarthost */
	struct str smarthost;   /* as in the settings; empty: by the MX records of destination */
	struct str destination; /* a domain */
	int64_t patience_ms;    /* timeout of each reply; at most three hosts are tried */
};

/* Connect, read the greeting, use TLS if offered, log in if the smarthost has a login;
 * then QUIT. *remote, in a, is the server that answered, "mx.example.net [192.0.2.1]", or
 * the last one tried. ERR_RETRY: why has the reply of the remote or the network error.
 * ERR_SYNTAX: the smarthost setting. */
enum err out_probe(const struct out_probe *p, struct arena *a, struct str *remote,
                   struct why *why) MUST_USE;

#endif
