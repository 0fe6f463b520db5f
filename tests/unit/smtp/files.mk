# One a line, so that changes do not collide; sorted.
TEST_smtp += author_test.c
TEST_smtp += golden_test.c
TEST_smtp += in_test.c
TEST_smtp += out_dane_test.c
TEST_smtp += out_hosts_test.c
TEST_smtp += out_many_test.c
TEST_smtp += out_params_test.c
TEST_smtp += out_relay_test.c
TEST_smtp += out_report_test.c
TEST_smtp += out_runner_test.c
TEST_smtp += out_test.c
TEST_smtp += out_tls_test.c
TEST_smtp += param_test.c
TEST_smtp += relay_test.c
TEST_smtp += route_test.c
TEST_smtp += submit_room_test.c
TEST_smtp += wire_test.c
