/* formats/sieve/words.c: commands and tests; see words.h. */
#include "formats/sieve/words.h"

#define T(arg) ((uint64_t)1 << (arg))
#define MATCH_TAGS (T(ARG_COMPARATOR) | T(ARG_MATCH))
#define INDEX_TAGS (T(ARG_INDEX) | T(ARG_LAST))
#define MAILBOX_TAGS (T(ARG_CREATE) | T(ARG_FLAGS) | T(ARG_SPECIAL_USE) | T(ARG_MAILBOX_ID))
#define DUPLICATE_TAGS                                                                       \
	(T(ARG_HANDLE) | T(ARG_HEADER) | T(ARG_UNIQUE_ID) | T(ARG_TIMEOUT) | T(ARG_LAST))
#define VACATION_TAGS                                                                        \
	(T(ARG_DAYS) | T(ARG_SECONDS) | T(ARG_SUBJECT) | T(ARG_FROM) | T(ARG_ADDRESSES) |    \
	 T(ARG_MIME) | T(ARG_HANDLE) | T(ARG_FCC) | MAILBOX_TAGS)
#define MIME_TAGS (T(ARG_MIME_TEST) | T(ARG_ANYCHILD))
#define REDIRECT_TAGS                                                                        \
	(T(ARG_COPY) | T(ARG_LIST) | T(ARG_NOTIFY) | T(ARG_RET) | T(ARG_BY_RELATIVE) |       \
	 T(ARG_BY_ABSOLUTE) | T(ARG_BY_MODE) | T(ARG_BY_TRACE))
#define NOTIFY_TAGS                                                                          \
	(T(ARG_FROM) | T(ARG_IMPORTANCE) | T(ARG_OPTIONS) | T(ARG_MESSAGE) | T(ARG_FCC) |    \
	 MAILBOX_TAGS)
