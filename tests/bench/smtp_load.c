/* tests/bench/smtp_load.c: SMTP clients as fast as a server takes them, with TLS and without.
 *
 *	smtp_load send  [-t plain|starttls|tls] -p PORT -s SESSIONS -m MESSAGES -l BYTES
 *	                -r RCPT [-n DOMAINS] [-k MESSAGES] [-f SENDER] [-a AUTH] [-F LETTERS]
 *	smtp_load shake [-t ...] -p PORT -s SESSIONS -w SECONDS [-R] [-2]
 *	smtp_load hold  [-t ...] -p PORT -s SESSIONS [-D]
 *
 * AUTH is what follows "AUTH PLAIN", when there is a login to be done first.
 *
 * send   MESSAGES in all, a new connection for each (-k: for so many); "#" in RCPT is the number
 *        of the message, modulo DOMAINS. Prints when it began (CLOCK_MONOTONIC), and the seconds
 *        from the first connect to the last 250. With -F the messages of a file that letters.py
 *        wrote are sent in turn, instead of random text of BYTES.
 * shake  connect, greeting, TLS, EHLO, gone, for so many seconds; -R with the session of the
 *        connection before, -2 with TLS 1.2 only. Prints handshakes a second, the part that was
 *        resumed, protocol and cipher.
 * hold   SESSIONS connections after EHLO (-D: amid DATA, with 1 KiB sent), prints "held" and
 *        keeps them until standard input ends.
 *
 * Whatever a server answers but 2xx and 3xx ends the program. Texts are random, so nothing is
 * gained by compressing them well or by knowing them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SESSIONS_MAX = 10000, COMMAND_MAX = 400 };
enum tls { TLS_PLAIN, TLS_STARTTLS, TLS_IMPLICIT };

static struct {
	enum tls tls;
	unsigned sessions, messages, domains, keep;
	size_t length;
	const char *rcpt, *sender, *auth, *letters;
	double seconds;
	bool resume, tls12, amid_data;
} job = { .sender = "sender@peer.example",
	  .rcpt = "user@example.org",
	  .sessions = 1,
	  .messages = 1,
	  .domains = 1,
	  .keep = 1,
	  .length = 4096,
	  .seconds = 3 };

static struct sockaddr_in server;
static SSL_CTX *ctx;
static atomic_uint begun, resumed, shaken;
static double until;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what, const char *said)
{
	fprintf(stderr, "smtp_load: %s: %s\n", what, said);
	exit(EXIT_FAILURE);
}

/* --- one connection ---------------------------------------------------------------------- */

struct conn {
	int fd;
	SSL *ssl; /* NULL: plain */
	char text[4096];
	size_t n;
};

static ssize_t conn_read(struct conn *c, char *to, size_t n)
{
	return c->ssl != NULL ? SSL_read(c->ssl, to, (int)n) : read(c->fd, to, n);
}

static void conn_write(struct conn *c, const char *p, size_t n)
{
	while (n != 0) {
		ssize_t did = c->ssl != NULL ? SSL_write(c->ssl, p, (int)n) : write(c->fd, p, n);

		if (did <= 0)
			die("writing", "the server is gone");
		p += did;
		n -= (size_t)did;
	}
}

/* One reply, all of its lines. */
static void reply_await(struct conn *c, const char *to_what)
{
	for (;;) {
		char *end = memchr(c->text, '\n', c->n);
		bool last;
		ssize_t got;

		if (end != NULL) {
			size_t line = (size_t)(end - c->text) + 1;

			if (c->text[0] != '2' && c->text[0] != '3') {
				*end = '\0';
				die(to_what, c->text);
			}
			last = line > 4 && c->text[3] != '-';
			c->n -= line;
			memmove(c->text, c->text + line, c->n);
			if (last)
				return;
			continue;
		}
		got = conn_read(c, c->text + c->n, sizeof c->text - 1 - c->n);
		if (got <= 0)
			die(to_what, "the server is gone");
		c->n += (size_t)got;
	}
}

static void command(struct conn *c, const char *line)
{
	conn_write(c, line, strlen(line));
	reply_await(c, line);
}

static void conn_tls(struct conn *c, SSL_SESSION *session)
{
	SSL *ssl = SSL_new(ctx);

	SSL_set_fd(ssl, c->fd);
	if (session != NULL)
		SSL_set_session(ssl, session);
	if (SSL_connect(ssl) != 1)
		die("TLS", ERR_reason_error_string(ERR_get_error()) ?: "the server is gone");
	resumed += SSL_session_reused(ssl) != 0;
	c->ssl = ssl;
}

