"""Sieve: a script of 200 rules over 10,000 messages of ../shared/corpus, next to Pigeonhole's
sieve-filter, which runs one script on all messages of a Maildir in one process, and sieve-test,
which runs it on one message a process. CPU seconds count: user and system of the process."""
import os
import pathlib
import pwd
import resource
import shutil
import subprocess
import tarfile
from collections import namedtuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
MESSAGES, RULES, ALONE = 10000, 200, 200
Found = namedtuple("Found", "messages filter_s engine_s runs_s memory compiles test_s run_s")

RULE = """if anyof (header :contains ["subject", "x-topic"] "word{0} offer",
          header :matches "list-id" "*<list{0}.*",
          address :domain "from" "host{0}.example.com",
          address :localpart ["to", "cc"] "user{0}") {{
	fileinto "INBOX.folder{0}";
	stop;
}}
"""


def script(rules):
    return 'require ["fileinto"];\n' + "".join(RULE.format(i) for i in range(rules))


def messages(folder):
    """Files of a Maildir: those of the corpus, again from the first one when they are too few."""
    found = []
    for archive in sorted(CORPUS.glob("*/*.tar.xz")):
        with tarfile.open(archive) as tar:
            found += [tar.extractfile(m).read() for m in tar if m.isfile() and m.size < 2**20]
    assert found, f"{CORPUS} has no messages"
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for i in range(MESSAGES):
        text = found[i % len(found)].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        (folder / "cur" / f"{1700000000 + i}.M{i}P1.bench:2,").write_bytes(text)
    return sorted(str(p) for p in (folder / "cur").iterdir())


def cpu(*words, user=None, **more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, check=False, capture_output=True, text=True, user=user, group=user, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{words[0]}: {done.stderr[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def bench(binary, folder):
    folder = pathlib.Path(folder)
    user = pwd.getpwnam("nobody")
    files = messages(folder / "mail" / "Maildir")
    rules = folder / "rules.sieve"
    rules.write_text(script(RULES))
    config = folder / "dovecot.conf"
    config.write_text(f"mail_location = maildir:{folder}/mail/Maildir\nlog_path = /dev/stderr\n"
                      f"first_valid_uid = 1\nfirst_valid_gid = 1\nmail_home = {folder}/mail\n"
                      f"mail_plugin_dir = /usr/lib/dovecot/modules\nbase_dir = {folder}/run\n")
    subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", folder], check=True)
    environment = {"HOME": f"{folder}/mail", "USER": "nobody", "PATH": os.environ["PATH"]}
    peer = {"user": user.pw_uid, "env": environment, "cwd": folder}
    filters, tester = shutil.which("sieve-filter"), shutil.which("sieve-test")
    engine = ROOT / "build" / "bench" / "sieve_bench"
    paths = "\n".join(files) + "\n"
    cpu(engine, rules, input=paths)  # the files are in memory for all now
    filter_s = cpu(filters, "-c", config, "-C", rules, "INBOX", **peer)[0] if filters else None
    count, engine_s, runs_s, memory, _ = cpu(engine, rules, input=paths)[1].split()
    compiles = []
    for n in (RULES, 10 * RULES):
        rules.write_text(script(n))
        compiles.append((n, float(cpu(engine, rules, input="")[1].split()[4])))
    rules.write_text(script(RULES))
    test_s = run_s = None
    if tester:
        test_s = sum(cpu(tester, "-c", config, "-C", rules, f, **peer)[0] for f in files[:ALONE])
    run_s = sum(cpu(binary, "sieve", "run", rules, "--message", f)[0] for f in files[:ALONE])
    return Found(int(count), filter_s, float(engine_s), float(runs_s), int(memory), compiles, test_s, run_s)


def table(f):
    def rate(n, seconds):
        return f"{n / seconds:,.0f}" if seconds else "-"

    def ratio(a, b):
        return f"{a / b:.1f}" if a and b else "-"

    rows = [f"Sieve: {RULES} rules, {f.messages:,} messages", "",
            "| | Pigeonhole, messages/s | Roost, messages/s | ratio |", "|---|---|---|---|",
            f"| one process, messages read from files | {rate(f.messages, f.filter_s)} | "
            f"{rate(f.messages, f.engine_s)} | {ratio(f.filter_s, f.engine_s)} |",
            f"| the runs alone | | {rate(f.messages, f.runs_s)} | |",
            f"| a process for each message | {rate(ALONE, f.test_s)} | {rate(ALONE, f.run_s)} | "
            f"{ratio(f.test_s, f.run_s)} |", "",
            f"Memory of the largest run: {f.memory / 1024:.0f} KiB. " +
            ", ".join(f"{n} rules compile in {us / 1000:.2f} ms" for n, us in f.compiles) + "."]
    return "\n".join(rows)
