/* formats/sieve/extensions.c: the names that `require` accepts; see words.h. */
#include "formats/sieve/sieve.h"
#include "formats/sieve/words.h"

#define WITH(ext) ((uint64_t)1 << (ext))

/* A row without a name is no extension that scripts may use. */
const struct sieve_extension sieve_extensions[EXT_COUNT] = {
	[EXT_FILEINTO] = { "fileinto", 0 },                             /* RFC 5228 4.1    */
	[EXT_ENVELOPE] = { "envelope", 0 },                             /* RFC 5228 5.4    */
	[EXT_ENCODED_CHARACTER] = { "encoded-character", 0 },           /* RFC 5228 2.4.2.4 */
	[EXT_OCTET] = { "comparator-i;octet", 0 },                      /* RFC 4790 9.3    */
	[EXT_CASEMAP] = { "comparator-i;ascii-casemap", 0 },            /* RFC 4790 9.2    */
	[EXT_NUMERIC] = { "comparator-i;ascii-numeric", 0 },            /* RFC 4790 9.1    */
	[EXT_UNICODE] = { "comparator-i;unicode-casemap", 0 },          /* RFC 5051        */
};

enum sieve_ext sieve_extension_find(struct str name)
{
	for (unsigned i = 1; i < EXT_COUNT; i++)
		if (sieve_extensions[i].name != NULL &&
		    str_eq(str_of(sieve_extensions[i].name), name))
			return (enum sieve_ext)i;
	return EXT_COUNT;
}

const char *sieve_extension(size_t i)
{
	for (unsigned ext = 1; ext < EXT_TESTSUITE; ext++)
		if (sieve_extensions[ext].name != NULL && i-- == 0)
			return sieve_extensions[ext].name;
	return NULL;
}
