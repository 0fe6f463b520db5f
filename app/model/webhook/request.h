/* model/webhook/request.h: a POST to somebody's program, signed as Standard Webhooks has it
 * (https://www.standardwebhooks.com): webhook-id, webhook-timestamp, webhook-signature. */
#ifndef WEBHOOK_REQUEST_H
#define WEBHOOK_REQUEST_H
#include "network/http_client/httpc.h"

struct webhook_request {
	struct str url, secret; /* secret empty: not signed                              */
	struct str id;          /* "evt_...", "msg_..."                                  */
	struct str body;        /* JSON                                                  */
	struct str dns_servers; /* of the setting                                        */
	int64_t deadline_ms;    /* point of clock_mono_ms                                */
	size_t answer_max;
	const atomic_bool *stop; /* as httpc_config; lives longer than the process's last request */
};

/* One exchange; connections are kept for the next one to the same server. What comes back lives in
 * a; errors as httpc_ask. Any thread; blocks. */
enum err webhook_post(const struct webhook_request *q, struct arena *a, struct httpc_response *out,
                      struct why *why) MUST_USE;
/* Close the connections that are kept for requests with this stop. */
void webhook_forget(const atomic_bool *stop);

#endif
