TEST_main := command_test.c control_test.c start_test.c
