# One a line, so that changes do not collide; sorted.
TEST_main += certificate_test.c
TEST_main += command_test.c
TEST_main += control_test.c
TEST_main += routes_test.c
TEST_main += start_test.c
TEST_main += terminal_test.c
