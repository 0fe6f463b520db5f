/* The milter client against a filter that says anything: each answer at each stage, lies, silence,
 * and what becomes of session and message by it. */
#include "harness/check.h"
#include "harness/fake_conn.h"
#include "unit/policy/scripted_milter.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/filter_health.h"
#include "flow/policy/milter/milter.h"
#include "flow/policy/policy.h"
#include "flow/policy/view.h"
#include "foundation/base/clock.h"
#include "foundation/config/parsed.h"
#include "foundation/observe/event.h"

#include <string.h>

static const struct policy_check checks[] = {
	{ .name = "milter",
	  .stages = BIT(POLICY_STAGES) - 1,
	  .roles = POLICY_MX,
	  .on_error = POLICY_PASS,
	  .need = milter_need,
	  .run = milter_run,
	  .reset = milter_reset,
	  .restart = milter_restart,
	  .end = milter_end },
};

static struct envelope_rcpt rcpts[] = {
	{ .address = { STR("alice"), STR("example.org") } },
	{ .address = { STR("bob"), STR("example.org") } },
};

static struct fixture {
	struct settings settings;
	struct policy *policy;
	struct policy_session *s;
	struct arena arena;
	/* the last verdict */
	enum policy_kind kind;
	unsigned code;
	struct str enhanced, text;
} f;

static enum step nothing_opened(struct conn *c)
{
	(void)c;
	return STEP_PARK;
}
static enum step nothing_run(struct conn *c, unsigned events)
{
	(void)c, (void)events;
	return STEP_PARK;
}
static void nothing_closed(struct conn *c)
{
	(void)c;
}
static const struct proto nothing = {
	.name = "smtp", .open = nothing_opened, .run = nothing_run, .close = nothing_closed
};

static void begin(const char *words)
{
	static const struct conn_service service = { .name = "smtp", .proto = &nothing };
	const struct policy_config config = { .checks = checks, .check_count = COUNT(checks) };

	f = (struct fixture){ .kind = POLICY_PASS };
	filter_health_forget();
	f.settings.hostname = STR("mail.example.org");
	f.settings.message_size = 1 << 20;
	f.settings.milters = filter.path[0] != '\0'
	                             ? str_fmt(&f.arena, "unix:%s %s", filter.path, words)
	                             : str_fmt(&f.arena, "inet:127.0.0.1:%u name=f %s", filter.port,
	                                       words);
	assert_int_equal(policy_open(&config, &f.policy, NULL), OK);
	f.s = policy_session_new(f.policy, fake_open(0, &service, false), POLICY_MX, &f.settings);
}

static void end(void)
{
	policy_session_free(f.policy, &f.s);
	fake_close(&fake_conns[0]);
	assert_true(policy_close(&f.policy, 0));
	settings_parsed_free(&f.settings);
	arena_deinit(&f.arena);
}

static enum policy_kind ask(enum policy_stage stage)
{
	struct policy_run *run =
		policy_begin(f.policy, f.s, stage, (struct waker){ .poller = NULL });
	struct policy_verdict v;

	assert_true(policy_ready(run, &v));
	f.kind = v.kind;
	f.code = v.code;
	f.enhanced = str_dup(&f.arena, v.enhanced);
	f.text = str_dup(&f.arena, v.text);
	policy_end(&run);
	return f.kind;
}

static enum policy_kind ask_mail(void)
{
	f.s->envelope.sender = (struct mailaddr){ STR("carol"), STR("example.net") };
	return ask(POLICY_MAIL);
}

/* The next recipient; it is accepted when nobody minds. */
static enum policy_kind ask_rcpt(void)
{
	f.s->rcpt = rcpts[f.s->envelope.rcpt_count].address;
	f.s->envelope.rcpts = rcpts;
	if (ask(POLICY_RCPT) == POLICY_PASS)
		f.s->envelope.rcpt_count++;
	return f.kind;
}

static enum policy_kind ask_end(struct str message)
{
	f.s->received = STR("Received: from x by mail.example.org\r\n");
	f.s->message = message;
	return ask(POLICY_END);
}

