/* formats/sieve/suite.c: the words of vnd.dovecot.testsuite; see suite.h. */
#include "formats/sieve/suite_world.h"

#include "formats/message/address.h"
#include "formats/message/header.h"
#include "formats/sieve/match.h"

enum { SUITE_SCRIPT_BYTES = 1 << 20, ADDRESS_BYTES = 512 };

static const char first_message[] = "From: sender@example.com\r\n"
				    "To: recipient@example.org\r\n"
				    "Subject: Frop!\r\n"
				    "\r\n"
				    "Friep!\r\n";

/* --- tests ------------------------------------------------------------------------------- */

static void test_end(struct sieve_suite *s)
{
	if (s->open)
		s->host->ended(s->host->arg, s->line, s->name, s->reason);
	s->open = false;
}

static bool test_begin(struct sieve_run *r, struct sieve_suite *s, const struct sieve_op *op)
{
	uint32_t i;
	struct sieve_text *path;

	test_end(s);
	s->open = true;
	s->line = op->line;
	s->name = str_dup(&s->arena, sieve_str(r, op, ARG_1));
	s->reason = STR_EMPTY;
	if (sieve_variable_named(r, STR("tst.path"), &i) && (path = sieve_variable(r, i)) != NULL)
		sieve_text_set(r, path, s->host->folder, SIEVE_VARIABLE_MAX);
	return true;
}

/* The test fails, and ends: the parser has put a jump behind each command. */
static bool test_failed(struct sieve_run *r, struct sieve_suite *s, struct str reason)
{
	if (!s->open)
		return sieve_fail(r, "%.*s", STR_ARG(reason));
	s->reason = str_fmt(&s->arena, "line %u: %.*s", r->op.line,
	                    STR_ARG(reason.n != 0 ? reason : STR("it failed")));
	return false;
}

void sieve_suite_recover(struct sieve_run *r)
{
	struct sieve_suite *s = r->host->suite;
	struct sieve_op op;
	struct cur at;

	if (r->result->error.n == 0 || !s->open)
		return;
	(void)test_failed(r, s, r->result->error);
	r->result->error = STR_EMPTY;
	r->stopped = false;
	r->loops_n = 0;
	r->depth = 1;
	do {
		at = r->scripts[0].c;
	} while (sieve_op_next(&r->scripts[0].c, &op) && op.code != OP_TEST && op.code != OP_STOP);
	r->scripts[0].c = at;
}

/* --- the message ------------------------------------------------------------------------- */

static void message_set(struct sieve_run *r, struct sieve_suite *s, struct str raw)
{
	s->message = (struct sieve_message){ .raw = str_dup(&s->arena, raw) };
	r->parts = NULL;
	arena_reset(&r->parsed);
	r->result->edits = NULL;
	r->result->edits_n = 0;
	r->edits_end = &r->result->edits;
	r->result->changes = NULL;
	r->result->changes_n = 0;
	r->changes_end = &r->result->changes;
	sieve_fields_index(r);
}

/* The first address in the first of the fields that the message has. */
static struct str address_from(struct sieve_suite *s, const char *const *names, size_t n,
                               struct str otherwise)
{
	struct str header = str_sub(s->message.raw, 0, header_size(s->message.raw));
	struct header_field f;

	for (size_t i = 0; i < n; i++) {
		struct address_list list;

		if (!header_find(header, str_of(names[i]), &f))
			continue;
		if (str_eq(str_trim(f.value), STR("<>")))
			return STR_EMPTY;
		address_list_parse(&s->arena, f.value, 1, &list);
		if (list.n != 0 && list.items[0].domain.n != 0)
			return str_fmt(&s->arena, "%.*s@%.*s", STR_ARG(list.items[0].local),
			               STR_ARG(list.items[0].domain));
	}
	return otherwise;
}

static void message_set_all(struct sieve_run *r, struct sieve_suite *s, struct str raw)
{
	static const char *const to[] = { "envelope-to", "to" };
	static const char *const from[] = { "return-path", "sender", "from" };

	message_set(r, s, raw);
	s->to = s->orig_to = address_from(s, to, COUNT(to), STR("recipient@example.com"));
	s->from = address_from(s, from, COUNT(from), STR("sender@example.com"));
}

