/* flow/reports_out/failure_wanted.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "flow/reports_out/reports_out.h"
#include "foundation/config/live.h"

static const char *const words[] = { "off", "headers" };
enum { OFF, HEADERS };

enum err report_out_failure_check(struct str setting, struct why *why)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eqi(setting, str_of(words[i])))
			return OK;
	return fail(why, ERR_SYNTAX, "ROOST_REPORTS_FAILURE is off or headers");
}

unsigned out_failure_wanted(struct live *live, const struct report_failure *f)
{
	const struct settings *s = settings_ref(live);
	bool on = str_eqi(s->reports_failure, str_of(words[HEADERS]));
	struct dmarc_record parsed;
	struct why why;

	settings_unref(s);
	if (!on)
		return 0;
	(void)!dmarc_record_parse(f->record, DMARC_SUFFIXES, &parsed, &why);
	/* RFC 7489 6.3: fo applies only with ruf. */
	return parsed.ruf.count != 0 ? report_failure_kinds(f, parsed.fo) : 0;
}
