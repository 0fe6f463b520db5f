/* model/mailbox/flags.c: see flags.h. */
#include "model/mailbox/flags.h"

/* The index in the table is the number in the store. */
static const char *const names[FLAG_CUSTOM] = {
	[FLAG_SEEN] = "\\Seen",
	[FLAG_ANSWERED] = "\\Answered",
	[FLAG_FLAGGED] = "\\Flagged",
	[FLAG_DELETED] = "\\Deleted",
	[FLAG_DRAFT] = "\\Draft",
	[FLAG_FORWARDED] = "$Forwarded",
	[FLAG_MDN_SENT] = "$MDNSent",
	[FLAG_JUNK] = "$Junk",
	[FLAG_NOT_JUNK] = "$NotJunk",
	[FLAG_PHISHING] = "$Phishing",
	[FLAG_SUBMIT_PENDING] = "$SubmitPending",
	[FLAG_SUBMITTED] = "$Submitted",
	[FLAG_IMPORTANT] = "$Important",
	[FLAG_HAS_ATTACHMENT] = "$HasAttachment",
	[FLAG_HAS_NO_ATTACHMENT] = "$HasNoAttachment",
};

struct str flag_name(unsigned id)
{
	return id < FLAG_CUSTOM ? str_of(names[id]) : STR_EMPTY;
}

int flag_find(struct str name)
{
	for (unsigned id = 0; id < FLAG_CUSTOM; id++)
		if (names[id] && str_eqi(name, str_of(names[id])))
			return (int)id;
	return -1;
}
