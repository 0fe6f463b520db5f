SRC_smtp := in_auth.c in_author.c in_commands.c in_data.c in_hello.c in_mail.c in_rcpt.c in_session.c in_trace.c wire_command.c wire_data.c
