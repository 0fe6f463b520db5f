/* console/cli/checks.c: see cli_private.h. */
#include "console/cli/cli_private.h"

#include "console/api/access/audit.h"
#include "flow/policy/fsck.h"
#include "flow/reports_in/fsck.h"
#include "flow/reports_out/fsck.h"
#include "model/directory/fsck.h"
#include "model/filters/fsck.h"
#include "model/history/fsck.h"
#include "model/history/sent.h"
#include "model/mailbox/fsck/fsck.h"
#include "model/objects/objects.h"
#include "model/queue/fsck.h"
#include "model/remote/fsck.h"
#include "model/search/fsck.h"
#include "model/store/fsck.h"
#include "model/webhook/webhook.h"
#include "operations/dns_publish/published.h"
#include "operations/doctor/fsck.h"
#include "operations/transfer/memory.h"

const struct fsck_check *checks_all(size_t *count)
{
	/* One a line, so that changes do not collide. */
	static const struct fsck_check *const from[] = {
		&directory_fsck, &mailbox_fsck,    &mail_owner_fsck, &queue_fsck,
		&trace_fsck,     &admin_fsck,      &search_fsck,     &transfer_fsck,
		&remote_fsck,    &sent_fsck,       &webhook_fsck,    &policy_fsck,
		&publish_fsck,   &report_out_fsck, &doctor_fsck,     &report_in_fsck,
		&filters_fsck,   &objects_fsck,
	};
	static struct fsck_check all[COUNT(from)];

	for (size_t i = 0; i < COUNT(from); i++)
		all[i] = *from[i];
	*count = COUNT(all);
	return all;
}
