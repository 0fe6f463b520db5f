/* tests/harness/openssl.c: see openssl.h. */
#include "harness/openssl.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static void folder_remove(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (system(command) != 0)
		fprintf(stderr, "could not remove %s\n", folder);
}

const char *openssl_folder(void)
{
	if (folder[0] != '\0')
		return folder;
	snprintf(folder, sizeof folder, "/tmp/roost-openssl-XXXXXX");
	if (mkdtemp(folder) == NULL)
		abort();
	atexit(folder_remove);
	strcat(folder, "/");
	return folder;
}

struct str openssl(struct arena *a, const char *arguments)
{
	char chunk[4096];
	struct str result = STR_EMPTY;
	struct buf out;
	size_t n;
	FILE *f;

	f = popen(str_z(a, str_fmt(a, "cd %s && { openssl %s; } 2>err", openssl_folder(),
	                           arguments)),
	          "r");
	if (f == NULL)
		return STR_EMPTY;
	buf_init(&out, MIB(1));
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_bytes(&out, chunk, n);
	if (pclose(f) == 0)
		result = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	return result;
}

void openssl_file(const char *name, struct str contents)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s%s", openssl_folder(), name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, contents.p, contents.n) != (ssize_t)contents.n)
		abort();
	close(fd);
}

bool openssl_there(void)
{
	if (system("openssl version >/dev/null 2>&1") == 0)
		return true;
	fprintf(stderr, "SKIPPED: there is no openssl program on this machine\n");
	return false;
}
