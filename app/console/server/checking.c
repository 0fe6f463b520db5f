/* console/server/checking.c: setup of the inbound checks; see server.h. */
#include "console/server/server.h"
#include "flow/policy/memory/recall.h"
#include "flow/policy/policy.h"
#include "foundation/config/limits.h"

enum err checking_open(struct server *v, struct why *why)
{
	struct policy_config config = { .store = v->store,
		                              .dns = v->dns,
		                              .live = v->live,
		                              .notify = delivery_notify,
		                              .notify_arg = &v->delivery,
		                              .reports = v->reports,
		                              .threads = LIMIT_policy_threads };
	enum err e = recall_open(v->store, LIMIT_policy_stored, &v->recall, why);

	config.recall = v->recall;
	return e ? e : policy_open(&config, &v->policy, why);
}
