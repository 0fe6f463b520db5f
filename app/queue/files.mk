SRC_queue := add.c admin.c book.c bounce.c bounce_status.c bounce_text.c bounce_words.c class.c clock.c \
	count.c find.c fsck.c give_back.c lanes.c lanes_heap.c lanes_pause.c lanes_pick.c late.c mend.c \
	open.c owed.c pace.c past.c pause.c place.c quota.c record.c record_due.c record_pack.c report.c \
	report_hear.c report_letters.c report_plan.c report_past.c report_tell.c route.c route_parse.c routing.c schedule.c sent.c split.c \
	suppress.c take.c tally.c wake.c
