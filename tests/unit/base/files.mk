TEST_base := bytes_test.c cur_test.c fault_test.c
