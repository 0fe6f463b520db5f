/* tests/harness/sieve_script.c: see sieve_script.h. */
#include "harness/sieve_script.h"

#include <string.h>

const char SCRIPT_MESSAGE[] = "Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)\r\n"
			      "From: coyote@desert.example.org\r\n"
			      "To: roadrunner@acme.example.com\r\n"
			      "Subject: I have a present for you\r\n"
			      "\r\n"
			      "Look, I'm sorry about the whole anvil thing, and I really\r\n"
			      "didn't mean to try and drop it on you from the top of the\r\n"
			      "cliff.\r\n";

struct script_world script_world = {
	.from = "coyote@desert.example.org",
	.to = "roadrunner@acme.example.com",
	.now_ms = 1764038400000, /* 2025-11-25T02:40:00Z */
	.limits = SIEVE_LIMITS_DEFAULT,
};

struct script_header script_header;
static char text[8192];

static void text_set(struct buf *out)
{
	assert_true(buf_ok(out));
	memcpy(text, out->p, out->n);
	text[out->n] = '\0';
}

static bool envelope(void *arg, struct str part, size_t i, struct str *out)
{
	const char *value = str_eq(part, STR("from")) ? script_world.from
	                    : str_eq(part, STR("to")) ? script_world.to
	                                              : NULL;

	(void)arg;
	*out = str_of(value);
	return value != NULL && i == 0;
}

static bool environment(void *arg, struct str item, struct str *out)
{
	(void)arg;
	*out = STR("mail.example.com");
	return str_eq(item, STR("host"));
}

static bool mailbox_exists(void *arg, struct str mailbox)
{
	(void)arg;
	return str_eq(mailbox, STR("Archive"));
}

static bool special_use(void *arg, struct str mailbox, struct str use)
{
	(void)arg;
	return (mailbox.n == 0 || str_eq(mailbox, STR("Archive"))) &&
	       str_eqi(use, STR("\\Archive"));
}

static bool metadata(void *arg, struct str mailbox, struct str name, struct str *out)
{
	(void)arg;
	*out = mailbox.n != 0 ? STR("of the mailbox") : STR("of the server");
	return str_eq(name, STR("/private/comment"));
}

static bool duplicate(void *arg, const struct sieve_duplicate *d)
{
	(void)arg;
	return str_eq(d->id, STR("seen"));
}

static bool seen(void *arg, const struct sieve_seen *s)
{
	(void)arg;
	return str_eq(s->key, STR("a key")) && s->seconds == 300 && s->expire == 172800;
}

static bool score(void *arg, enum sieve_score of, unsigned *percent)
{
	(void)arg;
	*percent = of == SIEVE_SPAM ? 50 : 0;
	return of == SIEVE_SPAM;
}

/* Scripts to include; compiled when a run asks, and kept until the next run. */
static struct buf included[8];
static size_t included_n;

static bool script_compile(struct arena *a, const char *script, struct buf *program,
                           struct sieve_errors *errors);
static bool include(void *arg, bool global, struct str name, struct str *program)
{
	struct sieve_errors errors;
	const char *script = global ? script_world.global : script_world.personal;

	(void)global;
	if (!str_eq(name, STR("other")) || script == NULL || included_n == COUNT(included) ||
	    !script_compile(arg, script, &included[included_n], &errors))
		return false;
	*program = buf_str(&included[included_n++]);
	return true;
}

static bool script_compile(struct arena *a, const char *script, struct buf *program,
                           struct sieve_errors *errors)
{
	struct sieve_options options = { .limits = script_world.limits,
		                         .stage = script_world.stage };

	buf_init(program, SIEVE_PROGRAM_MAX);
	return sieve_compile(a, str_of(script), &options, program, errors);
}

static void errors_put(struct buf *out, const struct sieve_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		buf_fmt(out, "%s%u:%u %.*s", i != 0 ? "\n" : "", errors->items[i].line,
		        errors->items[i].column, STR_ARG(errors->items[i].text));
}