static bool set(struct sieve_run *r, struct sieve_suite *s, struct str what, struct str value)
{
	struct str address = str_sub(value, str_starts(value, STR("<")),
	                             value.n - (value.n != 0 && str_ends(value, STR(">"))));

	if (str_eqi(what, STR("message")))
		message_set_all(r, s, value);
	else if (str_eqi(what, STR("envelope.from")))
		s->from = str_dup(&s->arena, address);
	else if (str_eqi(what, STR("envelope.to")))
		s->to = s->orig_to = str_dup(&s->arena, address);
	else if (str_eqi(what, STR("envelope.orig_to")))
		s->orig_to = str_dup(&s->arena, address);
	else if (str_eqi(what, STR("envelope.auth")))
		s->auth = str_dup(&s->arena, address);
	else
		return test_failed(r, s, STR("this cannot be set"));
	return true;
}

/* test_message: take one of those that were stored or sent. */
static bool message_take(struct sieve_run *r, struct sieve_suite *s, const struct sieve_op *op)
{
	uint64_t i = sieve_number(op, ARG_1, 0);
	bool sent = sieve_has(op, ARG_SMTP);
	struct suite_mailbox *box =
		sent ? NULL : suite_mailbox_find(s, sieve_str(r, op, ARG_MAILBOX), false);
	const struct suite_mail *mail = sent ? s->sent : box != NULL ? box->mails : NULL;

	while (mail != NULL && i-- > 0)
		mail = mail->next;
	if (mail == NULL)
		return op->code != OP_TEST_HAS_MESSAGE &&
		       test_failed(r, s, STR("there is no such message"));
	message_set(r, s, mail->raw);
	if (sent) {
		s->from = mail->from;
		s->to = s->orig_to = mail->to;
	}
	s->message.flags = mail->flags;
	sieve_text_set(r, &r->flags, mail->flags, SIEVE_VARIABLE_MAX);
	return true;
}

/* --- scripts ----------------------------------------------------------------------------- */

/* A file, or the text itself when it has a line end. */
static bool script_compile(struct sieve_suite *s, struct str path)
{
	struct buf text;
	bool ok;

	s->errors = NULL;
	buf_init(&text, SUITE_SCRIPT_BYTES);
	if (str_find_byte(path, '\n') >= 0)
		ok = suite_compile(s, path);
	else if (!s->host->read(s->host->arg, path, &text))
		ok = (suite_error_add(s, STR("The script cannot be read")), false);
	else
		ok = suite_compile(s, buf_str(&text));
	buf_deinit(&text);
	return ok;
}

static bool script_run(struct sieve_suite *s, bool append)
{
	s->errors = NULL;
	if (!append)
		suite_runs_reset(s);
	if (s->program.n == 0)
		suite_error_add(s, STR("No script was compiled"));
	return s->program.n != 0 && suite_run(s, &s->message);
}

static bool result_execute(struct sieve_suite *s)
{
	s->errors = NULL;
	return suite_execute(s);
}

static bool multiscript(struct sieve_run *r, struct sieve_suite *s, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	struct str name;
	bool keeps = true;

	suite_runs_reset(s);
	while (keeps && sieve_list_next(r, &names, &name)) {
		const struct suite_run *last;

		if (!script_compile(s, name) || !script_run(s, true))
			return false;
		for (last = s->runs; last->next != NULL;)
			last = last->next;
		keeps = last->result.implicit_keep;
	}
	return result_execute(s);
}

static const struct suite_pair *program_find(const struct sieve_suite *s, struct str name)
{
	const struct suite_pair *p = s->programs;

	while (p != NULL && !str_eq(p->name, name))
		p = p->next;
	return p;
}

