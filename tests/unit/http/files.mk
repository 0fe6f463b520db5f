TEST_http := fields_test.c server_test.c
