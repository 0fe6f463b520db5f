/* flow/policy/say.c: input and output of a check; see check.h. */
#include "flow/policy/run.h"

#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum { SAY_MAX = 400 };

const struct policy_session *policy_of(const struct policy_run *r)
{
	return r->session;
}
const struct settings *policy_settings(const struct policy_run *r)
{
	return r->session->settings;
}
const struct policy_config *policy_config(const struct policy_run *r)
{
	return &r->policy->config;
}
enum policy_stage policy_stage(const struct policy_run *r)
{
	return r->stage;
}
bool policy_is_due(const struct policy_run *r, unsigned roles, unsigned stages)
{
	return (r->session->role & roles) != 0 && (stages & BIT(r->stage)) != 0;
}
int64_t policy_deadline_ms(const struct policy_run *r)
{
	return r->begun_ms + LIMIT_policy_stage_ms;
}

int64_t policy_filter_deadline_ms(const struct policy_run *r)
{
	return r->begun_ms + LIMIT_filter_ms;
}
struct arena *policy_arena(struct policy_run *r)
{
	return &r->arena;
}
struct arena *policy_mail_arena(struct policy_run *r)
{
	return &r->session->mail_arena;
}
size_t policy_row(const struct policy_run *r)
{
	return r->row;
}
void policy_keep(struct policy_run *r, void *what)
{
	r->kept[r->row] = what;
}
void *policy_kept(const struct policy_run *r)
{
	return r->kept[r->row];
}
void policy_named(struct policy_run *r, const char *iprev, struct str name)
{
	r->session->iprev = iprev;
	r->session->peer_name = str_dup(&r->session->arena, name);
}
void **policy_state(struct policy_run *r)
{
	return &r->session->states[r->row];
}

void *policy_state_of(const struct policy_run *r)
{
	return r->session->states[r->row];
}

static struct str blanked(struct policy_run *r, struct str s, char byte, char with)
{
	struct str copy = str_dup(&r->arena, s);

	for (size_t i = 0; i < copy.n; i++)
		if (copy.p[i] == byte)
			((char *)copy.p)[i] = with;
	return copy;
}

/* Lines of printable ASCII or UTF-8: they go into replies and may contain the peer's
 * text. */
PRINTF(2, 0)
static struct str lines(struct policy_run *r, const char *fmt, va_list args)
{
	char text[SAY_MAX];
	int n = vsnprintf(text, sizeof text, fmt, args);
	struct str all = str_from(text, (size_t)MIN(n, SAY_MAX - 1));
	struct str s = str_dup(&r->arena, n < SAY_MAX ? all : utf8_cut(all, SAY_MAX - 4));

	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\n') || s.p[i] == 127)
			((char *)s.p)[i] = '?';
	return s;
}

/* One line, not for replies. */
PRINTF(2, 0)
static struct str line(struct policy_run *r, const char *fmt, va_list args)
{
	return blanked(r, lines(r, fmt, args), '\n', '?');
}

/* Does kind replace the current verdict: is it as strict or stricter? A refusal that ends
 * the connection (RFC 5321 3.8) stays. */
static bool decides(const struct policy_run *r, enum policy_kind kind)
{
	if (kind < POLICY_ACCEPT || kind < r->verdict.kind)
		return false;
	return r->verdict.code != 421 || kind > r->verdict.kind;
}

/* text is for the peer, found for the log and the trace. */
static void decide(struct policy_run *r, enum policy_kind kind, unsigned code, struct str enhanced,
                   struct str text, struct str found)
{
	r->said = MAX(r->said, kind);
	policy_note(r, kind, blanked(r, found, '\n', ' '));
	if (!decides(r, kind))
		return;
	r->verdict.kind = kind;
	r->verdict.code = code;
	r->verdict.enhanced = str_dup(&r->arena, enhanced);
	r->verdict.text = str_dup(&r->arena, text);
	r->verdict.check = run_check(r)->name;
}

/* For verdicts that do not refuse. */
static void decide_plain(struct policy_run *r, enum policy_kind kind, struct str text)
{
	decide(r, kind, 0, STR_EMPTY, text, text);
}

/* RFC 5321 4.3.2: a greeting that refuses for good is 554. */
static unsigned usual_code(const struct policy_run *r, enum policy_kind kind)
{
	if (kind == POLICY_TEMPFAIL)
		return 451;
	return r->stage == POLICY_CONNECT ? 554 : 550;
}

static void say_refuse(struct policy_run *r, enum policy_kind kind, unsigned code,
                       const char *enhanced, struct str text)
{
	if (code == 0) {
		code = usual_code(r, kind);
		enhanced = kind == POLICY_TEMPFAIL ? "4.7.1" : "5.7.1";
	}
	decide(r, kind, code, str_of(enhanced), text, text);
}

#define SAID(how, r, fmt, text)        \
	va_list args;                  \
	struct str text;               \
	va_start(args, fmt);           \
	text = how((r), (fmt), args);  \
	va_end(args)
#define LINE(r, fmt, text) SAID(line, r, fmt, text)
#define LINES(r, fmt, text) SAID(lines, r, fmt, text)

void policy_reject(struct policy_run *r, unsigned code, const char *enhanced, const char *fmt, ...)
{
	LINES(r, fmt, text);
	say_refuse(r, POLICY_REJECT, code, enhanced, text);
}

