/* protocols/imap/search/cmd_cancelupdate.c: CANCELUPDATE (RFC 5267 4.3.5). */
#include "protocols/imap/commands.h"
#include "protocols/imap/search/context.h"

enum done imap_cmd_cancelupdate(struct imap *s, union imap_args *args)
{
	bool all = true;

	for (size_t i = 0; i < args->tags.n; i++)
		all &= imap_context_cancel(s, args->tags.items[i]);
	if (all)
		imap_ok(s, NULL, NULL);
	else
		imap_no(s, NULL, "No search context has this tag");
	return DONE;
}
