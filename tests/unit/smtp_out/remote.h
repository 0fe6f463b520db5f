/* tests/unit/smtp_out/remote.h: another mail server, on a thread, that says at each step what a
 * test wants, and remembers which recipients it has truly taken mail for.
 *
 * A recipient whose local part ends in digits is answered with them: <a450@...>. */
#ifndef UNIT_SMTP_REMOTE_H
#define UNIT_SMTP_REMOTE_H
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "network/runtime/addr.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* What it answers, with CRLF added; NULL: as a good server would; "": it hangs up; a "!" in
 * front: it says the rest and hangs up. */
struct remote_manner {
	const char *greeting, *ehlo, *helo, *starttls, *auth, *mail, *data, *end, *rset;
	const char *auth_scram; /* to AUTH SCRAM-... */
	const char *star;       /* to a login that is given up */
	/* Of the EHLO reply that is used when ehlo is NULL. */
	bool no_pipelining, no_8bit, chunking, binary, utf8;
	/* An answer for each recipient after the message (RFC 2033 4.2): 452 for those who are
	 * "full...", 550 for "bad...", and it hangs up before that of "gone...". */
	bool lmtp;
};

enum { REMOTE_RCPTS = 400, REMOTE_MANNERS = 4 };

struct remote {
	int listener;
	uint16_t port;
	pthread_t thread;
	atomic_bool ending, gated; /* gated: it does not greet for now */
	atomic_uint connections, open, open_most, rsets, quits;
	/* Of the first, second ... connection; the last one holds for those after it. */
	struct remote_manner manners[REMOTE_MANNERS];
	unsigned manner_count;
	atomic_bool lenient;           /* takes every recipient */
	_Atomic int64_t data_takes_ms; /* so much time passes before it answers DATA */
	_Atomic int64_t body_takes_ms; /* and when the message begins                */
	_Atomic int64_t rcpt_takes_ms; /* at each RCPT; and half a second in truth   */
	atomic_size_t body_came;       /* bytes of messages, taken or not            */

	pthread_mutex_t lock;         /* from here on, and of manners */
	char taken[REMOTE_RCPTS][80]; /* addresses with a 2xx after the dot, each time */
	size_t taken_count;
	struct buf last;  /* the last message that was taken, as it came over the wire */
	struct buf lines; /* all commands */
};

struct remote_talk {
	struct remote *r;
	struct remote_manner manner;
	FILE *in;
	int fd;
	char rcpts[REMOTE_RCPTS][80];
	size_t rcpt_count;
	bool begun; /* a transaction: until its message has come, or RSET (RFC 5321 4.1.4) */
};

/* False: it hangs up. */
static bool remote_say(struct remote_talk *t, const char *wanted, const char *usual)
{
	const char *text = wanted != NULL ? wanted : usual;
	bool last = text[0] == '!' || text[0] == '\0';
	char line[40000];
	int n = snprintf(line, sizeof line, "%s\r\n", text[0] == '!' ? text + 1 : text);

	if (text[0] != '\0' && send(t->fd, line, (size_t)n, MSG_NOSIGNAL) != n)
		return false;
	return !last;
}

/* Is this reply, of which the last line counts, a 2xx? */
static bool remote_taken(const char *reply)
{
	const char *lf = strrchr(reply, '\n');

	reply = lf != NULL ? lf + 1 : reply;
	return reply[0] == '2' && strspn(reply, "0123456789") == 3 &&
	       (reply[3] == ' ' || reply[3] == '\0');
}

static bool remote_lines(struct remote_talk *t, struct buf *body)
{
	char line[70000];

	while (fgets(line, sizeof line, t->in) != NULL) {
		if (strcmp(line, ".\r\n") == 0)
			return true;
		buf_put(body, str_of(line));
	}
	return false;
}

static bool remote_bytes(struct remote_talk *t, size_t n, struct buf *body)
{
	char some[4096];

	while (n != 0) {
		size_t got = fread(some, 1, MIN(n, sizeof some), t->in);

		if (got == 0)
			return false;
		buf_put(body, str_from(some, got));
		n -= got;
	}
	return true;
}

