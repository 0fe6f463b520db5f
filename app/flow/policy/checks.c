/* flow/policy/checks.c: the table of checks, in their order: cheap checks and accepting
 * ones first, expensive ones last. check.h describes how to add one. */
#include "flow/policy/check.h"

#include "flow/policy/access/access.h"
#include "flow/policy/authentication/dmarc.h"
#include "flow/policy/authentication/forged_headers.h"
#include "flow/policy/authentication/signatures.h"
#include "flow/policy/authentication/spf.h"
#include "flow/policy/policy_private.h"
#include "flow/policy/hook/hook.h"
#include "flow/policy/limits.h"
#include "flow/policy/milter/milter.h"
#include "flow/policy/run.h"
#include "flow/policy/stages/stage_programs.h"
#include "flow/policy/stages/stage_script.h"
#include "foundation/config/settings.h"

#define AT(stage) BIT(POLICY_##stage)

/* --- enabled by settings -------------------------------------------------------------------- */

static bool said(struct str text)
{
	return text.n != 0 && !str_eqi(text, STR("off"));
}

static bool access_on(const struct policy *p, const struct settings *s)
{
	return said(s->access) || access_any(p->access);
}

static bool early_on(const struct policy *p, const struct settings *s)
{
	(void)p;
	return early_wait_ms(s->greeting_delay) != 0;
}

static bool stage_scripts_on(const struct policy *p, const struct settings *s)
{
	return stage_settings_any(s) || (p->stages != NULL && stage_programs_any(p->stages));
}

static bool signatures_on(const struct policy *p, const struct settings *s)
{
	(void)p;
	return s->dkim_verify;
}

#define ON_WHEN_SAID(setting)                                                        \
	static bool setting##_on(const struct policy *p, const struct settings *s)   \
	{                                                                            \
		(void)p;                                                             \
		return said(s->setting);                                             \
	}

ON_WHEN_SAID(limits)
ON_WHEN_SAID(fcrdns)
ON_WHEN_SAID(helo_check)
ON_WHEN_SAID(sender_domain)
ON_WHEN_SAID(spf)
ON_WHEN_SAID(dmarc)
ON_WHEN_SAID(dnsbl)
ON_WHEN_SAID(greylist)
ON_WHEN_SAID(milters)
ON_WHEN_SAID(hooks)

/* --- the table ------------------------------------------------------------------------------ */

