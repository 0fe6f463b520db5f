/* protocols/imap/commands.c: the table of commands and its dispatcher, the only place
 * that checks states, counts errors and sends tagged responses. */
#include "foundation/config/limits.h"
#include "foundation/observe/metrics.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/sync.h"

enum {
	ANY = STATE_GREETED | STATE_AUTHENTICATED | STATE_SELECTED,
	GREETED = STATE_GREETED,
	AUTHED = STATE_AUTHENTICATED | STATE_SELECTED,
	SELECTED = STATE_SELECTED,
};

/* name, states, flags, grammar (args.h), action (commands.h), RFC and section */
#define ROW(name, states, flags, parse, act)                                                  \
	{                                                                                     \
		{ name, sizeof(name) - 1 }, states, flags, imap_parse_##parse, imap_cmd_##act \
	}

const struct imap_command_row imap_commands[] = {
	ROW("APPEND", AUTHED, SYNC_ALL | MESSAGES, append, append),       /* 9051 6.3.12 */
	ROW("AUTHENTICATE", GREETED, SECRET, authenticate, authenticate), /* 9051 6.2.2 */
	ROW("CANCELUPDATE", SELECTED, SYNC_ALL, tags, cancelupdate),      /* 5267 4.3.5 */
	ROW("CAPABILITY", ANY, SYNC_NONE, none, capability),              /* 9051 6.1.1 */
	ROW("CHECK", SELECTED, SYNC_ALL, none, noop),                     /* 3501 6.4.1 */
	ROW("CLOSE", SELECTED, SYNC_NONE, none, close),                   /* 9051 6.4.1 */
	ROW("COMPRESS", AUTHED, SYNC_NONE, compress, compress),           /* 4978 3 */
	ROW("COPY", SELECTED, SYNC_ALL | UID_ALSO, copy, copy),           /* 9051 6.4.7 */
	ROW("CREATE", AUTHED, SYNC_ALL, create, create),                  /* 9051 6.3.4 */
	ROW("DELETE", AUTHED, SYNC_ALL, mailbox, delete),                 /* 9051 6.3.5 */
	ROW("DELETEACL", AUTHED, SYNC_ALL, identifier, deleteacl),        /* 4314 3.2 */
	ROW("ENABLE", AUTHED, SYNC_NONE, enable, enable),                 /* 5161 3.1 */
	ROW("ESEARCH", AUTHED, SYNC_SAFE | SYNC_UID_ALL, esearch, esearch), /* 7377 2 */
	ROW("EXAMINE", AUTHED, SYNC_NONE, select, examine),               /* 9051 6.3.3 */
	ROW("EXPUNGE", SELECTED, SYNC_ALL | NEWS, none, expunge),         /* 9051 6.4.3 */
	ROW("EXPUNGE", SELECTED, SYNC_ALL | NEWS | UID_ONLY, uids, uid_expunge), /* 4315 2.1 */
	ROW("FETCH", SELECTED, NUMBERS, fetch, fetch),                    /* 9051 6.4.5 */
	ROW("GENURLAUTH", AUTHED, SYNC_ALL, genurlauth, genurlauth),      /* 4467 7 */
	ROW("GETACL", AUTHED, SYNC_ALL, mailbox, getacl),                 /* 4314 3.3 */
	ROW("GETJMAPACCESS", AUTHED, SYNC_ALL, none, getjmapaccess),      /* 9698 4 */
	ROW("GETMETADATA", AUTHED, SYNC_ALL, getmetadata, getmetadata),   /* 5464 4.2 */
	ROW("GETQUOTA", AUTHED, SYNC_ALL, quotaroot, getquota),           /* 9208 4.1.1 */
	ROW("GETQUOTAROOT", AUTHED, SYNC_ALL, mailbox, getquotaroot),     /* 9208 4.1.2 */
	ROW("ID", ANY, SYNC_NONE, id, id),                                /* 2971 3.1 */
	ROW("IDLE", AUTHED, SYNC_ALL, none, idle),                        /* 2177 3 */
	ROW("LIST", AUTHED, SYNC_ALL, list, list),                        /* 9051 6.3.9 */
	ROW("LISTRIGHTS", AUTHED, SYNC_ALL, identifier, listrights),      /* 4314 3.4 */
	ROW("LOGIN", GREETED, SECRET, login, login),                      /* 9051 6.2.3 */
	ROW("LOGOUT", ANY, SYNC_NONE, none, logout),                      /* 9051 6.1.3 */
	ROW("LSUB", AUTHED, SYNC_ALL, lsub, lsub),                        /* 3501 6.3.9 */
	ROW("MOVE", SELECTED, SYNC_ALL | NEWS | UID_ALSO, copy, move),    /* 9051 6.4.8 */
	ROW("MYRIGHTS", AUTHED, SYNC_ALL, mailbox, myrights),             /* 4314 3.5 */
	ROW("NAMESPACE", AUTHED, SYNC_ALL, none, namespace),              /* 9051 6.3.10 */
	ROW("NOOP", ANY, SYNC_ALL, none, noop),                           /* 9051 6.1.2 */
	ROW("NOTIFY", AUTHED, SYNC_ALL | NEWS, notify, notify),           /* 5465 3.1 */
	ROW("RENAME", AUTHED, SYNC_ALL, rename, rename),                  /* 9051 6.3.6 */
	ROW("REPLACE", SELECTED, SYNC_ALL | NEWS | UID_ALSO | MESSAGES, replace,
	    replace), /* 8508 3 */
	ROW("RESETKEY", AUTHED, SYNC_ALL, resetkey, resetkey),            /* 4467 7 */
	ROW("SEARCH", SELECTED, NUMBERS, search, search),                 /* 9051 6.4.4 */
	ROW("SELECT", AUTHED, SYNC_NONE, select, select),                 /* 9051 6.3.2 */
	ROW("SETACL", AUTHED, SYNC_ALL, setacl, setacl),                  /* 4314 3.1 */
	ROW("SETMETADATA", AUTHED, SYNC_ALL, setmetadata, setmetadata),   /* 5464 4.3 */
	ROW("SETQUOTA", AUTHED, SYNC_ALL, setquota, setquota),            /* 9208 4.1.3 */
	ROW("SORT", SELECTED, NUMBERS, sort, sort),                       /* 5256 3 */
	ROW("STARTTLS", GREETED, SYNC_NONE, none, starttls),              /* 9051 6.2.1 */
	ROW("STATUS", AUTHED, SYNC_ALL, status, status),                  /* 9051 6.3.11 */
	ROW("STORE", SELECTED, NUMBERS, store, store),                    /* 9051 6.4.6 */
	ROW("SUBSCRIBE", AUTHED, SYNC_ALL, mailbox, subscribe),           /* 9051 6.3.7 */
	ROW("THREAD", SELECTED, NUMBERS, thread, thread),                 /* 5256 3 */
	ROW("UNAUTHENTICATE", AUTHED, SYNC_NONE, none, unauthenticate),   /* 8437 3 */
	ROW("UNSELECT", SELECTED, SYNC_NONE, none, unselect),             /* 9051 6.4.2 */
	ROW("UNSUBSCRIBE", AUTHED, SYNC_ALL, mailbox, unsubscribe),       /* 9051 6.3.8 */
	ROW("URLFETCH", AUTHED, SYNC_ALL, urlfetch, urlfetch),            /* 4467 7 */
};

