SRC_search := columns.c find.c fsck.c gather.c ids.c index.c indexer.c keys.c merge.c posting.c rows.c segment.c \
	text.c token.c
