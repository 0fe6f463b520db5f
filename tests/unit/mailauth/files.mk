TEST_mailauth := authres_test.c canon_test.c dane_test.c dkim_test.c mta_sts_test.c \
	spf_macro_test.c spf_record_test.c spf_test.c
TEST_mailauth += arc_test.c dkim_public_test.c dkim_signature_test.c dkim_verify_test.c
TEST_mailauth += dmarc_author_test.c dmarc_record_test.c dmarc_test.c psl_test.c report_dmarc_test.c