const size_t imap_command_count = COUNT(imap_commands);

static bool row_has_form(const struct imap_command_row *row, bool uid)
{
	return uid ? row->flags & (UID_ALSO | UID_ONLY) : !(row->flags & UID_ONLY);
}

const struct imap_command_row *imap_command_find(struct str name, bool uid)
{
	for (size_t i = 0; i < COUNT(imap_commands); i++)
		if (str_eqi(imap_commands[i].name, name) && row_has_form(&imap_commands[i], uid))
			return &imap_commands[i];
	return NULL;
}

/* Free the memory of the command; the session waits for the next one. */
static void run_end(struct imap *s)
{
	struct imap_running *r = &s->run;

	if (r->release)
		r->release(r->task);
	imap_input_reset(&s->input,
	                 s->state == STATE_GREETED || (r->row && r->row->flags & SECRET));
	arena_deinit(&r->arena);
	*r = (struct imap_running){ 0 };
	s->mode = MODE_COMMAND;
}

enum go imap_bye(struct imap *s, const char *text)
{
	buf_fmt(imap_out(s), "* BYE %s\r\n", text);
	s->state = STATE_LOGOUT;
	return GO_CLOSE;
}

/* Send the tagged response; the idle timeout of the next command begins. */
static enum go reply_send(struct imap *s)
{
	bool bad = s->reply.cond == COND_BAD;

	imap_reply_put(imap_out(s), s->run.tag, s->run.name, &s->reply);
	if (s->run.unpacks)
		conn_compress_end(s->conn);
	run_end(s);
	imap_deadline(s);
	s->errors = bad ? s->errors + 1 : 0;
	if (s->errors >= LIMIT_imap_errors)
		return imap_bye(s, "Too many errors");
	return s->state == STATE_LOGOUT ? GO_CLOSE : GO_ON;
}

