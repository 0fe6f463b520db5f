SRC_smtp := in_auth.c in_author.c in_commands.c in_data.c in_hello.c in_mail.c in_rcpt.c \
	in_session.c in_story.c in_trace.c out_batch.c out_probe.c out_route.c out_runner.c out_session.c \
	out_smarthost.c \
	out_transaction.c wire_command.c wire_data.c wire_reply.c wire_stuff.c