#define LETTER STR("Subject: one\r\nX-Fold: a\r\n\tb\r\n\r\nbody\r\n")

/* All of a session and message; returns the first verdict that is not pass. */
static enum policy_kind whole(void)
{
	f.s->helo = STR("client.example.net");
	if (ask(POLICY_CONNECT) == POLICY_PASS && ask(POLICY_HELLO) == POLICY_PASS &&
	    ask_mail() == POLICY_PASS && ask_rcpt() == POLICY_PASS && ask_rcpt() == POLICY_PASS &&
	    ask(POLICY_DATA) == POLICY_PASS)
		ask_end(LETTER);
	return f.kind;
}

static void heard(const char *want)
{
	char got[4096];

	filter_heard(got, sizeof got);
	assert_string_equal(got, want);
}

/* What the message is by now. */
static struct str message(void)
{
	struct policy_view v;

	policy_view_init(&v, f.s->received, policy_results(f.s), f.s->message, &f.arena);
	policy_view_changes(&v, &f.s->changes);
	return str_fmt(&f.arena, "%.*s%.*s%.*s", STR_ARG(policy_view_top(&v)),
	               STR_ARG(policy_view_header(&v)), STR_ARG(policy_view_rest(&v)));
}

/* --- what it is told --------------------------------------------------------------------- */

static void what_it_is_told(void **state)
{
	(void)state;
	filter_start(NULL, 0, STR(""), NULL);
	begin("");
	whole();
	policy_session_reset(f.policy, f.s);
	f.s->params = (const struct policy_param[]){ { STR("SIZE"), STR("10") } };
	f.s->param_count = 1;
	f.s->envelope.mail_id = STR("fake-2"); /* else the session's is all there is */
	ask_mail(); /* a second message, given up */
	policy_session_reset(f.policy, f.s);
	ask_mail();
	heard("OCHMRRTLLNBEMAM");
	assert_true(filter_was_told(STR("C[192.0.2.1]\0004\0\000192.0.2.1\0\n")));
	assert_true(filter_was_told(STR("Cj\0mail.example.org\0_\0[192.0.2.1]\0v\0Roost\0"
	                                "{daemon_name}\0smtp\0{daemon_addr}\000192.0.2.25\0"
	                                "{daemon_port}\00025\0{client_addr}\000192.0.2.1\0")));
	assert_true(filter_was_told(STR("Hclient.example.net\0\n")));
	assert_true(filter_was_told(STR("Mi\0fake\0{mail_addr}\0carol@example.net\0"
	                                "{mail_host}\0example.net\0")));
	assert_true(filter_was_told(STR("Mi\0fake-2\0{mail_addr}\0carol@example.net\0"
	                                "{mail_host}\0example.net\0")));
	assert_true(filter_was_told(STR("M<carol@example.net>\0\n")));
	assert_true(filter_was_told(STR("M<carol@example.net>\0SIZE=10\0\n")));
	assert_true(filter_was_told(STR("R<bob@example.org>\0\n")));
	assert_true(filter_was_told(
		STR("{rcpt_addr}\0bob@example.org\0{rcpt_host}\0example.org\0")));
	assert_true(filter_was_told(STR("LSubject\0one\0\n")));
	assert_true(filter_was_told(STR("LX-Fold\0a\n\tb\0\n")));
	assert_false(filter_was_told(STR("Received")));
	assert_true(filter_was_told(STR("Bbody\r\n\n")));
	end();
	filter_stop();
}