enum go imap_finish(struct imap *s)
{
	unsigned flags = s->run.row->flags;
	bool uids_only = s->run.uid && !s->run.numbers;
	bool all = flags & SYNC_ALL || (flags & SYNC_UID_ALL && uids_only);
	bool some = (flags & (SYNC_ALL | SYNC_SAFE)) && (flags & NEWS || !imap_notify_muted(s));
	enum written written = WRITTEN_ALL;

	if (s->state == STATE_SELECTED && some)
		written = imap_sync(s, all || imap_notify_expunges(s));
	switch (written) {
	case WRITTEN_ALL:
		imap_limit_finish(s);
		imap_modseq_finish(s);
		return reply_send(s);
	case WRITTEN_SOME:
		s->mode = MODE_FINISH;
		return GO_AGAIN;
	case WRITTEN_END:
		break;
	}
	return GO_CLOSE;
}

enum go imap_went(struct imap *s, enum done done)
{
	switch (done) {
	case DONE:
		return imap_finish(s);
	case DONE_QUIET:
		run_end(s);
		return GO_PARK;
	case DONE_LATER:
		return s->mode == MODE_ANSWER ? GO_AGAIN : GO_ON;
	case DONE_CLOSE:
		break;
	}
	return GO_CLOSE;
}

enum go imap_answer(struct imap *s)
{
	struct cur c = cur_of(buf_str(&s->input.text));
	struct imap_command command;

	if (!s->run.tag.n) {
		(void)imap_command_parse(&c, &command);
		s->run.tag = command.tag;
	}
	return reply_send(s);
}

enum go imap_refuse(struct imap *s, enum imap_cond cond, const char *code, const char *text)
{
	s->reply = (struct imap_reply){ cond, str_of(code), str_of(text) };
	return imap_answer(s);
}

enum done imap_message_drop(struct imap *s)
{
	if (!s->input.message_follows || s->input.message_sync)
		return DONE;
	if (!imap_input_drop_message(s)) {
		(void)imap_bye(s, "Literal too big");
		return DONE_CLOSE;
	}
	s->mode = MODE_DRAIN;
	return DONE_LATER;
}

/* Reply to a command that does not run. The message of an APPEND must not be read as
 * commands, so it is drained first if the client sends it. */
static enum go not_run(struct imap *s)
{
	enum done done = imap_message_drop(s);

	return done == DONE ? reply_send(s) : done == DONE_LATER ? GO_ON : GO_CLOSE;
}

static const char *wrong_state(const struct imap *s, const struct imap_command_row *row)
{
	if (s->state == STATE_GREETED)
		return "Authentication required";
	return row->states & STATE_SELECTED ? "Select a mailbox first" : "Already authenticated";
}

enum go imap_command(struct imap *s)
{
	struct cur c = cur_of(buf_str(&s->input.text));
	struct imap_running *r = &s->run;
	struct imap_command command;
	struct imap_parse p = { .arena = &r->arena, .utf8 = imap_utf8(s),
		                .literal = s->input.message_follows };
	bool ok;

	r->arena.secret = s->state == STATE_GREETED;
	s->reply = (struct imap_reply){ 0 };
	metric_add(METRIC_imap_commands, 1);
	ok = imap_command_parse(&c, &command);
	r->tag = command.tag;
	r->name = command.name;
	r->uid = command.uid;
	if (!ok) {
		imap_bad(s, command.tag.n ? "No command" : "No tag");
		return not_run(s);
	}
	r->row = imap_command_find(command.name, command.uid);
	if (!r->row) {
		imap_bad(s, "Unknown command");
		return not_run(s);
	}
	if (!(r->row->states & s->state)) {
		imap_bad(s, wrong_state(s, r->row));
		s->reply.code = STR("CLIENTBUG"); /* RFC 5530 3 */
		return not_run(s);
	}
	if (r->row->flags & UID_ALSO && !r->uid && imap_enabled(s, ENABLED_UIDONLY)) {
		imap_uid_required(s);
		return not_run(s);
	}
	r->name = r->row->name;
	p.args = r->args = arena_new(&r->arena, union imap_args);
	if (!r->row->parse(&command.args, &p)) {
		imap_bad(s, "Syntax error in the arguments");
		return not_run(s);
	}
	return imap_went(s, r->row->act(s, r->args));
}
