TEST_main := certificate_test.c command_test.c control_test.c routes_test.c start_test.c terminal_test.c
