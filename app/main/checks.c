/* main/checks.c: see checks.h. */
#include "main/checks.h"

#include "admin/fsck.h"
#include "directory/fsck.h"
#include "mailbox/fsck.h"
#include "queue/fsck.h"
#include "search/fsck.h"
#include "trace/fsck.h"
#include "transfer/memory.h"

const struct fsck_check *checks_all(size_t *count)
{
	static struct fsck_check all[8];

	all[0] = directory_fsck;
	all[1] = mailbox_fsck;
	all[2] = mail_owner_fsck;
	all[3] = queue_fsck;
	all[4] = trace_fsck;
	all[5] = admin_fsck;
	all[6] = search_fsck;
	all[7] = transfer_fsck;
	*count = COUNT(all);
	return all;
}
