require ["include", "variables", "fileinto", "mailbox"];
global "kind";
include :personal "spam";
include :optional "missing";
fileinto :create "${kind}";