static bool program_load(struct sieve_run *r, struct sieve_suite *s, struct str name)
{
	const struct suite_pair *program = program_find(s, name);

	if (program == NULL || !sieve_program_check(program->value))
		return test_failed(r, s, STR("there is no such program"));
	s->program = program->value;
	return true;
}

/* --- what runs did ----------------------------------------------------------------------- */

static const char *action_name(const struct sieve_action *a)
{
	static const char *const names[SIEVE_ACTION_KINDS] = {
		"keep",   "store",  "redirect", "discard",
		"reject", "reject", "vacation", "notify",
	};
	bool keeps = a->kind == SIEVE_FILEINTO && str_eqi(a->target, STR("INBOX"));

	return keeps ? "keep" : names[a->kind];
}

/* A matcher of the names, of which :index asks for one. */
struct suite_matcher {
	struct sieve_matcher m;
	uint64_t index, at; /* index 0: all */
};

static bool text_matches(struct suite_matcher *m, struct str text)
{
	m->at++;
	return (m->index == 0 || m->at == m->index) && sieve_matcher_value(&m->m, text);
}

static bool edits_match(struct suite_matcher *m, const struct sieve_edit **e, size_t n)
{
	for (; n > 0 && *e != NULL; n--, *e = (*e)->next)
		if (text_matches(m, (*e)->name.n != 0 ? STR("addheader") : STR("deleteheader")))
			return true;
	return false;
}

static bool run_matches(struct suite_matcher *m, const struct sieve_result *result)
{
	const struct sieve_edit *e = result->edits;
	size_t edits = 0;

	for (const struct sieve_action *a = result->actions; a != NULL; a = a->next) {
		if (edits_match(m, &e, a->edits - MIN(edits, a->edits)) ||
		    text_matches(m, str_of(action_name(a))))
			return true;
		edits = MAX(edits, a->edits);
	}
	return edits_match(m, &e, SIZE_MAX);
}

static struct suite_matcher matcher_of(struct sieve_run *r, const struct sieve_op *op)
{
	struct suite_matcher m = { .index = sieve_number(op, ARG_INDEX, 0) };

	sieve_matcher_init(&m.m, r, op, ARG_1);
	return m;
}

static bool actions_match(struct sieve_run *r, struct sieve_suite *s, const struct sieve_op *op)
{
	struct suite_matcher m = matcher_of(r, op);

	for (const struct suite_run *run = s->runs; run != NULL; run = run->next)
		if (run_matches(&m, &run->result))
			return true;
	return sieve_matcher_end(&m.m);
}

static bool errors_match(struct sieve_run *r, struct sieve_suite *s, const struct sieve_op *op)
{
	struct suite_matcher m = matcher_of(r, op);

	for (const struct suite_pair *e = s->errors; e != NULL; e = e->next)
		if (text_matches(&m, e->name))
			return true;
	return sieve_matcher_end(&m.m);
}

static void results_print(struct sieve_suite *s)
{
	for (const struct suite_run *run = s->runs; run != NULL; run = run->next)
		for (const struct sieve_action *a = run->result.actions; a != NULL; a = a->next)
			s->host->print(s->host->arg,
			               str_fmt(&s->arena, "%s %.*s\n", action_name(a),
			                       STR_ARG(a->target)));
}

/* --- words ------------------------------------------------------------------------------- */

static void setting_unset(struct sieve_suite *s, struct str name)
{
	struct suite_pair **at = &s->settings;

	while (*at != NULL && !str_eq((*at)->name, name))
		at = &(*at)->next;
	if (*at != NULL)
		*at = (*at)->next;
}

static bool reload(struct sieve_run *r, struct sieve_suite *s, const struct sieve_op *op)
{
	struct str name = sieve_str(r, op, ARG_EXTENSION);

	return name.n == 0 || sieve_extension_find(name) != EXT_COUNT ||
	       test_failed(r, s, STR("there is no such extension"));
}

static bool metadata_set(struct sieve_run *r, struct sieve_suite *s, const struct sieve_op *op)
{
	struct str key = str_fmt(&s->arena, "%.*s\n%.*s", STR_ARG(sieve_str(r, op, ARG_MAILBOX)),
	                         STR_ARG(sieve_str(r, op, ARG_1)));

	suite_pair_set(s, &s->metadata, key, sieve_str(r, op, ARG_2));
	return true;
}