/* chunk: bytes of a BDAT LAST, SIZE_MAX for what comes after DATA. */
static bool remote_message(struct remote_talk *t, size_t chunk)
{
	const char *end = t->manner.end != NULL ? t->manner.end : "250 2.0.0 taken";
	struct buf body;
	bool whole;

	buf_init(&body, 64 << 20);
	if (t->r->body_takes_ms != 0) {
		recv(t->fd, &(char){ 0 }, 1, MSG_PEEK);
		clock_shift_real(t->r->body_takes_ms);
	}
	whole = chunk == SIZE_MAX ? remote_lines(t, &body) : remote_bytes(t, chunk, &body);
	atomic_fetch_add(&t->r->body_came, body.n);
	pthread_mutex_lock(&t->r->lock);
	if (whole && remote_taken(end[0] == '!' ? end + 1 : end)) {
		for (size_t i = 0; i < t->rcpt_count && t->r->taken_count < REMOTE_RCPTS; i++)
			if (!t->manner.lmtp || t->rcpts[i][0] == 'a')
				memcpy(t->r->taken[t->r->taken_count++], t->rcpts[i], 80);
		buf_reset(&t->r->last);
		buf_put(&t->r->last, buf_str(&body));
	}
	pthread_mutex_unlock(&t->r->lock);
	buf_deinit(&body);
	t->begun = false;
	for (size_t i = 0; whole && t->manner.lmtp && i < t->rcpt_count; i++) {
		if (strncmp(t->rcpts[i], "gone", 4) == 0)
			return false;
		remote_say(t, NULL,
		           strncmp(t->rcpts[i], "full", 4) == 0  ? "452 4.2.2 full"
		           : strncmp(t->rcpts[i], "bad", 3) == 0 ? "550 5.2.0 bad"
		                                                 : "250 2.0.0 taken");
	}
	t->rcpt_count = 0;
	return whole && (t->manner.lmtp || remote_say(t, end, ""));
}

static bool remote_rcpt(struct remote_talk *t, const char *line)
{
	char address[80] = "", reply[40] = "250 2.1.5 fine";
	size_t n;

	sscanf(line, "RCPT TO:<%79[^>]", address);
	if (t->r->rcpt_takes_ms != 0) {
		clock_shift_real(t->r->rcpt_takes_ms);
		usleep(500000);
	}
	n = strcspn(address, "@");
	if (n >= 3 && strspn(address + n - 3, "0123456789") >= 3 && !t->r->lenient)
		snprintf(reply, sizeof reply, "%.3s as the name says", address + n - 3);
	if (reply[0] == '2' && t->rcpt_count < REMOTE_RCPTS)
		memcpy(t->rcpts[t->rcpt_count++], address, sizeof address);
	return remote_say(t, NULL, reply);
}

static bool remote_ehlo(struct remote_talk *t)
{
	const struct remote_manner *m = &t->manner;
	char reply[200];

	snprintf(reply, sizeof reply, "250-remote\r\n%s%s%s%s%s250 HELP",
	         m->no_pipelining ? "" : "250-PIPELINING\r\n",
	         m->no_8bit ? "" : "250-8BITMIME\r\n",
	         m->chunking ? "250-CHUNKING\r\n" : "", m->binary ? "250-BINARYMIME\r\n" : "",
	         m->utf8 ? "250-SMTPUTF8\r\n" : "");
	return remote_say(t, m->ehlo, reply);
}

static bool remote_bdat(struct remote_talk *t, const char *line)
{
	char last[8] = "";
	size_t n = 0;

	if (sscanf(line, "BDAT %zu %7s", &n, last) != 2 || strcmp(last, "LAST") != 0)
		return false;
	clock_shift_real(t->r->data_takes_ms);
	return remote_message(t, n);
}

static bool remote_command(struct remote_talk *t, const char *line)
{
	const struct remote_manner *m = &t->manner;

	if (strncasecmp(line, m->lmtp ? "LHLO" : "EHLO", 4) == 0)
		line = "EHLO";
	else if (m->lmtp && strncasecmp(line, "EHLO", 4) == 0)
		return remote_say(t, NULL, "500 5.5.1 this is LMTP");
	if (strncasecmp(line, "EHLO", 4) == 0 || strncasecmp(line, "HELO", 4) == 0)
		t->begun = false;
	if (strncasecmp(line, "EHLO", 4) == 0)
		return remote_ehlo(t);
	if (strncasecmp(line, "HELO", 4) == 0)
		return remote_say(t, m->helo, "250 remote");
	if (strncasecmp(line, "STARTTLS", 8) == 0)
		return remote_say(t, m->starttls, "454 4.7.0 not now");
	if (strncasecmp(line, "AUTH SCRAM", 10) == 0)
		return remote_say(t, m->auth_scram, "504 5.5.4 unknown");
	if (strncasecmp(line, "AUTH", 4) == 0)
		return remote_say(t, m->auth, "235 2.7.0 welcome");
	if (strcmp(line, "*\r\n") == 0)
		return remote_say(t, m->star, "501 5.7.0 as you like");
	if (strncasecmp(line, "MAIL", 4) == 0) {
		if (t->begun)
			return remote_say(t, NULL, "503 5.5.1 nested MAIL command");
		t->rcpt_count = 0;
		t->begun = m->mail == NULL || m->mail[0] == '2';
		return remote_say(t, m->mail, "250 2.1.0 fine");
	}
	if (strncasecmp(line, "RCPT", 4) == 0)
		return remote_rcpt(t, line);
	if (strncasecmp(line, "DATA", 4) == 0) {
		clock_shift_real(t->r->data_takes_ms);
		return remote_say(t, m->data, "354 go ahead") &&
		       ((m->data != NULL && strncmp(m->data, "354", 3) != 0) ||
		        remote_message(t, SIZE_MAX));
	}
	if (strncasecmp(line, "BDAT", 4) == 0)
		return m->chunking && remote_bdat(t, line);
	if (strncasecmp(line, "RSET", 4) == 0) {
		atomic_fetch_add(&t->r->rsets, 1);
		t->begun = false;
		return remote_say(t, m->rset, "250 2.0.0 fine");
	}
	if (strncasecmp(line, "QUIT", 4) == 0) {
		atomic_fetch_add(&t->r->quits, 1);
		return remote_say(t, NULL, "!221 2.0.0 bye");
	}
	return remote_say(t, NULL, "500 5.5.1 what?");
}

