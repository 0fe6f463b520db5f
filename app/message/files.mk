SRC_message :=
