SRC_transfer := export.c folders.c import.c import_record.c import_row.c imports.c imports_run.c \
	lines.c maildir.c mbox.c memory.c pull.c pull_list.c pull_look.c \
	pull_mailbox.c remote.c remote_open.c sink.c wire_imap.c wire_imap_fetch.c \
	wire_imap_text.c wire_imap_token.c wire_maildir.c wire_mbox.c
