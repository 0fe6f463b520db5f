# One a line, so that changes do not collide; sorted.
TEST_admin += api_table_test.c
TEST_admin += attempt_test.c
TEST_admin += audit_test.c
TEST_admin += fsck_test.c
TEST_admin += password_rule_test.c
TEST_admin += scope_test.c
TEST_admin += session_test.c
TEST_admin += settings_store_test.c
TEST_admin += token_routes_test.c
TEST_admin += warnings_test.c
