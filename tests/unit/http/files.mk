TEST_http := server_test.c
