TEST_observe := event_test.c
