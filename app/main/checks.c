/* main/checks.c: see checks.h. */
#include "main/checks.h"

#include "admin/fsck.h"
#include "directory/fsck.h"
#include "doctor/fsck.h"
#include "mailbox/fsck.h"
#include "policy/fsck.h"
#include "publish/published.h"
#include "queue/fsck.h"
#include "remote/fsck.h"
#include "report/in_fsck.h"
#include "report/out_fsck.h"
#include "search/fsck.h"
#include "sent/sent.h"
#include "store/fsck.h"
#include "trace/fsck.h"
#include "transfer/memory.h"
#include "webhook/webhook.h"

const struct fsck_check *checks_all(size_t *count)
{
	/* One a line, so that changes do not collide. */
	static const struct fsck_check *const from[] = {
		&directory_fsck,
		&mailbox_fsck,
		&mail_owner_fsck,
		&queue_fsck,
		&trace_fsck,
		&admin_fsck,
		&search_fsck,
		&transfer_fsck,
		&remote_fsck,
		&sent_fsck,
		&webhook_fsck,
		&policy_fsck,
		&publish_fsck,
		&report_out_fsck,
		&doctor_fsck,
		&report_in_fsck,
	};
	static struct fsck_check all[COUNT(from)];

	for (size_t i = 0; i < COUNT(from); i++)
		all[i] = *from[i];
	*count = COUNT(all);
	return all;
}
