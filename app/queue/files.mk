SRC_queue := add.c admin.c bounce.c bounce_text.c find.c fsck.c give_back.c open.c record.c \
	report.c report_letters.c report_tell.c schedule.c split.c take.c