static void steps_that_it_does_not_want_are_left_out(void **state)
{
	static const struct {
		struct str options;
		const char *want;
	} rows[] = {
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\1"), "OHMRRTLLNBE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\2"), "OCMRRTLLNBE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\4"), "OCHRRTLLNBE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\x08"), "OCHMTLLNBE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\x10"), "OCHMRRTLLNE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\x20"), "OCHMRRTNBE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\x40"), "OCHMRRTLLBE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\2\0"), "OCHMRRLLNBE" },
		{ STR("\0\0\0\2\0\0\0\x3f\0\0\0\0"), "OCHMRRLLNBE" }, /* version 2: no DATA */
		{ STR("\0\0\0\6\0\0\1\xff\0\0\2\x7f"), "OE" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		filter_start(NULL, 0, rows[i].options, NULL);
		begin("");
		check_at(i, whole() == POLICY_PASS);
		heard(rows[i].want);
		end();
		filter_stop();
	}
}

/* Where it says that it does not answer, nobody waits for it. */
static void answers_that_it_does_not_give_are_not_waited_for(void **state)
{
	static const struct filter_line mute[] = {
		{ 'C', STR(""), FILTER_SAYS }, { 'H', STR(""), FILTER_SAYS },
		{ 'M', STR(""), FILTER_SAYS }, { 'R', STR(""), FILTER_SAYS },
		{ 'T', STR(""), FILTER_SAYS }, { 'L', STR(""), FILTER_SAYS },
		{ 'N', STR(""), FILTER_SAYS }, { 'B', STR(""), FILTER_SAYS },
	};

	(void)state;
	filter_start(mute, COUNT(mute), STR("\0\0\0\6\0\0\1\xff\0\x0d\xf0\x80"), NULL);
	begin("command=1s message=1s");
	assert_int_equal(whole(), POLICY_PASS);
	heard("OCHMRRTLLNBE");
	end();
	filter_stop();
}

static void it_may_ask_for_spaces_and_macros(void **state)
{
	(void)state;
	filter_start(NULL, 0,
	             STR("\0\0\0\6\0\0\1\xff\0\x10\0\0\0\0\0\2{client_port} j\0\0\0\0\5\0"), NULL);
	begin("");
	assert_int_equal(whole(), POLICY_PASS);
	assert_true(filter_was_told(STR("LSubject\0 one\0\n")));
	assert_true(filter_was_told(STR("\nM{client_port}\0000\0j\0mail.example.org\0\n")));
	assert_true(filter_was_told(STR("\nE\nE\n"))); /* it asked for none */
	end();
	filter_stop();
}

/* Who it is, as far as that is known, and by what he has logged in. */
static void names_and_logins(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		filter_start(NULL, 0,
		             STR("\0\0\0\6\0\0\1\xff\0\0\0\0"
		                 "\0\0\0\0{client_name}\0" "\0\0\0\2{auth_type} i\0"),
		             NULL);
		begin("");
		f.s->peer_name = known ? STR("mx.remote.example") : STR_EMPTY;
		f.s->account = (uint32_t)known;
		f.s->mechanism = known ? STR("SCRAM-SHA-256") : STR_EMPTY;
		assert_int_equal(whole(), POLICY_PASS);
		check_at((size_t)known,
		         filter_was_told(known ? STR("\nC{client_name}\0mx.remote.example\0\n")
		                               : STR("\nC{client_name}\0unknown\0\n")));
		check_at((size_t)known,
		         filter_was_told(known ? STR("\nCmx.remote.example\0") : STR("\nC[")));
		check_at((size_t)known,
		         filter_was_told(known ? STR("\nM{auth_type}\0SCRAM-SHA-256\0i\0")
		                               : STR("\nMi\0")));
		end();
		filter_stop();
	}
}

static void bodies_come_in_pieces(void **state)
{
	static char letter[200000];
	static const struct filter_line skip[] = { { 'B', PACKET("\1", "s"), FILTER_SAYS } };
	static const struct {
		struct str options;
		bool skip;
		const char *want;
	} rows[] = {
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\0"), false, "OCMTNBBBBE" },
		{ STR("\0\0\0\6\0\0\1\xff\x10\0\0\0"), false, "OCMTNBE" },
		{ STR("\0\0\0\6\0\0\1\xff\x20\0\0\0"), false, "OCMTNBE" },
		{ STR("\0\0\0\6\0\0\1\xff\0\0\4\0"), true, "OCMTNBE" },
	};

	(void)state;
	memset(letter, 'x', sizeof letter);
	memcpy(letter, "\r\n", 2);
	for (size_t i = 0; i < COUNT(rows); i++) {
		filter_start(skip, rows[i].skip ? 1 : 0, rows[i].options, NULL);
		begin("stages=mail,end");
		check_at(i, ask_mail() == POLICY_PASS);
		f.s->envelope.rcpt_count = 0;
		check_at(i, ask_end(str_from(letter, sizeof letter)) == POLICY_PASS);
		heard(rows[i].want);
		end();
		filter_stop();
	}
}

