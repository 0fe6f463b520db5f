require ["variables", "include", "fileinto"];
global "kind";
if header :contains "subject" "cheap" { set "kind" "spam"; return; }
set "kind" "ham";