#define SET_TAGS                                                                             \
	(T(ARG_CASE) | T(ARG_FIRST) | T(ARG_QUOTE) | T(ARG_ENCODE) | T(ARG_LENGTH))
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
	ROW(OP_ADDRESS)  = { "address",  WORD_TEST,    EXT_BASE,
	                     MATCH_TAGS | T(ARG_PART) | INDEX_TAGS | MIME_TAGS, "ll",
	                     sieve_test_address, sieve_check_address, 0 },
	ROW(OP_ENVELOPE) = { "envelope", WORD_TEST,    EXT_ENVELOPE,
	                     MATCH_TAGS | T(ARG_PART) | T(ARG_ZONE), "ll",
	                     sieve_test_envelope, sieve_check_envelope, 0 },
	ROW(OP_EXISTS)   = { "exists",   WORD_TEST,    EXT_BASE,     MIME_TAGS, "l",
	                     sieve_test_exists, sieve_check_exists, 0 },
	ROW(OP_HEADER)   = { "header",   WORD_TEST,    EXT_BASE,
	                     MATCH_TAGS | INDEX_TAGS | MIME_TAGS | T(ARG_MIME_PART),
		"ll", sieve_test_header, sieve_check_header, 0 },
	ROW(OP_SIZE)     = { "size",     WORD_TEST,    EXT_BASE,     T(ARG_OVER), "n",
	                     sieve_test_size, NULL, T(ARG_OVER) },
	ROW(OP_KEEP)     = { "keep",     WORD_COMMAND, EXT_BASE,     T(ARG_FLAGS), "",
	                     sieve_act_keep, NULL, 0 },
	ROW(OP_FILEINTO) = { "fileinto", WORD_COMMAND, EXT_FILEINTO,
	                     T(ARG_COPY) | MAILBOX_TAGS,
		"s", sieve_act_fileinto, sieve_check_fileinto, 0 },
	ROW(OP_REDIRECT) = { "redirect", WORD_COMMAND, EXT_BASE,     REDIRECT_TAGS, "s",
	                     sieve_act_redirect, sieve_check_redirect, 0 },
	ROW(OP_DISCARD)  = { "discard",  WORD_COMMAND, EXT_BASE,     0, "",
	                     sieve_act_discard, NULL, 0 },
	/* RFC 5429 */
	ROW(OP_REJECT) = { "reject", WORD_COMMAND, EXT_REJECT,
		0, "s", sieve_act_reject, NULL, 0 },
	ROW(OP_EREJECT) = { "ereject", WORD_COMMAND, EXT_EREJECT,
		0, "s", sieve_act_reject, NULL, 0 },
	/* RFC 5229 */
	ROW(OP_SET) = { "set", WORD_COMMAND, EXT_VARIABLES,
		SET_TAGS, "ss", sieve_act_set, sieve_check_variable, 0 },
	ROW(OP_STRING) = { "string", WORD_TEST, EXT_VARIABLES,
		MATCH_TAGS, "ll", sieve_test_string, sieve_check_match, 0 },
	/* RFC 5232 */
	ROW(OP_SETFLAG) = { "setflag", WORD_COMMAND, EXT_IMAP4FLAGS,
		0, "?sl", sieve_act_flags, sieve_check_variable, 0 },
	ROW(OP_ADDFLAG) = { "addflag", WORD_COMMAND, EXT_IMAP4FLAGS,
		0, "?sl", sieve_act_flags, sieve_check_variable, 0 },
	ROW(OP_REMOVEFLAG) = { "removeflag", WORD_COMMAND, EXT_IMAP4FLAGS,
		0, "?sl", sieve_act_flags, sieve_check_variable, 0 },
	ROW(OP_HASFLAG) = { "hasflag", WORD_TEST, EXT_IMAP4FLAGS,
		MATCH_TAGS, "?ll", sieve_test_hasflag, sieve_check_hasflag, 0 },
	/* RFC 5173 */
	ROW(OP_BODY) = { "body", WORD_TEST, EXT_BODY,
		MATCH_TAGS | T(ARG_TRANSFORM), "l", sieve_test_body, sieve_check_match, 0 },
	/* RFC 5260 */
	ROW(OP_DATE) = { "date", WORD_TEST, EXT_DATE,
		MATCH_TAGS | INDEX_TAGS | T(ARG_ZONE) | T(ARG_ORIGINAL_ZONE),
		"lsl", sieve_test_date, sieve_check_date, 0 },
	ROW(OP_CURRENTDATE) = { "currentdate", WORD_TEST, EXT_DATE,
		MATCH_TAGS | T(ARG_ZONE), "sl", sieve_test_currentdate, sieve_check_date, 0 },
	/* RFC 5230, RFC 8580 */
	ROW(OP_VACATION) = { "vacation", WORD_COMMAND, EXT_VACATION,
		VACATION_TAGS, "s", sieve_act_vacation, sieve_check_vacation, 0 },
	/* RFC 5293 */
	ROW(OP_ADDHEADER) = { "addheader", WORD_COMMAND, EXT_EDITHEADER,
		T(ARG_LAST), "ss", sieve_act_addheader, sieve_check_edit, 0 },
	ROW(OP_DELETEHEADER) = { "deleteheader", WORD_COMMAND, EXT_EDITHEADER,
		MATCH_TAGS | INDEX_TAGS, "sl?", sieve_act_deleteheader, sieve_check_edit, 0 },
	/* RFC 7352 */
	ROW(OP_DUPLICATE) = { "duplicate", WORD_TEST, EXT_DUPLICATE,
		DUPLICATE_TAGS, "", sieve_test_duplicate, sieve_check_duplicate, 0 },
	/* RFC 5490, RFC 8579, RFC 9042 */
	ROW(OP_MAILBOXEXISTS) = { "mailboxexists", WORD_TEST, EXT_MAILBOX,
		0, "l", sieve_test_mailboxexists, NULL, 0 },
	ROW(OP_METADATA) = { "metadata", WORD_TEST, EXT_MBOXMETADATA,
		MATCH_TAGS, "ssl", sieve_test_metadata, sieve_check_match, 0 },
	ROW(OP_METADATAEXISTS) = { "metadataexists", WORD_TEST, EXT_MBOXMETADATA,
		0, "sl", sieve_test_metadataexists, NULL, 0 },
	ROW(OP_SERVERMETADATA) = { "servermetadata", WORD_TEST, EXT_SERVERMETADATA,
		MATCH_TAGS, "sl", sieve_test_metadata, sieve_check_match, 0 },
	ROW(OP_SERVERMETADATAEXISTS) = { "servermetadataexists", WORD_TEST, EXT_SERVERMETADATA,
		0, "l", sieve_test_metadataexists, NULL, 0 },
	ROW(OP_SPECIALUSE_EXISTS) = { "specialuse_exists", WORD_TEST, EXT_SPECIAL_USE,
		0, "?sl", sieve_test_specialuse, NULL, 0 },
	ROW(OP_MAILBOXIDEXISTS) = { "mailboxidexists", WORD_TEST, EXT_MAILBOXID,
		0, "l", sieve_test_mailboxidexists, NULL, 0 },
	/* RFC 5183, RFC 5463 */
	ROW(OP_ENVIRONMENT) = { "environment", WORD_TEST, EXT_ENVIRONMENT,
		MATCH_TAGS, "sl", sieve_test_environment, sieve_check_match, 0 },
	ROW(OP_IHAVE) = { "ihave", WORD_TEST, EXT_IHAVE,
		0, "l", sieve_test_ihave, NULL, 0 },
	ROW(OP_ERROR) = { "error", WORD_COMMAND, EXT_IHAVE,
		0, "s", sieve_act_error, NULL, 0 },
	/* RFC 6609 */
	ROW(OP_INCLUDE) = { "include", WORD_COMMAND, EXT_INCLUDE,
		T(ARG_LOCATION) | T(ARG_ONCE) | T(ARG_OPTIONAL), "s", sieve_act_include, NULL, 0 },
	ROW(OP_GLOBAL) = { "global", WORD_COMMAND, EXT_INCLUDE,
		0, "l", sieve_act_global, sieve_check_global, 0 },
	ROW(OP_RETURN) = { "return", WORD_COMMAND, EXT_INCLUDE,
		0, "", sieve_act_return, NULL, 0 },
	/* RFC 5235 */
	ROW(OP_SPAMTEST) = { "spamtest", WORD_TEST, EXT_SPAMTEST,
		MATCH_TAGS | T(ARG_PERCENT), "l", sieve_test_score, sieve_check_match, 0 },
	ROW(OP_VIRUSTEST) = { "virustest", WORD_TEST, EXT_VIRUSTEST,
		MATCH_TAGS, "l", sieve_test_score, sieve_check_match, 0 },
	/* docs/reference/sieve-smtp.md */
	ROW(OP_DEFER) = { "defer", WORD_COMMAND, EXT_SMTP,
		0, "s", sieve_act_defer, NULL, 0 },
	ROW(OP_SEEN) = { "seen", WORD_TEST, EXT_SMTP,
		T(ARG_TIMEOUT) | T(ARG_EXPIRE), "s", sieve_test_seen, NULL, 0 },
	/* RFC 5435 */
	ROW(OP_NOTIFY) = { "notify", WORD_COMMAND, EXT_ENOTIFY,
		NOTIFY_TAGS, "s", sieve_act_notify, sieve_check_notify, 0 },
	ROW(OP_VALID_NOTIFY_METHOD) = { "valid_notify_method", WORD_TEST, EXT_ENOTIFY,
		0, "l", sieve_test_notify_method, NULL, 0 },
	ROW(OP_NOTIFY_METHOD_CAPABILITY) = { "notify_method_capability", WORD_TEST, EXT_ENOTIFY,
		MATCH_TAGS, "ssl", sieve_test_notify_capability, sieve_check_match, 0 },
	/* RFC 5703 */
	ROW(OP_FOREVERYPART) = { "foreverypart", WORD_CONTROL, EXT_FOREVERYPART,
		T(ARG_NAME), "", NULL, NULL, 0 },
	ROW(OP_BREAK) = { "break", WORD_CONTROL, EXT_FOREVERYPART,
		T(ARG_NAME), "", NULL, NULL, 0 },
	ROW(OP_EXTRACTTEXT) = { "extracttext", WORD_COMMAND, EXT_EXTRACTTEXT,
		SET_TAGS | T(ARG_FIRST_N), "s", sieve_act_extracttext, sieve_check_extracttext, 0 },
	ROW(OP_REPLACE) = { "replace", WORD_COMMAND, EXT_REPLACE,
		T(ARG_MIME) | T(ARG_SUBJECT) | T(ARG_FROM), "s",
		sieve_act_replace, sieve_check_replace, 0 },
	ROW(OP_ENCLOSE) = { "enclose", WORD_COMMAND, EXT_ENCLOSE,
		T(ARG_SUBJECT) | T(ARG_HEADERS), "s", sieve_act_enclose, NULL, 0 },
	/* RFC 6134 */
	ROW(OP_VALID_EXT_LIST) = { "valid_ext_list", WORD_TEST, EXT_EXTLISTS,
		0, "l", sieve_test_ext_list, NULL, 0 },
	/* suite.h */
	ROW(OP_TEST) = { "test", WORD_COMMAND, EXT_TESTSUITE,
		0, "s", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_FAIL) = { "test_fail", WORD_COMMAND, EXT_TESTSUITE,
		0, "s", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_SET) = { "test_set", WORD_COMMAND, EXT_TESTSUITE,
		0, "ss", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_CONFIG_SET) = { "test_config_set", WORD_COMMAND, EXT_TESTSUITE,
		0, "ss", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_CONFIG_UNSET) = { "test_config_unset", WORD_COMMAND, EXT_TESTSUITE,
		0, "s", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_CONFIG_RELOAD) = { "test_config_reload", WORD_COMMAND, EXT_TESTSUITE,
		T(ARG_EXTENSION), "", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_RESULT_RESET) = { "test_result_reset", WORD_COMMAND, EXT_TESTSUITE,
		0, "", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_RESULT_PRINT) = { "test_result_print", WORD_COMMAND, EXT_TESTSUITE,
		0, "", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_MESSAGE_PRINT) = { "test_message_print", WORD_COMMAND, EXT_TESTSUITE,
		0, "", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_MESSAGE) = { "test_message", WORD_COMMAND, EXT_TESTSUITE,
		T(ARG_SMTP) | T(ARG_MAILBOX), "n", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_HAS_MESSAGE) = { "test_message", WORD_TEST, EXT_TESTSUITE,
		T(ARG_SMTP) | T(ARG_MAILBOX), "n", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_MAILBOX_CREATE) = { "test_mailbox_create", WORD_COMMAND, EXT_TESTSUITE,
		0, "s", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_BINARY_SAVE) = { "test_binary_save", WORD_COMMAND, EXT_TESTSUITE,
		0, "s", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_BINARY_LOAD) = { "test_binary_load", WORD_COMMAND, EXT_TESTSUITE,
		0, "s", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_IMAP_METADATA_SET) = { "test_imap_metadata_set", WORD_COMMAND, EXT_TESTSUITE,
		T(ARG_MAILBOX), "ss", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_SCRIPT_COMPILE) = { "test_script_compile", WORD_TEST, EXT_TESTSUITE,
		0, "s", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_SCRIPT_RUN) = { "test_script_run", WORD_TEST, EXT_TESTSUITE,
		T(ARG_APPEND), "", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_RESULT_EXECUTE) = { "test_result_execute", WORD_TEST, EXT_TESTSUITE,
		0, "", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_MULTISCRIPT) = { "test_multiscript", WORD_TEST, EXT_TESTSUITE,
		0, "l", sieve_suite_word, NULL, 0 },
	ROW(OP_TEST_RESULT_ACTION) = { "test_result_action", WORD_TEST, EXT_TESTSUITE,
		MATCH_TAGS | T(ARG_INDEX), "l", sieve_suite_word, sieve_check_match, 0 },
	ROW(OP_TEST_ERROR) = { "test_error", WORD_TEST, EXT_TESTSUITE,
		MATCH_TAGS | T(ARG_INDEX), "l", sieve_suite_word, sieve_check_match, 0 },
	/* clang-format on */
};

_Static_assert((int)ARG_COUNT <= 64 && (int)EXT_COUNT <= 64, "sets of them are 64 bits");

struct sieve_types sieve_types_of(const struct sieve_word *w)
{
	struct str s = str_of(w->types);
	struct sieve_types t = { .first_optional = str_starts(s, STR("?")),
		                 .last_optional = s.n > 1 && str_ends(s, STR("?")) };

	t.types = w->types + t.first_optional;
	t.n = s.n - t.first_optional - t.last_optional;
	return t;
}

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