void policy_tempfail(struct policy_run *r, unsigned code, const char *enhanced, const char *fmt,
                     ...)
{
	LINES(r, fmt, text);
	say_refuse(r, POLICY_TEMPFAIL, code, enhanced, text);
}

void policy_accept(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	decide_plain(r, POLICY_ACCEPT, text);
}

void policy_discard(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	decide_plain(r, POLICY_DISCARD, text);
}

void policy_discard_mail(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	if (r->session->discard.n == 0)
		r->session->discard = str_dup(run_arena(r), text);
	decide_plain(r, POLICY_DISCARD, text);
}

static void quarantine_mail(struct policy_run *r, struct str text)
{
	struct policy_session *s = r->session;

	if (s->quarantine.n == 0)
		s->quarantine = str_dup(run_arena(r), text);
	if (r->stage < POLICY_MAIL && s->marks[r->stage].quarantine.n == 0)
		s->marks[r->stage].quarantine = s->quarantine;
	decide_plain(r, POLICY_QUARANTINE, text);
}

void policy_quarantine_mail(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	quarantine_mail(r, text);
}

static void quarantine(struct policy_run *r, struct str text)
{
	if (r->stage != POLICY_RCPT) {
		quarantine_mail(r, text);
		return;
	}
	if (r->verdict.quarantine.n == 0)
		r->verdict.quarantine = text;
	decide_plain(r, POLICY_QUARANTINE, text);
}

void policy_quarantine(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	quarantine(r, text);
}

void policy_tag(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	decide_plain(r, POLICY_TAG, text);
}

static void delay(struct policy_run *r, int64_t ms, struct str text)
{
	r->verdict.delay_ms = MAX(r->verdict.delay_ms, MIN(ms, (int64_t)LIMIT_policy_delay_ms));
	decide_plain(r, POLICY_DELAY, text);
}

void policy_delay(struct policy_run *r, int64_t ms, const char *fmt, ...)
{
	LINE(r, fmt, text);
	delay(r, ms, text);
}

void policy_failed(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	policy_note_failed(r, text);
	r->said = MAX(r->said, POLICY_TAG);
	if (run_check(r)->on_error == POLICY_TEMPFAIL)
		say_refuse(r, POLICY_TEMPFAIL, 451, "4.7.1",
		           STR("temporary failure, try again later"));
}

/* --- verdicts of a setting ---------------------------------------------------------------- */

static unsigned say_class_of(const struct policy_answer *as)
{
	return as->kind == POLICY_TEMPFAIL ? 4 : as->kind == POLICY_REJECT ? 5 : 0;
}

struct policy_answer policy_usually(struct policy_answer as, unsigned code, const char *enhanced)
{
	if (as.block || say_class_of(&as) != code / 100)
		return as;
	if (as.code == 0)
		as.code = code;
	if (as.enhanced.n == 0)
		as.enhanced = str_of(enhanced);
	return as;
}

struct policy_answer policy_answer_dup(struct arena *a, const struct policy_answer *as)
{
	struct policy_answer copy = *as;

	copy.enhanced = str_dup(a, as->enhanced);
	copy.text = str_dup(a, as->text);
	return copy;
}

/* RFC 5321 3.8: 421 ends the connection. */
static void block(struct policy_run *r, const struct policy_answer *as, struct str found,
                  struct str text)
{
	policy_block_session(r->policy, r->session, as->network, text, as->ms);
	decide(r, POLICY_REJECT, 421, STR("4.7.1"), text, found);
}

static void refuse_as(struct policy_run *r, const struct policy_answer *as, struct str found,
                      struct str text)
{
	struct policy_answer x = policy_usually(*as, usual_code(r, as->kind),
	                                        as->kind == POLICY_TEMPFAIL ? "4.7.1" : "5.7.1");

	decide(r, x.kind, x.code, x.enhanced, text, found);
}

void policy_say(struct policy_run *r, const struct policy_answer *as, const char *fmt, ...)
{
	LINE(r, fmt, found);
	struct str text = as->text.n != 0 ? as->text : found;

	if (as->text.n != 0 && !str_eq(as->text, found))
		found = str_fmt(&r->arena, "%.*s: %.*s", STR_ARG(found), STR_ARG(as->text));
	if (as->block)
		block(r, as, found, text);
	else if (say_class_of(as) != 0)
		refuse_as(r, as, found, text);
	else if (as->kind == POLICY_QUARANTINE)
		quarantine(r, found);
	else if (as->kind == POLICY_DELAY)
		delay(r, as->ms, found);
	else if (as->kind != POLICY_PASS)
		decide_plain(r, as->kind, found);
}

bool policy_let_be(const struct policy_run *r)
{
	const struct policy_session *s = r->session;

	return s->accepted || s->mail_accepted || s->discard.n != 0 ||
	       r->verdict.kind == POLICY_ACCEPT;
}

bool policy_settled(const struct policy_run *r)
{
	return r->verdict.kind >= POLICY_DISCARD;
}

void policy_found(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	policy_note_plain(r, "found", text);
	r->said = MAX(r->said, POLICY_TAG);
}

void policy_changed(struct policy_run *r, const char *fmt, ...)
{
	LINE(r, fmt, text);
	policy_note_plain(r, "changed", text);
	r->said = MAX(r->said, POLICY_TAG);
}

enum err policy_change(struct policy_run *r, struct policy_changes *changes, struct why *why)
{
	return policy_changes_join(&r->session->changes, changes, why);
}
