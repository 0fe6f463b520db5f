SRC_mailbox :=
