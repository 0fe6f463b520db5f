TEST_admin := dns_check_test.c dns_records_test.c settings_store_test.c api_table_test.c audit_test.c password_rule_test.c fsck_test.c scope_test.c session_test.c warnings_test.c
TEST_admin += attempt_test.c
