SRC_transfer := export.c lines.c maildir.c mbox.c memory.c pull.c remote.c sink.c wire_imap.c \
	wire_maildir.c wire_mbox.c
