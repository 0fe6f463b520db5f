/* model/webhook/request.h: a POST to an application, signed by Standard Webhooks
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
	const atomic_bool *stop; /* as httpc_config; must outlive the last request of the process */
};

/* One exchange; connections are reused for the same server. The response lives in a; errors as
 * httpc_ask. Thread-safe; blocks. */
enum err webhook_post(const struct webhook_request *q, struct arena *a, struct httpc_response *out,
                      struct why *why) MUST_USE;
/* Close the kept connections of requests with this stop. */
void webhook_forget(const atomic_bool *stop);

#endif
