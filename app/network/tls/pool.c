/* network/tls/pool.c: see pool.h. */
#include "network/tls/pool.h"

#include "foundation/base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define POOL_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_POISONS 1
#endif
#endif

#ifdef POOL_POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { POOL_KEEP = 16, POOL_GARBAGE = 0xa5 }; /* at most 270 KB are kept for the next burst */

static struct {
	pthread_mutex_t lock;
	uint8_t *kept[POOL_KEEP]; /* lock */
	size_t kept_n;            /* lock */
	size_t lent;              /* lock */
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

uint8_t *tls_pool_take(void)
{
	uint8_t *p = NULL;

	pthread_mutex_lock(&pool.lock);
	pool.lent++;
	if (pool.kept_n > 0)
		p = pool.kept[--pool.kept_n];
	pthread_mutex_unlock(&pool.lock);
	if (p == NULL)
		return mem_resize(NULL, TLS_RECORD_BUFFER);
	ASAN_UNPOISON_MEMORY_REGION(p, TLS_RECORD_BUFFER);
	return p;
}

void tls_pool_give(uint8_t **p)
{
	uint8_t *back = *p;

	if (back == NULL)
		return;
	*p = NULL;
#ifdef POOL_POISONS
	memset(back, POOL_GARBAGE, TLS_RECORD_BUFFER);
#endif
	pthread_mutex_lock(&pool.lock);
	pool.lent--;
	if (pool.kept_n < POOL_KEEP) {
		ASAN_POISON_MEMORY_REGION(back, TLS_RECORD_BUFFER);
		pool.kept[pool.kept_n++] = back;
		back = NULL;
	}
	pthread_mutex_unlock(&pool.lock);
	mem_free(back);
}

size_t tls_pool_lent(void)
{
	size_t n;

	pthread_mutex_lock(&pool.lock);
	n = pool.lent;
	pthread_mutex_unlock(&pool.lock);
	return n;
}

static uint8_t *nowhere;

static void nowhere_map(void)
{
	nowhere = mmap(NULL, TLS_RECORD_BUFFER, PROT_NONE,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (nowhere == MAP_FAILED)
		abort();
}

uint8_t *tls_pool_nowhere(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, nowhere_map);
	return nowhere;
}
