TEST_admin := api_table_test.c audit_test.c session_test.c warnings_test.c
