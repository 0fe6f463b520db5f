TEST_imap := golden_test.c context_test.c cut_test.c states_test.c damage_test.c extremes_test.c session_test.c long_test.c named_search_test.c news_test.c limits_test.c faults_test.c search_test.c view_test.c \
	append_test.c notify_test.c wire_append_test.c wire_share_test.c wire_test.c