const char *script_errors(const char *script)
{
	struct arena a = { 0 };
	struct sieve_errors errors;
	struct buf program, out;

	buf_init(&out, sizeof text - 1);
	buf_byte(&out, ' ');
	(void)script_compile(&a, script, &program, &errors);
	errors_put(&out, &errors);
	text_set(&out);
	buf_deinit(&out);
	buf_deinit(&program);
	arena_deinit(&a);
	return text + 1;
}

static void named_put(struct buf *out, const char *name, struct str value)
{
	if (value.n != 0)
		buf_fmt(out, " %s=%.*s", name, STR_ARG(value));
}

static void action_put(struct buf *out, const struct sieve_action *a)
{
	static const char *const names[SIEVE_ACTION_KINDS] = {
		"keep",   "fileinto", "redirect", "discard",
		"reject", "ereject",  "vacation", "notify", "defer",
	};

	buf_fmt(out, "%s", names[a->kind]);
	if (a->target.n != 0)
		buf_fmt(out, " %.*s", STR_ARG(a->target));
	named_put(out, "text", a->text);
	if (a->has_flags)
		buf_fmt(out, " flags=(%.*s)", STR_ARG(a->flags));
	named_put(out, "special-use", a->special_use);
	named_put(out, "mailboxid", a->mailbox_id);
	if (a->copy)
		buf_put(out, STR(" copy"));
	if (a->create)
		buf_put(out, STR(" create"));
	named_put(out, "notify", a->notify);
	named_put(out, "ret", a->ret);
	named_put(out, "subject", a->subject);
	named_put(out, "from", a->from);
	named_put(out, "to", a->recipient);
	named_put(out, "handle", a->handle);
	named_put(out, "fcc", a->fcc);
	if (a->seconds != 0)
		buf_fmt(out, " seconds=%" PRIu64, a->seconds);
	if (a->importance != 0)
		buf_fmt(out, " importance=%u", a->importance);
	named_put(out, "suppressed", a->suppressed);
}

static void result_put(struct buf *out, const struct sieve_result *result)
{
	for (const struct sieve_action *a = result->actions; a != NULL; a = a->next) {
		action_put(out, a);
		buf_put(out, STR(", "));
	}
	if (result->implicit_keep) {
		buf_put(out, STR("implicit keep"));
		if (result->implicit_has_flags)
			buf_fmt(out, " flags=(%.*s)", STR_ARG(result->implicit_flags));
		buf_put(out, STR(", "));
	}
	if (result->error.n != 0)
		buf_fmt(out, "error %u: %.*s, ", result->error_line, STR_ARG(result->error));
	buf_cut(out, out->n - 2);
}

const char *script_run(const char *script)
{
	struct arena a = { 0 }, run = { 0 };
	struct sieve_errors errors;
	struct sieve_result result;
	struct sieve_host host = { .envelope = envelope,
		                   .environment = environment,
		                   .mailbox_exists = mailbox_exists,
		                   .special_use = special_use,
		                   .metadata = metadata,
		                   .duplicate = duplicate,
		                   .seen = seen,
		                   .score = score,
		                   .script = include,
		                   .arg = &a,
		                   .now_ms = script_world.now_ms };
	struct sieve_message m = { .raw = str_of(script_world.message != NULL ? script_world.message
		                                                              : SCRIPT_MESSAGE) };
	struct buf program, out;

	buf_init(&out, sizeof text - 1);
	if (!script_compile(&a, script, &program, &errors)) {
		errors_put(&out, &errors);
	} else {
		assert_true(sieve_program_check(buf_str(&program)));
		sieve_run(&run, buf_str(&program), &m, &host, &script_world.limits, &result);
		assert_true(result.memory_bytes <= KIB(256));
		result_put(&out, &result);
		script_header.n = 0;
		if (result.edits_n != 0) {
			struct buf header;

			buf_init(&header, sizeof script_header.text);
			sieve_header_put(&header, &m, &result, result.edits_n);
			memcpy(script_header.text, header.p, script_header.n = header.n);
			buf_deinit(&header);
		}
		while (included_n != 0)
			buf_deinit(&included[--included_n]);
	}
	text_set(&out);
	buf_deinit(&out);
	buf_deinit(&program);
	arena_deinit(&run);
	arena_deinit(&a);
	return text;
}