bool sieve_suite_word(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_suite *s = r->host->suite;

	if (s == NULL)
		return sieve_fail(r, "Commands of tests work in \"roost sieve test\" only");
	switch (op->code) {
	case OP_TEST:
		return test_begin(r, s, op);
	case OP_TEST_FAIL:
		return test_failed(r, s, sieve_str(r, op, ARG_1));
	case OP_TEST_SET:
		return set(r, s, sieve_str(r, op, ARG_1), sieve_str(r, op, ARG_2));
	case OP_TEST_CONFIG_SET:
		suite_pair_set(s, &s->settings, sieve_str(r, op, ARG_1), sieve_str(r, op, ARG_2));
		return true;
	case OP_TEST_CONFIG_UNSET:
		setting_unset(s, sieve_str(r, op, ARG_1));
		return true;
	case OP_TEST_CONFIG_RELOAD:
		return reload(r, s, op);
	case OP_TEST_RESULT_RESET:
		suite_runs_reset(s);
		return true;
	case OP_TEST_RESULT_PRINT:
		results_print(s);
		return true;
	case OP_TEST_MESSAGE_PRINT:
		s->host->print(s->host->arg, s->message.raw);
		return true;
	case OP_TEST_MESSAGE:
	case OP_TEST_HAS_MESSAGE:
		return message_take(r, s, op);
	case OP_TEST_MAILBOX_CREATE:
		return suite_mailbox_find(s, sieve_str(r, op, ARG_1), true) != NULL;
	case OP_TEST_BINARY_SAVE:
		suite_pair_set(s, &s->programs, sieve_str(r, op, ARG_1), s->program);
		return true;
	case OP_TEST_BINARY_LOAD:
		return program_load(r, s, sieve_str(r, op, ARG_1));
	case OP_TEST_IMAP_METADATA_SET:
		return metadata_set(r, s, op);
	case OP_TEST_SCRIPT_COMPILE:
		return script_compile(s, sieve_str(r, op, ARG_1));
	case OP_TEST_SCRIPT_RUN:
		return script_run(s, sieve_has(op, ARG_APPEND));
	case OP_TEST_RESULT_EXECUTE:
		return result_execute(s);
	case OP_TEST_MULTISCRIPT:
		return multiscript(r, s, op);
	case OP_TEST_RESULT_ACTION:
		return actions_match(r, s, op);
	default:
		return errors_match(r, s, op);
	}
}

/* --- all of it ---------------------------------------------------------------------------- */

static void suite_program_run(struct sieve_suite *s, struct str program)
{
	struct sieve_host host = suite_host_of(s);
	struct sieve_limits limits = SIEVE_LIMITS_DEFAULT;
	struct sieve_result result;
	struct arena a = { 0 };

	host.suite = s;
	limits.steps = UINT32_MAX;
	limits.memory_bytes = 64u << 20;
	sieve_run(&a, program, &s->message, &host, &limits, &result);
	test_end(s);
	if (result.error.n != 0)
		s->host->ended(s->host->arg, result.error_line, STR_EMPTY, result.error);
	arena_deinit(&a);
}

bool sieve_suite_run(struct arena *a, struct str script, const struct sieve_suite_host *host,
                     struct sieve_errors *errors)
{
	struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT, .testsuite = true };
	struct sieve_suite s = { .host = host,
		                 .message = { .raw = str_of(first_message) },
		                 .from = STR("sender@example.com"),
		                 .to = STR("recipient@example.org"),
		                 .orig_to = STR("recipient@example.org") };
	struct buf program;
	bool ok;

	buf_init(&program, SIEVE_PROGRAM_MAX);
	ok = sieve_compile(a, script, &options, &program, errors);
	if (ok)
		suite_program_run(&s, buf_str(&program));
	buf_deinit(&program);
	suite_world_deinit(&s);
	return ok;
}