/* Up to and with EHLO's reply. session: to resume, or NULL. */
static void conn_open(struct conn *c, SSL_SESSION *session)
{
	static const int on = 1;

	*c = (struct conn){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(c->fd, (const struct sockaddr *)&server, sizeof server) != 0)
		die("connecting", "refused");
	if (job.tls == TLS_IMPLICIT)
		conn_tls(c, session);
	reply_await(c, "greeting");
	command(c, "EHLO load.example\r\n");
	if (job.tls == TLS_STARTTLS) {
		command(c, "STARTTLS\r\n");
		conn_tls(c, session);
		command(c, "EHLO load.example\r\n");
	}
}

static void login(struct conn *c)
{
	char line[COMMAND_MAX];

	if (job.auth == NULL)
		return;
	snprintf(line, sizeof line, "AUTH PLAIN %s\r\n", job.auth);
	command(c, line);
}

/* The socket is reset, so that no port waits. */
static void conn_close(struct conn *c)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(c->fd);
	SSL_free(c->ssl);
}

/* --- messages ------------------------------------------------------------------------------ */

/* Lines of 70 characters that nobody has seen before. */
static size_t text_make(char *to, size_t length, unsigned number)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789  ";
	uint64_t x = 0x9e3779b97f4a7c15u * (number + 1) ^ (uint64_t)(now() * 1e9);
	size_t n = (size_t)sprintf(to,
	                           "From: <author@peer.example>\r\nTo: <rcpt@example.org>\r\n"
	                           "Subject: load %u\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
	                           "Message-ID: <%u.%llx@load.example>\r\n\r\n",
	                           number, number, (unsigned long long)x);

	for (size_t column = 0; n < length; n++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		to[n] = alphabet[x >> 58];
		if (++column == 70) {
			to[n++] = '\r';
			to[n] = '\n';
			column = 0;
		}
	}
	return n + (size_t)sprintf(to + n, "\r\n.\r\n");
}

/* --- messages from a file: each is its size in four bytes, then its text --- */

static struct {
	char *bytes;
	const char **at;
	size_t count, longest;
} letters;

static uint32_t letter_size(const char *letter)
{
	uint32_t n;

	memcpy(&n, letter, sizeof n);
	return n;
}

static void letters_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0)
		die("letters", "the file cannot be read");
	rewind(f);
	letters.bytes = malloc((size_t)size);
	letters.at = malloc(((size_t)size / 4 + 1) * sizeof *letters.at);
	if (fread(letters.bytes, 1, (size_t)size, f) != (size_t)size)
		die("letters", "the file is cut short");
	fclose(f);
	for (long at = 0; at < size; at += 4 + letter_size(letters.bytes + at)) {
		letters.at[letters.count++] = letters.bytes + at;
		if (letter_size(letters.bytes + at) > letters.longest)
			letters.longest = letter_size(letters.bytes + at);
	}
}

/* A dot at the begin of a line is doubled (RFC 5321 4.5.2). */
static size_t letter_make(char *to, unsigned number)
{
	const char *letter = letters.at[number % letters.count];
	size_t size = letter_size(letter), n = 0;

	letter += 4;
	for (size_t i = 0; i < size; i++) {
		if (letter[i] == '.' && (i == 0 || letter[i - 1] == '\n'))
			to[n++] = '.';
		to[n++] = letter[i];
	}
	if (n < 2 || to[n - 1] != '\n')
		n += (size_t)sprintf(to + n, "\r\n");
	return n + (size_t)sprintf(to + n, ".\r\n");
}

/* "#" is the domain's number. */
static void rcpt_make(char *to, size_t size, unsigned number)
{
	const char *mark = strchr(job.rcpt, '#');

	if (mark == NULL)
		snprintf(to, size, "RCPT TO:<%s>\r\n", job.rcpt);
	else
		snprintf(to, size, "RCPT TO:<%.*s%u%s>\r\n", (int)(mark - job.rcpt), job.rcpt,
		         number % job.domains, mark + 1);
}

static void message_begin(struct conn *c, unsigned number)
{
	char line[COMMAND_MAX];

	snprintf(line, sizeof line, "MAIL FROM:<%s>\r\n", job.sender);
	command(c, line);
	rcpt_make(line, sizeof line, number);
	command(c, line);
	command(c, "DATA\r\n");
}

static void *send_run(void *arg)
{
	char *text = malloc(job.length + 2 * letters.longest + 1000);
	struct conn c;
	unsigned left = 0, number;

	(void)arg;
	while ((number = begun++) < job.messages) {
		size_t n = letters.count != 0 ? letter_make(text, number)
		                              : text_make(text, job.length, number);

		if (left == 0) {
			conn_open(&c, NULL);
			login(&c);
			left = job.keep;
		}
		message_begin(&c, number);
		conn_write(&c, text, n);
		reply_await(&c, "the message");
		if (--left == 0) {
			command(&c, "QUIT\r\n");
			conn_close(&c);
		}
	}
	if (left != 0)
		conn_close(&c);
	free(text);
	return NULL;
}

