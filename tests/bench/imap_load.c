/* tests/bench/imap_load.c: APPEND as fast as a server takes it.
 *
 *	imap_load PORT CONNECTIONS BATCH FILE FROM COUNT USER PASSWORD MAILBOX
 *
 * Of FILE (letters.py: of each message its size in four bytes, then itself) the messages FROM to
 * FROM + COUNT - 1, so many connections side by side, BATCH of them in each command. A connection
 * sends the next command when it has the OK of the last. Prints messages a second. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, BATCH_MAX = 400 };

struct letter {
	char *p;
	uint32_t n;
};

static struct letter *letters;
static size_t count, batch, connections;
static const char *mailbox, *user, *password;
static struct sockaddr_in server;
static pthread_barrier_t ready;

static void die(const char *what)
{
	fprintf(stderr, "imap_load: %s\n", what);
	exit(EXIT_FAILURE);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Read until a line begins with this. */
static void await(int fd, const char *begin)
{
	char text[1 << 16];
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, text + n, sizeof text - 1 - n);

		if (got <= 0)
			die("the server went away");
		n += (size_t)got;
		text[n] = '\0';
		for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			if (strncmp(line, begin, strlen(begin)) == 0)
				return;
			if (strncmp(line, "a NO", 4) == 0 || strncmp(line, "a BAD", 5) == 0)
				die(line);
		}
	}
}

static void send_all(int fd, struct iovec *v, size_t n)
{
	while (n > 0) {
		ssize_t put = writev(fd, v, (int)n);

		if (put < 0)
			die("cannot send");
		for (; n > 0 && (size_t)put >= v->iov_len; v++, n--)
			put -= (ssize_t)v->iov_len;
		if (n > 0) {
			v->iov_base = (char *)v->iov_base + put;
			v->iov_len -= (size_t)put;
		}
	}
}

static void append(int fd, const struct letter *some, size_t n)
{
	static const char end[] = "\r\n";
	char heads[BATCH_MAX][64];
	struct iovec v[2 * BATCH_MAX + 1];

	for (size_t i = 0; i < n; i++) {
		int len = i == 0 ? snprintf(heads[i], sizeof heads[i], "a APPEND %s {%u+}\r\n",
		                            mailbox, some[i].n)
		                 : snprintf(heads[i], sizeof heads[i], " {%u+}\r\n", some[i].n);

		v[2 * i] = (struct iovec){ heads[i], (size_t)len };
		v[2 * i + 1] = (struct iovec){ some[i].p, some[i].n };
	}
	v[2 * n] = (struct iovec){ (char *)end, 2 };
	send_all(fd, v, 2 * n + 1);
	await(fd, "a OK");
}

static int login(void)
{
	static const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char command[300];

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, (const struct sockaddr *)&server, sizeof server) != 0)
		die("cannot connect");
	await(fd, "* OK");
	snprintf(command, sizeof command, "a LOGIN %s %s\r\n", user, password);
	if (write(fd, command, strlen(command)) <= 0)
		die("cannot send");
	await(fd, "a OK");
	return fd;
}

static void *run(void *arg)
{
	size_t share = count / connections, from = (size_t)(uintptr_t)arg * share;
	int fd = login();

	pthread_barrier_wait(&ready);
	for (size_t i = 0; i < share; i += batch)
		append(fd, letters + from + i, share - i < batch ? share - i : batch);
	close(fd);
	return NULL;
}

/* Borrowed from the file, all of whose pages are read before the clock starts. */
static void letters_map(const char *path, size_t from)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p, *end;

	if (fd < 0 || fstat(fd, &st) != 0)
		die("cannot open the messages");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		die("cannot map the messages");
	end = p + st.st_size;
	letters = calloc(count, sizeof *letters);
	for (size_t i = 0; i < from + count && p < end; i++) {
		struct letter l = { p + 4, 0 };

		memcpy(&l.n, p, 4);
		if (i >= from)
			letters[i - from] = l;
		p += 4 + l.n;
	}
	if (letters[count - 1].p == NULL)
		die("there are too few messages");
}

int main(int argc, char **argv)
{
	pthread_t threads[CONNECTIONS_MAX];
	double begin;

	if (argc != 10)
		die("see its source");
	server.sin_family = AF_INET;
	server.sin_port = htons((uint16_t)atoi(argv[1]));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connections = (size_t)atoi(argv[2]);
	batch = (size_t)atoi(argv[3]);
	count = (size_t)atoi(argv[6]);
	if (connections < 1 || connections > CONNECTIONS_MAX || batch < 1 || batch > BATCH_MAX ||
	    count < connections)
		die("see its source");
	user = argv[7];
	password = argv[8];
	mailbox = argv[9];
	letters_map(argv[4], (size_t)atoi(argv[5]));
	pthread_barrier_init(&ready, NULL, (unsigned)connections + 1);
	for (size_t i = 0; i < connections; i++)
		pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)i);
	pthread_barrier_wait(&ready);
	begin = now();
	for (size_t i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	printf("%.1f\n", (double)(count / connections * connections) / (now() - begin));
	return EXIT_SUCCESS;
}
