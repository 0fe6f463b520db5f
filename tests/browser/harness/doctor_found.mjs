// harness/doctor_found.mjs: what a doctor of a server that is in use could have found. The server of
// the tests has no DNS to look at; what the API answers is of tests/e2e/test_doctor.py.
const RESOLVERS = ['192.0.2.53', '9.9.9.9']
const SERVERS = ['ns1.dns.example [198.51.100.1]', 'ns2.dns.example [198.51.100.2]']
const ago = (minutes) => new Date(Date.now() - minutes * 60e3).toISOString()
const OLD = ago(9 * 1440)

const seen = (by, of, data, state = 'ok', answer = data.length > 0 ? 'found' : 'no such record') =>
  ({ by, of, answer, data, ttl_s: 3600, state })

/** Everybody sees the same. */
const all = (data, state) => [
  ...RESOLVERS.map((by) => seen(by, 'resolver', data, state)), ...SERVERS.map((by) => seen(by, 'authority', data, state)),
]

function row(type, name, expected, purpose, more = {}) {
  return {
    id: `${type}:${name}`, name, type, purpose, expected, paste: `${name}. IN ${type} ${type === 'TXT' ? `"${expected}"` : expected}`,
    optional: false, state: 'ok', words: 'it is as it should be', advice: '', seen: all([expected]), right: OLD, since: OLD, ...more,
  }
}

const fact = (id, type, name, words, more = {}) =>
  row(type, name, '', '', { id, paste: '', words, seen: [], ...more })

export const KEY = 'v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A' + 'Qk7'.repeat(120) + 'IDAQAB'

const SPF = 'v=spf1 mx -all'
const OLD_SPF = 'v=spf1 include:_spf.old-provider.example ~all'

const ROWS = [
  row('MX', 'example.org', '10 mail.example.org', "Tells other servers to bring the domain's mail here (RFC 5321 5.1)"),
  row('TXT', 'example.org', SPF, "SPF: which servers may send in the domain's name; one record for all of them (RFC 7208)", {
    state: 'fail', words: 'it does not let this server send', advice: 'change the record to the one below: mail of this server fails SPF with it',
    since: ago(125), right: ago(185),
    seen: [seen(RESOLVERS[0], 'resolver', [SPF]), seen(RESOLVERS[1], 'resolver', [OLD_SPF], 'fail'), ...SERVERS.map((by) => seen(by, 'authority', [OLD_SPF], 'fail'))],
  }),
  row('TXT', 'r202611._domainkey.example.org', KEY, "DKIM: the key by which others see that mail in the domain's name is from here and unchanged (RFC 6376)"),
  row('TXT', '_dmarc.example.org', 'v=DMARC1; p=none; rua=mailto:postmaster@example.org', 'DMARC: what others do with mail that only pretends to be yours (RFC 7489)', {
    state: 'warn', words: 'two name servers of the zone say different things', advice: 'wait until all name servers have the change, or ask their operator', right: null, since: null,
    seen: [seen(RESOLVERS[0], 'resolver', ['v=DMARC1; p=none']), seen(SERVERS[0], 'authority', ['v=DMARC1; p=none; rua=mailto:postmaster@example.org']), seen(SERVERS[1], 'authority', ['v=DMARC1; p=none'], 'warn')],
  }),
  row('CNAME', 'autoconfig.example.org', 'mail.example.org', 'Mail programs find their settings by it', {
    optional: true, state: 'unknown', words: 'nobody answered', seen: RESOLVERS.map((by) => seen(by, 'resolver', [], 'unknown', 'does not answer')),
  }),
  fact('servers', 'servers', 'example.org', 'both name servers of the zone answer', { purpose: 'The name servers that say all of this' }),
  fact('dnssec', 'dnssec', 'example.org', 'the zone is signed, and the chain is whole', { purpose: 'Answers that nobody can forge' }),
]

const HOST = [
  row('A', 'mail.example.org', '192.0.2.1', 'Where this server is'),
  row('PTR', '1.2.0.192.in-addr.arpa', 'mail.example.org', 'The name of the address: without it many servers refuse your mail'),
  fact('list:zen.blocklist.example:192.0.2.1', 'list', 'zen.blocklist.example', 'it lists 192.0.2.1', {
    state: 'warn', purpose: 'Many servers refuse mail from addresses on this list', advice: 'find out what was sent from here, then ask the list to take the address off',
    since: ago(245), right: ago(305), expected: 'the address is not on it', seen: [seen(RESOLVERS[0], 'resolver', ['127.0.0.2'], 'warn')],
  }),
]

function partOf(name, rows) {
  const counts = { ok: 0, warn: 0, fail: 0, unknown: 0 }
  for (const r of rows) counts[r.state]++
  const state = ['fail', 'warn', 'unknown'].find((s) => counts[s] > 0) ?? 'ok'
  return { name, looked: ago(5), looking: false, state, counts, rows }
}

export const DOMAIN = partOf('example.org', ROWS)
const { rows: _, ...BARE } = DOMAIN
const FRIENDS = { ...partOf('friends.example', [row('MX', 'friends.example', '10 mail.example.org', '')]), rows: undefined }
export const DOCTOR = { host: partOf('', HOST), domains: [BARE, FRIENDS] }

const step = (id, title, state, was, expected = '', advice = '') => ({ id, title, state, seen: was, expected, advice })
export const SELF_TEST = {
  state: 'done', domain: 'example.org', from: 'postmaster@example.org', to: 'anna@example.org', message_id: '<20260302.7f3a@mail.example.org>',
  started: ago(1), ended: ago(1), problem: '', steps: [
    step('ptr', 'Name of the sending address (PTR, HELO)', 'ok', '192.0.2.1 is mail.example.org, which leads back'),
    step('spf', 'May that address send for the domain? (SPF)', 'fail', 'softfail for 192.0.2.1', 'pass', 'enter the SPF record of example.org as the doctor has it'),
    step('dkim', 'Signature (DKIM)', 'ok', 'r202611 with rsa-sha256: pass'),
    step('dkim', 'Signature (DKIM)', 'ok', 'e202611 with ed25519-sha256: pass'),
    step('dmarc', 'Is it proven who wrote it? (DMARC)', 'ok', 'pass by DKIM'),
    step('helo', 'Who answers at port 25', 'ok', 'mail.example.org says that it is mail.example.org'),
    step('sent', 'Our own server takes the message', 'ok', 'mail.example.org [192.0.2.1], from 192.0.2.1, over TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305: 250 accepted as x3moxs5n-1, after 41 ms'),
    step('results', 'What our own server found out', 'ok', 'iprev=pass; spf=pass; dkim=pass (r202611); dkim=pass (e202611); dmarc=pass'),
    step('filter', 'Checks and filters of incoming mail', 'ok', 'passed: blocked, fcrdns, helo, spf, forged, dkim, dmarc, milter; X-Spam-Score: -2.1'),
    step('delivery', 'Arrival', 'ok', 'in INBOX of anna@example.org, 63 ms after it was written'),
  ],
}