/* Asked at the end only, it hears everything then. */
static void it_catches_up(void **state)
{
	(void)state;
	filter_start(NULL, 0, STR(""), NULL);
	begin("stages=end");
	f.s->helo = STR("client.example.net");
	ask(POLICY_CONNECT);
	ask(POLICY_HELLO);
	ask_mail();
	ask_rcpt();
	ask_rcpt();
	ask(POLICY_DATA);
	heard("");
	assert_int_equal(filter.connections, 0);
	assert_int_equal(ask_end(LETTER), POLICY_PASS);
	heard("OCHMRRTLLNBE");
	assert_true(filter_was_told(STR("{rcpt_addr}\0alice@example.org\0")));
	end();
	filter_stop();
}

static void it_can_be_a_socket_in_the_file_system(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "/tmp/roost-milter-test-%d", (int)getpid());
	filter_start(NULL, 0, STR(""), path);
	begin("");
	assert_int_equal(whole(), POLICY_PASS);
	heard("OCHMRRTLLNBE");
	end();
	filter_stop();
}

/* --- what it says ------------------------------------------------------------------------ */

static const char commands[] = "CHMRTLNBE";

static void each_verdict_at_each_stage(void **state)
{
	static const struct {
		struct str bytes;
		enum policy_kind kind; /* PASS: it goes on */
		unsigned code;
		const char *enhanced;
	} says[] = {
		{ PACKET("\1", "c"), POLICY_PASS, 0, "" },
		{ PACKET("\1", "a"), POLICY_PASS, 0, "" },
		{ PACKET("\1", "r"), POLICY_REJECT, 550, "5.7.1" },
		{ PACKET("\1", "t"), POLICY_TEMPFAIL, 451, "4.7.1" },
		{ PACKET("\x0d", "y554 5.6.0 x\0"), POLICY_REJECT, 554, "5.6.0" },
		{ PACKET("\x08", "y452 no\0"), POLICY_TEMPFAIL, 452, "4.7.1" },
		{ PACKET("\1", "f"), POLICY_TEMPFAIL, 421, "4.7.0" },
		{ PACKET("\1", "4"), POLICY_TEMPFAIL, 421, "4.7.0" },
		{ STR("\0\0\0\1p\0\0\0\1p\0\0\0\1r"), POLICY_REJECT, 550, "5.7.1" },
		{ PACKET("\1", "d"), POLICY_DISCARD, 0, "" },
		{ PACKET("\x08", "y250 ok\0"), POLICY_TEMPFAIL, 451, "4.7.1" }, /* none */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(says); i++)
		for (size_t k = 0; commands[k] != '\0'; k++) {
			const struct filter_line line = { commands[k], says[i].bytes, FILTER_SAYS };
			enum policy_kind want = says[i].kind;

			/* There is nothing to discard yet. */
			if (want == POLICY_DISCARD && (commands[k] == 'C' || commands[k] == 'H'))
				want = POLICY_PASS;
			filter_start(&line, 1, STR(""), NULL);
			begin("");
			check_at(i * 100 + k, whole() == want);
			if (want >= POLICY_TEMPFAIL) {
				check_at(i * 100 + k, f.code == says[i].code);
				check_str_at(i * 100 + k, f.enhanced, str_of(says[i].enhanced));
			}
			end();
			filter_stop();
		}
}

