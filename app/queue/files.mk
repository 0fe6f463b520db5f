SRC_queue := add.c admin.c bounce.c bounce_text.c find.c fsck.c give_back.c open.c record.c report.c schedule.c \
	split.c take.c
