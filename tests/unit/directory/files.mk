TEST_directory := change_test.c dkim_key_test.c fault_test.c fsck_test.c group_test.c list_test.c live_login_test.c login_test.c person_test.c \
	resolve_test.c seen_test.c
TEST_directory += login_proof_test.c login_slow_test.c passkey_test.c pattern_test.c rewrite_test.c rotation_test.c srs_test.c
