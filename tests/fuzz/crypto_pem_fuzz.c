/* PEM texts. Law: what was read, written again, reads the same; a label is one line. Keys in
 * the text are read too; one that was accepted comes back from its own PEM the same. */
#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_round(const struct pem *blocks, size_t count, struct arena *a)
{
	struct pem *again;
	size_t again_n;
	struct buf out;

	buf_init(&out, MIB(4));
	for (size_t i = 0; i < count; i++) {
		assert(str_find_byte(blocks[i].label, '\n') < 0);
		pem_put(&out, blocks[i].label, blocks[i].der);
	}
	assert(buf_ok(&out));
	assert(pem_read(buf_str(&out), a, &again, &again_n) && again_n == count);
	for (size_t i = 0; i < count; i++)
		assert(str_eq(again[i].label, blocks[i].label) &&
		       str_eq(again[i].der, blocks[i].der));
	buf_deinit(&out);
}

static void check_key(struct str text, struct arena *a)
{
	struct key *k, *back;

	if (key_read_pem(text, &k, NULL) != OK) {
		assert(k == NULL);
		return;
	}
	assert(key_public(k).n > 0 && key_describe(k, a).n > 0);
	if (key_type(k) != KEY_RSA) {
		enum err e = key_read_pem(key_write_pem(k, a), &back, NULL);

		assert(e == OK && str_eq(key_public(k), key_public(back)));
		key_free(back);
	}
	key_free(k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct pem *blocks;
	size_t count;

	crypto_init();
	if (pem_read(text, &a, &blocks, &count))
		check_round(blocks, count, &a);
	check_key(text, &a);
	arena_deinit(&a);
	return 0;
}
