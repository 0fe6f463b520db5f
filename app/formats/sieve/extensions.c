/* formats/sieve/extensions.c: the names that `require` accepts; see words.h. */
#include "formats/sieve/parser.h"

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
	[EXT_REJECT] = { "reject", 0 },                                 /* RFC 5429 2.2    */
	[EXT_EREJECT] = { "ereject", 0 },                               /* RFC 5429 2.1    */
	[EXT_COPY] = { "copy", 0 },                                     /* RFC 3894        */
	[EXT_VARIABLES] = { "variables", 0 },                           /* RFC 5229        */
	[EXT_IMAP4FLAGS] = { "imap4flags", 0 },                         /* RFC 5232        */
	[EXT_RELATIONAL] = { "relational", 0 },                         /* RFC 5231        */
	[EXT_SUBADDRESS] = { "subaddress", 0 },                         /* RFC 5233        */
	[EXT_BODY] = { "body", 0 },                                     /* RFC 5173        */
	[EXT_DATE] = { "date", 0 },                                     /* RFC 5260 4, 5   */
	[EXT_INDEX] = { "index", 0 },                                   /* RFC 5260 6      */
	[EXT_VACATION] = { "vacation", 0 },                             /* RFC 5230        */
	[EXT_VACATION_SECONDS] = { "vacation-seconds", WITH(EXT_VACATION) }, /* RFC 6131   */
	[EXT_EDITHEADER] = { "editheader", 0 },                         /* RFC 5293        */
	[EXT_DUPLICATE] = { "duplicate", 0 },                           /* RFC 7352        */
	[EXT_MAILBOX] = { "mailbox", 0 },                               /* RFC 5490 3      */
	[EXT_MBOXMETADATA] = { "mboxmetadata", 0 },                     /* RFC 5490 4      */
	[EXT_SERVERMETADATA] = { "servermetadata", 0 },                 /* RFC 5490 5      */
	[EXT_SPECIAL_USE] = { "special-use", 0 },                       /* RFC 8579        */
	[EXT_MAILBOXID] = { "mailboxid", 0 },                           /* RFC 9042        */
	[EXT_ENVIRONMENT] = { "environment", 0 },                       /* RFC 5183        */
	[EXT_IHAVE] = { "ihave", 0 },                                   /* RFC 5463        */
	[EXT_INCLUDE] = { "include", 0 },                               /* RFC 6609        */
	[EXT_ENOTIFY] = { "enotify", 0 },                               /* RFC 5435        */
	[EXT_FCC] = { "fcc", 0 },                                       /* RFC 8580        */
	[EXT_SPAMTEST] = { "spamtest", 0 },                             /* RFC 5235 2.1    */
	[EXT_SPAMTESTPLUS] = { "spamtestplus", WITH(EXT_SPAMTEST) },    /* RFC 5235 2.2    */
	[EXT_VIRUSTEST] = { "virustest", 0 },                           /* RFC 5235 3      */
	[EXT_REGEX] = { "regex", 0 },                            /* draft-ietf-sieve-regex */
	[EXT_MIME] = { "mime", 0 },                                     /* RFC 5703 4      */
	[EXT_FOREVERYPART] = { "foreverypart", 0 },                     /* RFC 5703 3      */
	[EXT_EXTRACTTEXT] = { "extracttext", 0 },                       /* RFC 5703 7      */
	[EXT_REPLACE] = { "replace", 0 },                               /* RFC 5703 5      */
	[EXT_ENCLOSE] = { "enclose", 0 },                               /* RFC 5703 6      */
	[EXT_EXTLISTS] = { "extlists", 0 },                             /* RFC 6134        */
	[EXT_ENVELOPE_DSN] = { "envelope-dsn", 0 },                     /* RFC 6009 4      */
	[EXT_ENVELOPE_DELIVERBY] = { "envelope-deliverby", 0 },         /* RFC 6009 5      */
	[EXT_REDIRECT_DSN] = { "redirect-dsn", 0 },                     /* RFC 6009 6      */
	[EXT_REDIRECT_DELIVERBY] = { "redirect-deliverby", 0 },         /* RFC 6009 7      */
	[EXT_IMAPSIEVE] = { "imapsieve", WITH(EXT_ENVIRONMENT) },       /* RFC 6785        */
	[EXT_TESTSUITE] = { "vnd.dovecot.testsuite", 0 },               /* suite.h         */
	[EXT_SMTP] = { "vnd.roost.smtp", 0 },       /* docs/reference/sieve-smtp.md */
};

enum sieve_ext sieve_extension_find(struct str name)
{
	for (unsigned i = 1; i < EXT_COUNT; i++)
		if (sieve_extensions[i].name != NULL &&
		    str_eq(str_of(sieve_extensions[i].name), name))
			return (enum sieve_ext)i;
	return EXT_COUNT;
}

bool sieve_extension_usable(const struct sieve_options *options, enum sieve_ext ext)
{
	return ext != EXT_COUNT && (ext != EXT_TESTSUITE || options->testsuite) &&
	       (ext != EXT_SMTP || options->stage != SIEVE_DELIVERY);
}

const char *sieve_extension(size_t i)
{
	for (unsigned ext = 1; ext < EXT_TESTSUITE; ext++)
		if (sieve_extensions[ext].name != NULL && i-- == 0)
			return sieve_extensions[ext].name;
	return NULL;
}
