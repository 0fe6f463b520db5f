/* formats/sieve/words.c: commands and tests; see words.h. */
#include "formats/sieve/words.h"

#define T(arg) ((uint64_t)1 << (arg))
#define MATCH_TAGS (T(ARG_COMPARATOR) | T(ARG_MATCH))
#define ROW(op) [(op) - OP_WORDS]

const struct sieve_word sieve_words[OP_COUNT - OP_WORDS] = {
	/* clang-format off */
	/* name        kind          extension     tags         types  run, check, must */
	ROW(OP_REQUIRE)  = { "require",  WORD_CONTROL, EXT_BASE,     0, "l", NULL, NULL, 0 },
	ROW(OP_IF)       = { "if",       WORD_CONTROL, EXT_BASE,     0, "", NULL, NULL, 0 },
	ROW(OP_ELSIF)    = { "elsif",    WORD_CONTROL, EXT_BASE,     0, "", NULL, NULL, 0 },
	ROW(OP_ELSE)     = { "else",     WORD_CONTROL, EXT_BASE,     0, "", NULL, NULL, 0 },
	ROW(OP_ANYOF)    = { "anyof",    WORD_TEST,    EXT_BASE,     0, "", NULL, NULL, 0 },
	ROW(OP_ALLOF)    = { "allof",    WORD_TEST,    EXT_BASE,     0, "", NULL, NULL, 0 },
	ROW(OP_NEGATE)   = { "not",      WORD_TEST,    EXT_BASE,     0, "", NULL, NULL, 0 },
	/* RFC 5228 */
	ROW(OP_END)      = { "stop",     WORD_COMMAND, EXT_BASE,     0, "",
	                     sieve_act_stop, NULL, 0 },
	ROW(OP_TRUE)     = { "true",     WORD_TEST,    EXT_BASE,     0, "",
	                     sieve_test_true, NULL, 0 },
	ROW(OP_FALSE)    = { "false",    WORD_TEST,    EXT_BASE,     0, "",
	                     sieve_test_false, NULL, 0 },
	ROW(OP_ADDRESS)  = { "address",  WORD_TEST,    EXT_BASE,     MATCH_TAGS | T(ARG_PART), "ll",
	                     sieve_test_address, sieve_check_address, 0 },
	ROW(OP_ENVELOPE) = { "envelope", WORD_TEST,    EXT_ENVELOPE, MATCH_TAGS | T(ARG_PART), "ll",
	                     sieve_test_envelope, sieve_check_envelope, 0 },
	ROW(OP_EXISTS)   = { "exists",   WORD_TEST,    EXT_BASE,     0, "l",
	                     sieve_test_exists, NULL, 0 },
	ROW(OP_HEADER)   = { "header",   WORD_TEST,    EXT_BASE,     MATCH_TAGS, "ll",
	                     sieve_test_header, sieve_check_match, 0 },
	ROW(OP_SIZE)     = { "size",     WORD_TEST,    EXT_BASE,     T(ARG_OVER), "n",
	                     sieve_test_size, NULL, T(ARG_OVER) },
	ROW(OP_KEEP)     = { "keep",     WORD_COMMAND, EXT_BASE,     0, "",
	                     sieve_act_keep, NULL, 0 },
	ROW(OP_FILEINTO) = { "fileinto", WORD_COMMAND, EXT_FILEINTO, 0, "s",
	                     sieve_act_fileinto, sieve_check_fileinto, 0 },
	ROW(OP_REDIRECT) = { "redirect", WORD_COMMAND, EXT_BASE,     0, "s",
	                     sieve_act_redirect, sieve_check_redirect, 0 },
	ROW(OP_DISCARD)  = { "discard",  WORD_COMMAND, EXT_BASE,     0, "",
	                     sieve_act_discard, NULL, 0 },
	/* clang-format on */
};

const struct sieve_word *sieve_word_of(enum sieve_code code)
{
	assert(code >= OP_WORDS && code < OP_COUNT);
	return &sieve_words[code - OP_WORDS];
}

const struct sieve_word *sieve_word_find(struct str name, unsigned kind)
{
	for (size_t i = 0; i < COUNT(sieve_words); i++)
		if (sieve_words[i].name != NULL && (sieve_words[i].kind & kind) != 0 &&
		    str_eqi(str_of(sieve_words[i].name), name))
			return &sieve_words[i];
	return NULL;
}
