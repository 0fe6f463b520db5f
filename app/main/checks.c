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
	static struct fsck_check all[16];

	all[0] = directory_fsck;
	all[1] = mailbox_fsck;
	all[2] = mail_owner_fsck;
	all[3] = queue_fsck;
	all[4] = trace_fsck;
	all[5] = admin_fsck;
	all[6] = search_fsck;
	all[7] = transfer_fsck;
	all[8] = remote_fsck;
	all[9] = sent_fsck;
	all[10] = webhook_fsck;
	all[11] = policy_fsck;
	all[12] = publish_fsck;
	all[13] = report_out_fsck;
	all[14] = doctor_fsck;
	all[15] = report_in_fsck;
	*count = COUNT(all);
	return all;
}
