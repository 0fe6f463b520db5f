/* tests/bench/login_load.c: logins over plain IMAP, as fast as a server takes them.
 *
 *	login_load PORT THREADS SECONDS USER PASSWORD
 *
 * Each thread connects, reads the greeting, sends LOGIN, reads until its OK and goes away, again
 * and again. Prints logins a second. The socket is reset at its end, so that no port waits. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in server;
static char command[300];
static double until;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Read until a line that begins with this has come whole. */
static bool await(int fd, const char *begin)
{
	char text[4096];
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, text + n, sizeof text - 1 - n);

		if (got <= 0)
			return false;
		n += (size_t)got;
		text[n] = '\0';
		for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
			if (strncmp(line, begin, strlen(begin)) == 0)
				return true;
	}
}

static bool login(void)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	static const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	good = connect(fd, (const struct sockaddr *)&server, sizeof server) == 0 &&
	       await(fd, "* OK") && write(fd, command, strlen(command)) > 0 && await(fd, "a OK");
	close(fd);
	return good;
}

static void *run(void *arg)
{
	size_t *count = arg;

	while (now() < until) {
		if (!login()) {
			fprintf(stderr, "login_load: a login failed\n");
			exit(EXIT_FAILURE);
		}
		++*count;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[64];
	size_t counts[64] = { 0 }, all = 0;
	size_t n;
	double begin;

	if (argc != 6 || (n = (size_t)atoi(argv[2])) == 0 || n > 64)
		return EXIT_FAILURE;
	server.sin_family = AF_INET;
	server.sin_port = htons((uint16_t)atoi(argv[1]));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(command, sizeof command, "a LOGIN %s %s\r\n", argv[4], argv[5]);
	begin = now();
	until = begin + atof(argv[3]);
	for (size_t i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, run, &counts[i]);
	for (size_t i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		all += counts[i];
	}
	printf("%.0f\n", (double)all / (now() - begin));
	return EXIT_SUCCESS;
}