/* --- handshakes ------------------------------------------------------------------------------ */

static void *shake_run(void *arg)
{
	SSL_SESSION *session = NULL;
	struct conn c;

	(void)arg;
	while (now() < until) {
		conn_open(&c, session);
		shaken++;
		if (job.resume) {
			SSL_SESSION_free(session);
			session = SSL_get1_session(c.ssl);
			SSL_set_shutdown(c.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		}
		conn_close(&c);
	}
	SSL_SESSION_free(session);
	return NULL;
}

static void cipher_print(void)
{
	struct conn c;

	conn_open(&c, NULL);
	printf("%s %s\n", SSL_get_version(c.ssl), SSL_get_cipher(c.ssl));
	conn_close(&c);
}

/* --- what is held open ------------------------------------------------------------------------ */

static void hold(void)
{
	static struct conn conns[SESSIONS_MAX];
	struct rlimit files = { SESSIONS_MAX + 100, SESSIONS_MAX + 100 };
	char text[1024];

	setrlimit(RLIMIT_NOFILE, &files);
	memset(text, 'x', sizeof text);
	for (size_t i = 70; i < sizeof text; i += 72)
		memcpy(text + i, "\r\n", 2);
	for (unsigned i = 0; i < job.sessions; i++) {
		conn_open(&conns[i], NULL);
		if (job.amid_data) {
			message_begin(&conns[i], i);
			conn_write(&conns[i], text, sizeof text);
		}
	}
	puts("held");
	fflush(stdout);
	while (getchar() != EOF)
		;
}

/* --- */

static double threads_run(void *(*run)(void *))
{
	pthread_t *threads = calloc(job.sessions, sizeof *threads);
	double begin = now();

	until = begin + job.seconds;
	for (unsigned i = 0; i < job.sessions; i++)
		if (pthread_create(&threads[i], NULL, run, NULL) != 0)
			die("threads", "there are no more");
	for (unsigned i = 0; i < job.sessions; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return now() - begin;
}

static void options_read(int argc, char **argv)
{
	server.sin_family = AF_INET;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int o; (o = getopt(argc, argv, "t:p:s:m:l:r:n:k:w:f:a:F:R2D")) != -1;)
		switch (o) {
		case 't':
			job.tls = strcmp(optarg, "tls") == 0        ? TLS_IMPLICIT
			          : strcmp(optarg, "starttls") == 0 ? TLS_STARTTLS
			                                            : TLS_PLAIN;
			break;
		case 'p':
			server.sin_port = htons((uint16_t)atoi(optarg));
			break;
		case 's':
			job.sessions = (unsigned)atoi(optarg);
			break;
		case 'm':
			job.messages = (unsigned)atoi(optarg);
			break;
		case 'l':
			job.length = (size_t)atoi(optarg);
			break;
		case 'r':
			job.rcpt = optarg;
			break;
		case 'f':
			job.sender = optarg;
			break;
		case 'a':
			job.auth = optarg;
			break;
		case 'F':
			job.letters = optarg;
			break;
		case 'n':
			job.domains = (unsigned)atoi(optarg);
			break;
		case 'k':
			job.keep = (unsigned)atoi(optarg);
			break;
		case 'w':
			job.seconds = atof(optarg);
			break;
		case 'R':
			job.resume = true;
			break;
		case '2':
			job.tls12 = true;
			break;
		case 'D':
			job.amid_data = true;
			break;
		default:
			exit(EXIT_FAILURE);
		}
	if (job.sessions == 0 || job.sessions > SESSIONS_MAX || job.domains == 0 || job.keep == 0)
		die("options", "out of range");
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return EXIT_FAILURE;
	options_read(argc - 1, argv + 1);
	signal(SIGPIPE, SIG_IGN);
	ctx = SSL_CTX_new(TLS_client_method());
	if (job.tls12)
		SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	if (strcmp(argv[1], "send") == 0) {
		double begin;

		if (job.letters != NULL)
			letters_read(job.letters);
		begin = now();
		printf("%.6f %.6f\n", begin, threads_run(send_run));
	} else if (strcmp(argv[1], "shake") == 0) {
		double took = threads_run(shake_run);

		printf("%.1f %.3f ", shaken / took, (double)resumed / shaken);
		cipher_print();
	} else {
		hold();
	}
	return EXIT_SUCCESS;
}