static void *remote_talk(void *arg)
{
	struct remote_talk *t = arg;
	struct remote *r = t->r;
	unsigned open = atomic_fetch_add(&r->open, 1) + 1, most = atomic_load(&r->open_most);
	char line[70000];

	while (open > most && !atomic_compare_exchange_weak(&r->open_most, &most, open))
		;
	while (atomic_load(&r->gated) && !atomic_load(&r->ending))
		usleep(1000);
	if (remote_say(t, t->manner.greeting, "220 remote ESMTP"))
		while (fgets(line, sizeof line, t->in) != NULL) {
			pthread_mutex_lock(&r->lock);
			buf_put(&r->lines, str_of(line));
			pthread_mutex_unlock(&r->lock);
			if (!remote_command(t, line))
				break;
		}
	fclose(t->in);
	atomic_fetch_sub(&r->open, 1);
	free(t);
	return NULL;
}

static void *remote_run(void *arg)
{
	struct remote *r = arg;
	pthread_t talks[REMOTE_RCPTS];
	size_t n = 0;
	int fd;

	while ((fd = accept(r->listener, NULL, NULL)) >= 0 && !atomic_load(&r->ending)) {
		struct remote_talk *t = calloc(1, sizeof *t);
		unsigned which = atomic_fetch_add(&r->connections, 1);

		*t = (struct remote_talk){ .r = r, .fd = fd, .in = fdopen(fd, "r") };
		pthread_mutex_lock(&r->lock);
		t->manner = r->manners[MIN(which, r->manner_count - 1)];
		pthread_mutex_unlock(&r->lock);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		assert_true(n < COUNT(talks));
		pthread_create(&talks[n++], NULL, remote_talk, t);
	}
	if (fd >= 0)
		close(fd);
	while (n > 0)
		pthread_join(talks[--n], NULL);
	return NULL;
}

static inline void remote_open(struct remote *r, const struct remote_manner *manners, size_t n)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;

	memset(r, 0, sizeof *r);
	for (size_t i = 0; i < n; i++)
		r->manners[i] = manners[i];
	r->manner_count = n != 0 ? (unsigned)n : 1;
	pthread_mutex_init(&r->lock, NULL);
	buf_init(&r->last, 64 << 20);
	buf_init(&r->lines, 64 << 20);
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(bind(r->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
	            listen(r->listener, 100) == 0 &&
	            getsockname(r->listener, (struct sockaddr *)&at, &size) == 0);
	r->port = ntohs(at.sin_port);
	pthread_create(&r->thread, NULL, remote_run, r);
}

/* From now on it behaves. */
static inline void remote_mend(struct remote *r)
{
	pthread_mutex_lock(&r->lock);
	memset(r->manners, 0, sizeof r->manners);
	pthread_mutex_unlock(&r->lock);
	atomic_store(&r->lenient, true);
}

/* When its clients have hung up. */
static inline void remote_close(struct remote *r)
{
	atomic_store(&r->ending, true);
	shutdown(r->listener, SHUT_RDWR);
	pthread_join(r->thread, NULL);
	close(r->listener);
	buf_deinit(&r->last);
	buf_deinit(&r->lines);
	pthread_mutex_destroy(&r->lock);
}

static inline size_t remote_times(struct remote *r, const char *address)
{
	size_t n = 0;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < r->taken_count; i++)
		n += strcmp(r->taken[i], address) == 0;
	pthread_mutex_unlock(&r->lock);
	return n;
}

static inline bool remote_heard(struct remote *r, const char *text)
{
	bool yes;

	pthread_mutex_lock(&r->lock);
	yes = str_find(buf_str(&r->lines), str_of(text)) >= 0;
	pthread_mutex_unlock(&r->lock);
	return yes;
}

#endif
