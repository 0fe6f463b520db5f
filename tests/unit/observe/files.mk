TEST_observe := event_test.c recent_test.c