static void what_it_accepts_it_is_not_asked_about_again(void **state)
{
	static const struct {
		char command;
		const char *want; /* of two messages */
	} rows[] = {
		{ 'C', "OC" },
		{ 'H', "OCH" },
		{ 'M', "OCHMAMA" },
		{ 'R', "OCHMRAMRA" },
		{ 'L', "OCHMRRTLAMRRTLA" },
		{ 'E', "OCHMRRTLLNBEMRRTLLNBE" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct filter_line lines[] = {
			{ rows[i].command, PACKET("\1", "a"), FILTER_SAYS },
			/* the last it hears, so that all before it was heard as well */
		};

		filter_start(lines, 1, STR(""), NULL);
		begin("");
		check_at(i, whole() == POLICY_PASS);
		policy_session_reset(f.policy, f.s);
		f.s->envelope.rcpt_count = 0;
		if (ask_mail() == POLICY_PASS && ask_rcpt() == POLICY_PASS &&
		    ask_rcpt() == POLICY_PASS && ask(POLICY_DATA) == POLICY_PASS)
			ask_end(LETTER);
		check_at(i, f.kind == POLICY_PASS);
		policy_session_reset(f.policy, f.s);
		end();
		usleep(50000); /* ABORT and QUIT are not answered */
		{
			char got[256], *quit;

			filter_heard(got, sizeof got);
			if ((quit = strchr(got, 'Q')) != NULL)
				*quit = '\0';
			if (strcmp(got, rows[i].want) != 0)
				fail_msg("row %zu: %s", i, got);
		}
		filter_stop();
	}
}

/* RFC 3207 4.2: what it said of the HELO before STARTTLS counts no more. */
static void after_starttls_it_is_asked_again(void **state)
{
	static const struct {
		const char *words;
		char accepts;
		const char *want;
	} rows[] = {
		{ "", 'C', "OC" }, /* the connection is the same */
		{ "", 'H', "OCHQ|OCH" },
		{ "", '-', "OCHHMR" },
		{ "stages=mail,rcpt", '-', "OCHMAHMR" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct filter_line lines[] = {
			{ rows[i].accepts, PACKET("\1", "a"), FILTER_SAYS },
		};
		char got[256], *quit;

		filter_start(lines, 1, STR(""), NULL);
		begin(rows[i].words);
		f.s->helo = STR("client.example.net");
		check_at(i, ask(POLICY_CONNECT) == POLICY_PASS && ask(POLICY_HELLO) == POLICY_PASS);
		if (rows[i].words[0] != '\0')
			check_at(i, ask_mail() == POLICY_PASS);
		policy_session_restart(f.policy, f.s);
		f.s->helo = STR("client.example.net");
		check_at(i, ask(POLICY_HELLO) == POLICY_PASS && ask_mail() == POLICY_PASS &&
		                    ask_rcpt() == POLICY_PASS);
		end();
		usleep(50000); /* QUIT is not answered */
		filter_heard(got, sizeof got);
		if ((quit = strrchr(got, 'Q')) != NULL)
			*quit = '\0';
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: %s", i, got);
		filter_stop();
	}
}

static void several_lines_are_kept(void **state)
{
	static const struct filter_line line = {
		'E', STR("\0\0\0\x1cy550-5.7.1 a\r\n550 5.7.1 b%%\0"), FILTER_SAYS
	};

	(void)state;
	filter_start(&line, 1, STR(""), NULL);
	begin("");
	assert_int_equal(whole(), POLICY_REJECT);
	check_str(f.text, STR("a\nb%"));
	end();
	filter_stop();
}

static void messages_are_changed(void **state)
{
	static const struct {
		struct str bytes;
		const char *want;
	} rows[] = {
		{ STR("\0\0\0\5hN\0v\0"),
		  "Received: from x by mail.example.org\r\n"
		  "Subject: one\r\nX-Fold: a\r\n\tb\r\nN: v\r\n\r\nbody\r\n" },
		{ STR("\0\0\0\x09iN\0v\0"), NULL }, /* too short: no such thing */
		{ STR("\0\0\0\x09i\0\0\0\0N\0v\0"),
		  "N: v\r\nReceived: from x by mail.example.org\r\n"
		  "Subject: one\r\nX-Fold: a\r\n\tb\r\n\r\nbody\r\n" },
		{ STR("\0\0\0\x09i\0\0\0\1N\0v\0"),
		  "Received: from x by mail.example.org\r\n"
		  "N: v\r\nSubject: one\r\nX-Fold: a\r\n\tb\r\n\r\nbody\r\n" },
		{ STR("\0\0\0\x0fm\0\0\0\1Subject\0z\0"),
		  "Received: from x by mail.example.org\r\n"
		  "Subject: z\r\nX-Fold: a\r\n\tb\r\n\r\nbody\r\n" },
		{ STR("\0\0\0\x0em\0\0\0\1Subject\0\0"),
		  "Received: from x by mail.example.org\r\nX-Fold: a\r\n\tb\r\n\r\nbody\r\n" },
		/* a fold without its blank, and a line end at the end */
		{ STR("\0\0\0\x08hN\0a\nb\n\0"),
		  "Received: from x by mail.example.org\r\n"
		  "Subject: one\r\nX-Fold: a\r\n\tb\r\nN: a\r\n\tb\r\n\r\nbody\r\n" },
		{ STR("\0\0\0\4bnew\0\0\0\6b body\0\0\0\2b\n"),
		  "Received: from x by mail.example.org\r\n"
		  "Subject: one\r\nX-Fold: a\r\n\tb\r\n\r\nnew body\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct filter_line line = { 'E', STR(""), FILTER_SAYS };
		char bytes[256];

		memcpy(bytes, rows[i].bytes.p, rows[i].bytes.n);
		memcpy(bytes + rows[i].bytes.n, "\0\0\0\1a", 5);
		line.bytes = str_from(bytes, rows[i].bytes.n + 5);
		filter_start(&line, 1, STR(""), NULL);
		begin("fail=tempfail");
		check_at(i, whole() == (rows[i].want != NULL ? POLICY_PASS : POLICY_TEMPFAIL));
		if (rows[i].want != NULL)
			check_str_at(i, message(), str_of(rows[i].want));
		else
			check_at(i, f.s->changes.count == 0);
		end();
		filter_stop();
	}
}

/* RFC 8601 5: it hears what we have found as the first field, and counts it; one that takes out
 * what claims to be this host's does not take that out. */
static void it_hears_who_sent_it(void **state)
{
	static const struct filter_line line = {
		'E',
		STR("\0\0\0\x1dm\0\0\0\1""Authentication-Results\0\0"
		    "\0\0\0\x09i\0\0\0\2N\0v\0\0\0\0\1c"),
		FILTER_SAYS
	};

	(void)state;
	filter_start(&line, 1, STR(""), NULL);
	begin("fail=tempfail");
	f.s->iprev = "pass";
	assert_int_equal(whole(), POLICY_PASS);
	heard("OCHMRRTLLLNBE");
	assert_true(filter_was_told(STR("LAuthentication-Results\0mail.example.org;\n"
	                                "\tiprev=pass policy.iprev=192.0.2.1\0\n"
	                                "LSubject\0one\0\n")));
	check_str(message(), STR("Received: from x by mail.example.org\r\n"
	                         "Authentication-Results: mail.example.org;\r\n"
	                         "\tiprev=pass policy.iprev=192.0.2.1\r\n"
	                         "N: v\r\nSubject: one\r\nX-Fold: a\r\n\tb\r\n\r\nbody\r\n"));
	end();
	filter_stop();
}

static void the_envelope_is_changed_and_mail_put_aside(void **state)
{
	static const struct filter_line line = {
		'E',
		STR("\0\0\0\6e<x@y>\0\0\0\0\x07q spam\0\0\0\0\x11+<new@z.example>\0"
	            "\0\0\0\x0d-<bob@c.org>\0\0\0\0\1c"),
		FILTER_SAYS
	};
	static const struct filter_line good = {
		'E',
		STR("\0\0\0\x0f""e<x@y.example>\0\0\0\0\x06qspam\0\0\0\0\x11+<new@z.example>\0"
	            "\0\0\0\x13-<bob@example.org>\0\0\0\0\1c"),
		FILTER_SAYS
	};
	struct envelope e;

	(void)state;
	filter_start(&line, 1, STR(""), NULL); /* the first packet's length lies */
	begin("");
	assert_int_equal(whole(), POLICY_TEMPFAIL);
	assert_int_equal(f.s->changes.count, 0);
	assert_int_equal(f.s->quarantine.n, 0);
	end();
	filter_stop();
	filter_start(&good, 1, STR(""), NULL);
	begin("");
	assert_int_equal(whole(), POLICY_PASS);
	check_str(f.s->quarantine, STR("f: spam"));
	e = (struct envelope){ .sender = f.s->envelope.sender, .rcpts = rcpts, .rcpt_count = 2 };
	policy_changes_envelope(&f.s->changes, &f.arena, &e);
	check_str(e.sender.local, STR("x"));
	assert_int_equal(e.rcpt_count, 2);
	check_str(e.rcpts[0].address.local, STR("alice"));
	check_str(e.rcpts[1].address.local, STR("new"));
	end();
	filter_stop();
}

/* What it did not say it would do, it may not do. */
static void actions_that_were_not_agreed_on_are_failures(void **state)
{
	static const struct filter_line line = { 'E', STR("\0\0\0\5hN\0v\0\0\0\0\1c"),
		                                 FILTER_SAYS };

	(void)state;
	filter_start(&line, 1, STR("\0\0\0\6\0\0\0\0\0\0\0\0"), NULL);
	begin("fail=accept");
	assert_int_equal(whole(), POLICY_PASS);
	assert_int_equal(f.s->changes.count, 0);
	end();
	filter_stop();
}

/* --- when it fails ----------------------------------------------------------------------- */

static void lies_and_silence_count_as_failure(void **state)
{
	static const struct {
		struct str bytes;
		enum filter_how how;
	} lies[] = {
		{ STR(""), FILTER_CLOSES },
		{ STR("\0\0"), FILTER_CLOSES },
		{ STR("\0\0\0\5c"), FILTER_CLOSES },
		{ STR("\0\0\0\0c"), FILTER_SAYS },
		{ STR("\xff\xff\xff\xff""c"), FILTER_SAYS },
		{ STR("\0\x10\0\1c"), FILTER_SAYS }, /* LIMIT_milter_packet and one */
		{ STR("\0\0\0\1Z"), FILTER_SAYS },
		{ STR("\0\0\0\2cx"), FILTER_SAYS },
		{ STR("HTTP/1.0 400 Bad Request\r\n"), FILTER_SAYS },
		{ STR(""), FILTER_HANGS },
		{ STR("\0\0\0\1p"), FILTER_HANGS },
		{ STR("\0\0\1\0y550 this is a long and slow reply that never comes to an end at all"
	              " because each byte takes its time"), FILTER_DRIBBLES },
	};
	static const char *const fails[] = { "accept", "tempfail", "reject", "quarantine" };
	static const enum policy_kind kinds[] = { POLICY_PASS, POLICY_TEMPFAIL, POLICY_REJECT,
		                                  POLICY_PASS };
	static const char at[] = "OCME";

	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++)
		for (size_t k = 0; at[k] != '\0'; k++) {
			const struct filter_line line = { at[k], lies[i].bytes, lies[i].how };
			size_t fail = (i + k) % COUNT(fails), row = i * 100 + k;
			char words[64];

			if (lies[i].how >= FILTER_HANGS && (at[k] == 'C' || at[k] == 'M'))
				continue; /* each costs a second */
			snprintf(words, sizeof words, "connect=1s command=1s message=1s fail=%s",
			         fails[fail]);
			filter_start(&line, 1, STR(""), NULL);
			begin(words);
			check_at(row, whole() == kinds[fail]);
			check_at(row, f.s->changes.count == 0);
			check_at(row, (f.s->quarantine.n != 0) == (fail == 3));
			end();
			filter_stop();
		}
}

static void nobody_listens(void **state)
{
	(void)state;
	filter_start(NULL, 0, STR(""), NULL);
	filter_stop();
	begin("fail=tempfail");
	assert_int_equal(ask(POLICY_CONNECT), POLICY_TEMPFAIL);
	end();
	begin("fail=accept stages=end");
	ask_mail();
	assert_int_equal(ask_end(LETTER), POLICY_PASS);
	end();
}

/* Where failure refuses, no later stage lets the message pass. */
static void a_failure_in_the_middle_is_not_forgotten(void **state)
{
	static const struct filter_line line = { 'R', STR(""), FILTER_CLOSES };

	(void)state;
	filter_start(&line, 1, STR(""), NULL);
	begin("fail=tempfail");
	f.s->helo = STR("client.example.net");
	assert_int_equal(ask(POLICY_CONNECT), POLICY_PASS);
	assert_int_equal(ask_mail(), POLICY_PASS);
	assert_int_equal(ask_rcpt(), POLICY_TEMPFAIL);
	assert_int_equal(ask_rcpt(), POLICY_TEMPFAIL);
	f.s->envelope.rcpts = rcpts;
	f.s->envelope.rcpt_count = 1; /* as if another check had let it in */
	assert_int_equal(ask_end(LETTER), POLICY_TEMPFAIL);
	end();
	filter_stop();
}

static void one_that_fails_is_left_alone_a_while(void **state)
{
	static const struct filter_line line = { 'M', STR(""), FILTER_CLOSES };

	(void)state;
	filter_start(&line, 1, STR(""), NULL);
	begin("fail=accept");
	for (int i = 0; i < FILTER_FAILURES; i++) {
		assert_int_equal(ask_mail(), POLICY_PASS);
		policy_session_reset(f.policy, f.s);
	}
	assert_int_equal(filter.connections, FILTER_FAILURES);
	ask_mail();
	policy_session_reset(f.policy, f.s);
	assert_int_equal(filter.connections, FILTER_FAILURES); /* it rests */
	clock_shift_mono(FILTER_REST_MS);
	ask_mail();
	policy_session_reset(f.policy, f.s);
	assert_int_equal(filter.connections, FILTER_FAILURES + 1);
	ask_mail();
	assert_int_equal(filter.connections, FILTER_FAILURES + 1);
	clock_shift_mono(-FILTER_REST_MS);
	end();
	filter_stop();
}

static void without_a_setting_nothing_is_asked(void **state)
{
	const struct policy_config config = { .checks = checks, .check_count = COUNT(checks) };
	static const struct conn_service service = { .name = "smtp", .proto = &nothing };

	(void)state;
	f = (struct fixture){ .kind = POLICY_PASS };
	assert_int_equal(policy_open(&config, &f.policy, NULL), OK);
	f.s = policy_session_new(f.policy, fake_open(0, &service, false), POLICY_MX, &f.settings);
	assert_int_equal(ask(POLICY_CONNECT), POLICY_PASS);
	assert_true(f.s->states[0] == NULL);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_is_told),
		cmocka_unit_test(steps_that_it_does_not_want_are_left_out),
		cmocka_unit_test(answers_that_it_does_not_give_are_not_waited_for),
		cmocka_unit_test(it_may_ask_for_spaces_and_macros),
		cmocka_unit_test(names_and_logins),
		cmocka_unit_test(bodies_come_in_pieces),
		cmocka_unit_test(it_catches_up),
		cmocka_unit_test(it_can_be_a_socket_in_the_file_system),
		cmocka_unit_test(each_verdict_at_each_stage),
		cmocka_unit_test(what_it_accepts_it_is_not_asked_about_again),
		cmocka_unit_test(after_starttls_it_is_asked_again),
		cmocka_unit_test(several_lines_are_kept),
		cmocka_unit_test(messages_are_changed),
		cmocka_unit_test(it_hears_who_sent_it),
		cmocka_unit_test(the_envelope_is_changed_and_mail_put_aside),
		cmocka_unit_test(actions_that_were_not_agreed_on_are_failures),
		cmocka_unit_test(lies_and_silence_count_as_failure),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(a_failure_in_the_middle_is_not_forgotten),
		cmocka_unit_test(one_that_fails_is_left_alone_a_while),
		cmocka_unit_test(without_a_setting_nothing_is_asked),
	};

	event_fd_set(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
