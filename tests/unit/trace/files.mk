TEST_trace := trace_test.c