const struct policy_check policy_checks[] = {
	{ .name = "blocked",
	  .stages = AT(CONNECT),
	  .roles = POLICY_MX | POLICY_SUBMISSION,
	  .settings = "LIMITS", /* a manual block applies to all hosts */
	  .need = blocked_need,
	  .run = blocked_run },
	{ .name = "access",
	  .stages = AT(CONNECT) | AT(HELLO) | AT(AUTH) | AT(MAIL) | AT(RCPT),
	  .roles = POLICY_MX | POLICY_SUBMISSION,
	  .flags = POLICY_UNKNOWN,
	  .settings = "ACCESS",
	  .on = access_on,
	  .need = access_need,
	  .run = access_run },
	{ .name = "early",
	  .stages = AT(CONNECT),
	  .roles = POLICY_MX,
	  .settings = "GREETING_DELAY",
	  .on = early_on,
	  .need = early_need,
	  .run = early_run },
	{ .name = "fcrdns",
	  .stages = AT(CONNECT) | AT(HELLO) | AT(MAIL) | AT(RCPT) | AT(DATA) | AT(END),
	  .roles = POLICY_MX,
	  .flags = POLICY_ALWAYS | POLICY_LATER,
	  .settings = "FCRDNS",
	  .on = fcrdns_on,
	  .need = fcrdns_need,
	  .start = fcrdns_start,
	  .run = fcrdns_run,
	  .later = fcrdns_later,
	  .end = fcrdns_end },
	{ .name = "helo",
	  .stages = AT(HELLO),
	  .roles = POLICY_MX,
	  .settings = "HELO_CHECK",
	  .on = helo_check_on,
	  .need = helo_need,
	  .start = helo_start,
	  .run = helo_run },
	{ .name = "sender",
	  .stages = AT(MAIL),
	  .roles = POLICY_MX,
	  .settings = "SENDER_DOMAIN",
	  .on = sender_domain_on,
	  .need = sender_need,
	  .start = sender_start,
	  .run = sender_run },
	{ .name = "spf",
	  .stages = AT(MAIL) | AT(RCPT) | AT(DATA) | AT(END), /* before DMARC */
	  .roles = POLICY_MX,
	  .flags = POLICY_ALWAYS | POLICY_LATER,
	  .settings = "SPF",
	  .on = spf_on,
	  .need = spf_need,
	  .start = spf_start,
	  .run = spf_run,
	  .later = spf_later,
	  .missed = spf_missed,
	  .reset = spf_reset,
	  .end = spf_reset },
	{ .name = "account",
	  /* may be blocked while data arrives */
	  .stages = AT(MAIL) | AT(RCPT) | AT(DATA) | AT(END),
	  .roles = POLICY_SUBMISSION,
	  .flags = POLICY_ALWAYS | POLICY_UNKNOWN,
	  .on_error = POLICY_TEMPFAIL,
	  .settings = "LIMITS",
	  .on = limits_on,
	  .need = account_limits_need,
	  .run = account_limits_run },
	{ .name = "limits",
	  .stages = AT(MAIL) | AT(RCPT),
	  .roles = POLICY_MX | POLICY_SUBMISSION,
	  .flags = POLICY_UNKNOWN,
	  .settings = "LIMITS",
	  .on = limits_on,
	  .need = limits_need,
	  .run = limits_run },
	{ .name = "dnsbl",
	  .stages = AT(MAIL) | AT(RCPT),
	  .roles = POLICY_MX,
	  .settings = "DNSBL",
	  .on = dnsbl_on,
	  .need = dnsbl_need,
	  .start = dnsbl_start,
	  .run = dnsbl_run,
	  .reset = dnsbl_reset },
	{ .name = "greylist",
	  .stages = AT(RCPT),
	  .roles = POLICY_MX,
	  .settings = "GREYLIST",
	  .on = greylist_on,
	  .need = grey_need,
	  .run = grey_run },
	{ .name = "forged",
	  .stages = AT(END),
	  .roles = POLICY_MX | POLICY_SUBMISSION,
	  .flags = POLICY_ALWAYS,
	  .on_error = POLICY_TEMPFAIL,
	  .settings = "", /* none: forged fields are always removed */
	  .need = forged_need,
	  .run = forged_run },
	{ .name = "dkim",
	  .stages = AT(END),
	  .roles = POLICY_MX,
	  .flags = POLICY_ALWAYS,
	  .settings = "DKIM_VERIFY",
	  .on = signatures_on,
	  .need = signatures_need,
	  .start = signatures_start,
	  .run = signatures_run,
	  .missed = signatures_missed },
	{ .name = "dmarc", /* after the checks whose results it needs */
	  .stages = AT(END),
	  .roles = POLICY_MX,
	  .flags = POLICY_ALWAYS,
	  .settings = "DMARC",
	  .on = dmarc_on,
	  .need = dmarc_need,
	  .start = dmarc_start,
	  .run = dmarc_run,
	  .missed = dmarc_missed },
	{ .name = "sieve",
	  .stages = AT(CONNECT) | AT(HELLO) | AT(MAIL) | AT(RCPT) | AT(DATA) | AT(END),
	  .roles = POLICY_MX | POLICY_SUBMISSION,
	  .settings = "SIEVE_END", /* and those of the other stages */
	  .on = stage_scripts_on,
	  .need = stage_script_need,
	  .run = stage_script_run },
	{ .name = "milter",
	  .stages = AT(CONNECT) | AT(HELLO) | AT(MAIL) | AT(RCPT) | AT(DATA) | AT(END),
	  .roles = POLICY_MX | POLICY_SUBMISSION | POLICY_LMTP,
	  .flags = POLICY_FILTER,
	  .on_error = POLICY_PASS, /* each filter has its own fail= */
	  .settings = "MILTERS",
	  .on = milters_on,
	  .need = milter_need,
	  .run = milter_run,
	  .missed = milter_missed,
	  .reset = milter_reset,
	  .restart = milter_restart,
	  .end = milter_end },
	{ .name = "hook",
	  .stages = AT(CONNECT) | AT(HELLO) | AT(AUTH) | AT(MAIL) | AT(RCPT) | AT(DATA) | AT(END),
	  .roles = POLICY_MX | POLICY_SUBMISSION | POLICY_LMTP,
	  .flags = POLICY_FILTER,
	  .on_error = POLICY_PASS, /* likewise */
	  .settings = "HOOKS",
	  .on = hooks_on,
	  .need = hooks_need,
	  .run = hooks_run,
	  .missed = hooks_missed,
	  .reset = hooks_reset,
	  .end = hooks_end },
};

enum err policy_settings_check(const struct settings *s, struct why *why)
{
	enum err e;

	if ((e = fcrdns_setting_check(s->fcrdns, why)) || (e = policy_names_check(s, why)) ||
	    (e = dnsbl_check(s->dnsbl, why)) ||
	    (e = limits_check(s->limits, why)) || (e = access_check(s->access, why)) ||
	    (e = grey_check(s->greylist, why)) || (e = early_check(s->greeting_delay, why)) ||
	    (e = spf_setting_check(s->spf, why)) || (e = dmarc_setting_check(s->dmarc, why)) ||
	    (e = stage_settings_check(s, why)))
		return e;
	return OK;
}

const size_t policy_check_count = COUNT(policy_checks);

/* --- counts for administrators -------------------------------------------------------------- */

size_t policy_done_all(struct policy *p, const struct settings *s, struct arena *a,
                       struct policy_done **out)
{
	struct policy_done *all = arena_array(a, struct policy_done, p->config.check_count);

	for (size_t i = 0; i < p->config.check_count; i++) {
		const struct policy_check *c = &p->config.checks[i];

		all[i] = (struct policy_done){ .name = c->name,
			                       .setting = c->settings,
			                       .on = c->on == NULL || c->on(p, s) };
		policy_tally_read(p->tally, i, all[i].counts);
	}
	*out = all;
	return p->config.check_count;
}
