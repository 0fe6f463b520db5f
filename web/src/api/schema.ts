// api/schema.ts: made of openapi.json by scripts/gen-api-types; make api-types writes it anew.

/** A server in the settings of a mail client; security is TLS or STARTTLS */
export interface ClientServer {
  host: string
  port: number
  security: string
  user: string
}

/** Settings of a mail client; qr is an SVG picture of a link to a profile for Apple devices */
export interface ClientSettings {
  imap?: ClientServer
  smtp?: ClientServer
  profile: string
  qr: string
}

/** Name and password, and a code of the second factor where it is on */
export interface Login {
  login: string
  password: string
  code?: string | null
}

/** The caller's session. role is user, admin or owner; csrf is the value of the header X-CSRF for every call that changes something */
export interface Session {
  account: number
  address: string
  name: string
  role: string
  csrf: string
  totp: boolean
}

/** A token to create. scopes are of self:read, self:write, send, mail, metrics:read, admin:read and admin:write; without expires it lasts until it is revoked */
export interface TokenNew {
  label: string
  scopes: string[]
  expires?: string | null
}

/** A token. token is its text, which only the answer to its creation has */
export interface Token {
  id: string
  label: string
  scopes: string[]
  created: string | null
  expires: string | null
  last_used: string | null
  token?: string | null
}

/** An entry of the audit log */
export interface Audit {
  id: string
  time: string | null
  who: string
  from: string
  what: string
  target: string
  before: unknown
  after: unknown
}

/** A message to send. Addresses are like Ada <ada@example.org>; priority is low, normal or high; notify is never, or some of success, failure and delay; tag and metadata are returned in delivery status and webhooks */
export interface Send {
  from: string
  to?: string[]
  cc?: string[]
  bcc?: string[]
  reply_to?: string[]
  subject?: string | null
  text?: string | null
  html?: string | null
  headers?: Record<string, string>
  attachments?: SendAttachment[]
  send_at?: string | null
  priority?: string | null
  envelope_from?: string | null
  notify?: string | null
  tag?: string | null
  metadata?: Record<string, string>
  idempotency_key?: string | null
}

/** An attachment. content is base64; with content_id, without brackets, html refers to it as cid: */
export interface SendAttachment {
  content: string
  name?: string | null
  type?: string | null
  content_id?: string | null
}

/** An API submission; send_at is null if it was sent at once */
export interface Sent {
  id: string
  message_id: string
  from: string
  created: string | null
  send_at: string | null
  tag: string
  metadata: Record<string, string>
  to: SentRcpt[]
}

/** An API submission of the account; to has its first recipients, to_more counts the others */
export interface SentListed {
  id: string
  account: string
  message_id: string
  from: string
  created: string | null
  send_at: string | null
  tag: string
  states: SentStates
  to: SentRcpt[]
  to_more: number
}

/** Recipients in each state */
export interface SentStates {
  queued: number
  delayed: number
  delivered: number
  bounced: number
  cancelled: number
  dropped: number
  refused: number
}

/** A recipient. state is queued, delayed, delivered, bounced, cancelled, dropped (by an administrator or a check) or refused; stopped: its queued mail was cancelled, for an alias possibly only for some targets */
export interface SentRcpt {
  address: string
  state: string
  changed: string | null
  reply: string
  stopped: boolean
}

/** A mail domain; catchall is the account that gets mail for unknown addresses, or empty; alias_of is the domain whose addresses it shares, or empty; mta_sts is the policy for servers that cannot use TLS: testing (they report it), enforce (they keep the mail) or none */
export interface Domain {
  name: string
  catchall: string
  alias_of: string
  mta_sts: string
  created: string | null
  accounts: number
  aliases: number
  groups: number
}

/** A domain to accept mail for; an international name as xn--... */
export interface DomainNew {
  name: string
}

/** Changes of a domain; absent fields stay */
export interface DomainChange {
  catchall?: string | null
  alias_of?: string | null
  mta_sts?: string | null
}

/** A DKIM key. state is publish (it signs once it is made active), active or retired; name and record are its DNS record */
export interface DkimKey {
  selector: string
  algorithm: string
  state: string
  created: string | null
  changed: string | null
  name: string
  record: string
}

/** DKIM key rotation. state is rest, asked (a rotation begins at once) or waiting: the keys of next exist and sign once DNS shows their records, which the server publishes if published is true. due: start of the next rotation, null for never; leaving: old keys, whose records stay for mail in transit */
export interface Dkim {
  state: string
  published: boolean
  due: string | null
  made: string | null
  next: string[]
  leaving: DkimLeaving[]
  keys: DkimKey[]
}

/** An old key, and how long it stays while the server runs */
export interface DkimLeaving {
  selector: string
  left_s: number
}

/** The new state of a key */
export interface DkimKeyChange {
  state: string
}

/** An account. logins false refuses every login and ends open sessions; mail false refuses incoming mail with 550. role is user, admin (of domains) or owner; quota_bytes 0 is no quota; message_bytes is the largest message it takes, 0 the server's limit; pop3 is what POP3 shows: all mail, new mail since that was chosen, or off; recovery_left counts unused recovery codes of two-factor login, passkeys those it can log in with */
export interface Account {
  id: number
  address: string
  name: string
  logins: boolean
  mail: boolean
  role: string
  domains: string[]
  quota_bytes: number
  message_bytes: number
  pop3: string
  used_bytes: number
  messages: number
  created: string | null
  last_login: string | null
  totp: boolean
  recovery_left: number
  passkeys: number
}

/** An account to create */
export interface AccountNew {
  address: string
  name?: string | null
  password?: string | null
  role?: string | null
  domains?: string[]
  quota_bytes?: number | null
}

/** Changes of an account; absent fields stay */
export interface AccountChange {
  name?: string | null
  logins?: boolean | null
  mail?: boolean | null
  role?: string | null
  domains?: string[]
  quota_bytes?: number | null
  message_bytes?: number | null
  pop3?: string | null
}

/** A password */
export interface Password {
  password: string
}

/** An alias or a list. kind is alias or list; post says who may write to a list: anybody, members, or domain, which is users of its domain; owner gets the list's bounces, its domain's postmaster when empty; hidden: its members are not shown */
export interface Alias {
  address: string
  targets: string[]
  kind: string
  post: string
  owner: string
  hidden: boolean
  created: string | null
}

/** An alias to create, or a list if kind says so */
export interface AliasNew {
  address: string
  targets: string[]
  kind?: string | null
  post?: string | null
  owner?: string | null
  hidden?: boolean | null
}

/** Changes of an alias; absent fields stay. add: targets to add */
export interface AliasChange {
  targets?: string[]
  add?: string[]
  kind?: string | null
  post?: string | null
  owner?: string | null
  hidden?: boolean | null
}

/** A group of users. members are addresses of accounts; mail: its address accepts mail for every member, and post says who may write to it: anybody, members or domain */
export interface Group {
  id: number
  address: string
  title: string
  members: string[]
  mail: boolean
  post: string
  created: string | null
}

/** A group to create */
export interface GroupNew {
  address: string
  title?: string | null
  members?: string[]
  mail?: boolean | null
  post?: string | null
}

/** Changes of a group; absent fields stay. join and leave: members to add and to remove */
export interface GroupChange {
  title?: string | null
  members?: string[]
  join?: string[]
  leave?: string[]
  mail?: boolean | null
  post?: string | null
}

/** Changes of the own account; absent fields stay */
export interface MeChange {
  name?: string | null
  pop3?: string | null
}

/** The current and the new password */
export interface PasswordChange {
  old: string
  new: string
}

/** Logins to one service from one address with one password: the last, the first, their number. client is the client's own name; app_password the label of the one used, empty for the account's own; passkey that of a passkey */
export interface LoginSeen {
  time: string | null
  first: string | null
  count: number
  service: string
  peer: string
  client: string
  ok: boolean
  app_password: string
  passkey: string
}

/** A password for mail clients. password is only in the answer to its creation */
export interface AppPassword {
  id: string
  label: string
  created: string | null
  expires: string | null
  last_used: string | null
  scopes: string[]
  password?: string | null
}

/** An app password to create. scopes are of imap, pop3, sieve and smtp */
export interface AppPasswordNew {
  label: string
  expires?: string | null
  scopes?: string[]
}

/** Data for an authenticator: the secret in base32, as otpauth link, and that as an SVG picture */
export interface TotpSecret {
  secret: string
  uri: string
  qr: string
}

/** A code of the authenticator */
export interface TotpCode {
  code: string
}

/** A passkey. site is the host name for which it is valid */
export interface Passkey {
  id: string
  label: string
  site: string
  created: string | null
  last_used: string | null
}

/** Arguments of navigator.credentials.create(): challenge, user (its id) and exclude (ids of credentials) as bytes in base64url; site is the RP ID; algorithms are of COSE, the best first. User verification and a discoverable credential are required */
export interface PasskeyCreation {
  challenge: string
  site: string
  user: string
  name: string
  display_name: string
  algorithms: number[]
  exclude: string[]
  timeout_ms: number
}

/** Its result: clientDataJSON and attestationObject in base64url */
export interface PasskeyNew {
  label: string
  client_data: string
  attestation: string
}

/** Arguments of navigator.credentials.get(): any passkey for the site, with user verification */
export interface PasskeyRequest {
  challenge: string
  site: string
  timeout_ms: number
}

/** Its result: rawId, userHandle, clientDataJSON, authenticatorData and signature in base64url */
export interface PasskeyAnswer {
  id: string
  user: string
  client_data: string
  authenticator_data: string
  signature: string
}

/** Recovery codes, each valid once instead of a code */
export interface TotpRecovery {
  recovery_codes: string[]
}

/** A Sieve script; size is in bytes. Only answers about one script have text */
export interface Script {
  name: string
  active: boolean
  size: number
  changed: string | null
  text?: string | null
}

/** Changes of a script; absent fields stay. text creates it, name renames it; active is for scripts of an account, of which at most one is */
export interface ScriptChange {
  text?: string | null
  name?: string | null
  active?: boolean | null
}

/** A script to compile */
export interface ScriptText {
  text: string
}

/** Errors of a script, in their order; more: there are more than these */
export interface ScriptCheck {
  errors: ScriptError[]
  more: boolean
}

/** A script to try, on a stored message or on the text of one */
export interface ScriptTry {
  text: string
  message?: string | null
  raw?: string | null
}

/** Effects of a script on a message. trace has its tests and actions in their order; more: there were more of them; error is empty if the script did not fail */
export interface ScriptTrial {
  trace: ScriptStep[]
  more: boolean
  actions: ScriptAction[]
  error: string
  error_line: number
}

/** A test with its result, or an action; why says what was compared */
export interface ScriptStep {
  line: number
  word: string
  result?: boolean | null
  why: string
}

/** An action; line 0 is the implicit keep. target is a mailbox or an address; text a reason, a subject, or why it is not done */
export interface ScriptAction {
  line: number
  action: string
  target: string
  text: string
}

/** A message of one's own */
export interface Message {
  id: string
  from: string
  subject: string
  time: string | null
}

/** An error; line and column count from 1 */
export interface ScriptError {
  line: number
  column: number
  text: string
}

/** A condition. field is from, to, to_or_cc, subject, header (of that name), body, list_id, size, attachment or spam. op is contains, is, starts_with, ends_with, matches (with * and ?) or regex (POSIX extended); of a size over or under, with a value like 500K or 5M. attachment and spam have neither. not: it must not hold */
export interface FilterCondition {
  field: string
  header?: string | null
  op?: string | null
  value?: string | null
  not?: boolean | null
}

/** An action: move or copy to the mailbox of value, which is created if it does not exist; mark_read; flag; keyword; forward to the address of value, and with copy keep the message too; reject with the text of value; discard; stop, so that no further rule is used */
export interface FilterAction {
  action: string
  value?: string | null
  copy?: boolean | null
}

/** A rule. match is all or any; without conditions it is for all mail */
export interface FilterRule {
  name: string
  on: boolean
  match: string
  conditions: FilterCondition[]
  actions: FilterAction[]
}

/** Forwarding of all mail but Junk. copy: keep it too, and apply the rules */
export interface FilterForward {
  on: boolean
  to: string
  copy?: boolean | null
}

/** Filters in their order. blocked and allowed are senders: mail addresses and domains. blocked_to is junk or discard. Mail of an allowed sender goes to INBOX instead of Junk */
export interface Filters {
  rules: FilterRule[]
  forward?: FilterForward
  blocked?: string[]
  blocked_to?: string | null
  allowed?: string[]
}

/** Filters, the Sieve script that they make, and the name of the account's active script, which runs after them, or empty */
export interface FiltersState {
  filters: Filters
  sieve: string
  active_script: string
}

/** Existing mail of a mailbox, INBOX by default, from the UID after `after` on; without change it stays as it is */
export interface FiltersApply {
  mailbox?: string | null
  after?: number | null
  change?: boolean | null
}

/** Messages of this batch that change. next: after of the next batch, 0 at the end */
export interface FiltersApplied {
  messages: FiltersChange[]
  examined: number
  changed: boolean
  next: number
}

/** The actions on a message. move is the mailbox to which it moves, or empty; discarded: that is Trash, because a rule discards it */
export interface FiltersChange {
  uid: number
  from: string
  subject: string
  time: string | null
  discarded: boolean
  move: string
  copy: string[]
  flags: string[]
}

/** A vacation reply. from and until are its first and last moment, null for no limit; zone is the time zone in which they are shown, for example Europe/Berlin. days, 1 to 30: until the same sender gets another reply. only: addresses and domains of senders that get one, empty for all. html: set by JMAP clients; used if text is empty */
export interface Vacation {
  on: boolean
  from?: string | null
  until?: string | null
  zone?: string | null
  subject?: string | null
  text?: string | null
  html?: string | null
  days?: number | null
  only?: string[]
}

/** A vacation reply and the Sieve script that it makes; active_script as of filters_state */
export interface VacationState {
  vacation: Vacation
  sieve: string
  active_script: string
}

/** A certificate. key is its kind; source is acme, own (uploaded), files or self; state is valid, expired, ordering, failed, revoking, or held (uploaded, and not used until its TLSA record is known everywhere; the one before may have the same id). problem is the reason, in the authority's words */
export interface Certificate {
  id: string
  names: string[]
  issuer: string
  key: string
  not_before: string | null
  not_after: string | null
  source: string
  state: string
  next_try: string | null
  problem: string
}

/** A certificate to upload, as PEM: the server's own first, then each issuer; and its private key, which is never returned */
export interface CertificateNew {
  chain: string
  key: string
}

/** Reason: unspecified, keyCompromise, affiliationChanged, superseded or cessationOfOperation */
export interface CertificateRevoke {
  reason?: string | null
}

/** An account at an authority. key is the thumbprint of its key; pending is rollover, end or empty; problem is the reason, in the authority's words */
export interface AcmeAccount {
  directory: string
  url: string
  email: string
  eab_id: string
  key: string
  pending: string
  problem: string
}

/** ACME settings. challenge is http-01, tls-alpn-01, dns-01 or empty for automatic choice */
export interface Acme {
  enabled: boolean
  email: string
  directory: string
  challenge: string
  names: string
  eab_id: string
  dns: AcmeDns
  hook: string
  rsa: boolean
  reuse_key: boolean
}

/** The name server that accepts updates for dns-01, and the name of the TSIG key */
export interface AcmeDns {
  server: string
  key_name: string
}

/** An external account binding from the authority; an empty id removes it */
export interface AcmeEab {
  id: string
  key?: string | null
}

/** As acme_dns; key_secret in base64. An empty key_name removes both */
export interface AcmeDnsChange {
  server?: string | null
  key_name?: string | null
  key_secret?: string | null
}

/** Changes of the ACME settings; absent fields stay */
export interface AcmeChange {
  enabled?: boolean | null
  email?: string | null
  directory?: string | null
  challenge?: string | null
  names?: string | null
  eab?: AcmeEab
  dns?: AcmeDnsChange
  hook?: string | null
  rsa?: boolean | null
  reuse_key?: boolean | null
}

/** State of the server and its activity today */
export interface Overview {
  version: string
  commit: string
  hostname: string
  uptime_s: number
  received_today: number
  sent_today: number
  refused_today: number
  queue: number
  storage: Storage
  certificates: Certificate[]
  warnings: Warning[]
  history: History
}

/** Size of the store, and free space on its disk */
export interface Storage {
  used_bytes: number
  free_bytes: number
}

/** A problem that needs attention; id is stable. page is the page of the console about it, or empty */
export interface Warning {
  id: string
  text: string
  advice: string
  page: string
}

/** Counts of the last day, in steps */
export interface History {
  step_s: number
  points: HistoryPoint[]
}

/** Incoming, outgoing and refused messages of the step that began at this time */
export interface HistoryPoint {
  time: string | null
  in: number
  out: number
  refused: number
}

/** Events, oldest first, and the number for the next ?after= */
export interface Events {
  events: Event[]
  next: number
}

/** A log event */
export interface Event {
  seq: number
  time: string | null
  level: string
  name: string
  session: string
  fields: Record<string, string>
}

/** A received message and its result. state is refused, delivered, queued, delayed, held, failed or dropped; to_more counts recipients that are not in to; mail is the id in the reply to the sender and in the Received field */
export interface Trace {
  id: string
  time: string | null
  session: string
  mail: string
  from: string
  to: string[]
  to_more: number
  message_id: string
  size: number
  state: string
  steps?: TraceStep[]
}

/** A step: came, refused, delivered, full, queued, sent, delayed, failed, bounced, noticed, held, released, dropped, discarded (for one recipient, by a check or a filter), filtered (by filters of an account), checked or complained */
export interface TraceStep {
  time: string | null
  what: string
  detail: string
  ok: boolean
}

/** A blocked network, a locked login or a held account; until is null if it must be removed by hand */
export interface Blocked {
  address: string
  reason: string
  since: string | null
  until: string | null
}

/** A network to block or an account to hold: an IP address, with an IPv6 one its /64 network, a network like 192.0.2.0/23, or the address of an account; without until permanently */
export interface BlockedNew {
  address: string
  reason?: string | null
  until?: string | null
}

/** An inbound check: its setting, without ROOST_, and whether it has anything to check */
export interface PolicyCheck {
  name: string
  setting: string
  on: boolean
  done: PolicyDone
}

/** Verdicts of a check; failed: it could not run */
export interface PolicyDone {
  pass: number
  tag: number
  delay: number
  quarantine: number
  accept: number
  discard: number
  tempfail: number
  reject: number
  failed: number
}

/** An access rule; until is null if it has no end, code 0 and status empty for the defaults */
export interface AccessRow {
  id: string
  verdict: string
  of: string
  match: string
  on: string
  note: string
  code: number
  status: string
  since: string | null
  until: string | null
}

/** verdict: accept, tag, quarantine, tempfail, reject, discard, delay:5s or block:1h. of: peer (match has networks), name, helo, login, from or to (match has a pattern with *). on: mx (default), submission (default with login), or both with a comma. note: a remark, and the text of the reply. code, status: replace those of tempfail (450, 4.2.0) and reject (554, 5.7.1) */
export interface AccessNew {
  verdict: string
  of: string
  match: string
  on?: string | null
  note?: string | null
  code?: number | null
  status?: string | null
  until?: string | null
}

/** Outbound TLS sessions of a day (UTC) with the servers of a domain, or with one host whose TLSA records applied */
export interface TlsDay {
  day: string | null
  domain: string
  policies: TlsTally[]
}

/** Sessions under one policy: sts, tlsa or no-policy-found, and its lines */
export interface TlsTally {
  type: string
  policy: string[]
  good: number
  bad: number
  failures: TlsFailure[]
}

/** Sessions with the same failure: the result type of RFC 8460 4.3, the reason in words, the server, the local address */
export interface TlsFailure {
  result: string
  reason: string
  host: string
  helo: string
  address: string
  from: string
  count: number
}

/** An incoming report. kind is dmarc, tls or failure; organization: its author by its own words; from: author of the mail. messages: sessions of tls, incidents of failure. Unproven reports are in no total */
export interface Report {
  id: string
  kind: string
  domain: string
  organization: string
  contact: string
  report_id: string
  from: string
  received: string | null
  begin: string | null
  end: string | null
  rows: number
  messages: number
  passed: number
  failed: number
  proven: boolean
}

/** A report with its rows. policy: the published DMARC policy; remarks: irregularities; rows_next: ?row= of the next page, 0 on the last one */
export interface ReportWhole {
  id: string
  kind: string
  domain: string
  organization: string
  contact: string
  report_id: string
  from: string
  received: string | null
  begin: string | null
  end: string | null
  rows: number
  messages: number
  passed: number
  failed: number
  proven: boolean
  policy: string
  remarks: string[]
  dmarc: ReportDmarcRow[]
  tls: ReportTlsRow[]
  feedback?: ReportFeedback
  rows_next: number
}

/** Messages from one address with the same results. verdict is passes, forwarded, misaligned or unauthenticated; words is its explanation */
export interface ReportDmarcRow {
  address: string
  count: number
  disposition: string
  dkim_aligned: boolean
  spf_aligned: boolean
  header_from: string
  envelope_from: string
  envelope_to: string
  reasons: string[]
  dkim: ReportAuth[]
  spf: ReportAuth[]
  verdict: string
  words: string
}

/** A result of DKIM or SPF, whether it counts for DMARC or not */
export interface ReportAuth {
  domain: string
  selector: string
  result: string
}

/** Sessions under one policy: sts, tlsa or no-policy-found */
export interface ReportTlsRow {
  policy: string
  domain: string
  mx: string[]
  good: number
  failed: number
  failures: ReportTlsFailure[]
}

/** Sessions with the same failure: the result type of RFC 8460 4.3 and its meaning; from is the sender's address, mx and address ours */
export interface ReportTlsFailure {
  result: string
  words: string
  from: string
  mx: string
  helo: string
  address: string
  count: number
  info: string
  reason: string
}

/** A report's data about one message. type is abuse, fraud, auth-failure and others of RFC 5965 and RFC 6591 */
export interface ReportFeedback {
  type: string
  agent: string
  address: string
  original_from: string
  original_to: string[]
  reported_domains: string[]
  arrived: string | null
  incidents: number
  authentication_results: string
  delivery_result: string
  auth_failure: string
  dkim_domain: string
  dkim_selector: string
  spf: string
  subject: string
  message_id: string
}

/** Reports about a domain: number of each kind, the last day covered, and totals */
export interface ReportDomain {
  domain: string
  dmarc: number
  tls: number
  failures: number
  last: string | null
  messages: number
  passed: number
  failed: number
  sessions_good: number
  sessions_failed: number
  complaints: number
}

/** Senders that use a domain. days: oldest first; sources: the 200 with most messages */
export interface ReportDmarc {
  domain: string
  days: ReportDmarcDay[]
  sources: ReportDmarcSource[]
  sources_more: number
  organizations: ReportCount[]
}

/** Messages of a day (UTC): none, quarantine and reject are actions of receivers, dkim and spf count what passed */
export interface ReportDmarcDay {
  day: string | null
  count: number
  passed: number
  failed: number
  none: number
  quarantine: number
  reject: number
  dkim: number
  spf: number
}

/** An address that sends as the domain; empty: many together. verdict is passes, mixed, forwarded, misaligned or unauthenticated, words is its explanation; organizations have reported it; dkim_domains and spf_domains are those that passed, aligned or not */
export interface ReportDmarcSource {
  address: string
  count: number
  passed: number
  failed: number
  none: number
  quarantine: number
  reject: number
  dkim: number
  spf: number
  verdict: string
  words: string
  first: string | null
  last: string | null
  organizations: string[]
  dkim_domains: string[]
  spf_domains: string[]
}

/** A name, its count, and the number of reports */
export interface ReportCount {
  name: string
  count: number
  reports: number
}

/** Inbound TLS for a domain */
export interface ReportTls {
  domain: string
  days: ReportTlsDay[]
  failures: ReportTlsKind[]
  organizations: ReportCount[]
}

/** Sessions of a day (UTC) */
export interface ReportTlsDay {
  day: string | null
  good: number
  failed: number
}

/** Sessions with the same failure at one MX host */
export interface ReportTlsKind {
  result: string
  words: string
  mx: string
  count: number
  first: string | null
  last: string | null
  organizations: string[]
}

/** Reports about single messages: per day, the latest 100, and the number of each type */
export interface ReportArf {
  domain: string
  days: ReportArfDay[]
  complaints: Report[]
  types: ReportCount[]
}

/** These reports of a day (UTC): complaints, failed authentication, the rest */
export interface ReportArfDay {
  day: string | null
  count: number
  abuse: number
  auth_failure: number
  other: number
}

/** A cached MTA-STS policy; mode is enforce, testing or none */
export interface StsPolicy {
  domain: string
  id: string
  mode: string
  mx: string[]
  fetched: string | null
  used: string | null
  expires: string | null
}

/** A message for one destination. next is null while it is held; state is waiting, delayed, active or held */
export interface QueueEntry {
  id: string
  message: string
  from: string
  to: QueueRcpt[]
  destination: string
  size: number
  created: string | null
  next: string | null
  expires: string | null
  held: boolean
  paused: boolean
  state: string
  reason: string
  queue: string
  route: string
  tls: string
  priority: number
  headers?: string | null
}

/** The result of a message for one recipient; message is the id it had in the queue */
export interface Delivery {
  id: string
  time: string | null
  message: string
  from: string
  to: string
  delivered: boolean
  attempts: number
  size: number
  created: string | null
  host: string
  address: string
  route: string
  queue: string
  tls: string
  code: number
  reply: string
}

/** A destination in backoff (failures in a row) with its next attempt; or one with connections, their limit, and how often that was halved, with the reason */
export interface Destination {
  destination: string
  queue: string
  route: string
  failures: number
  next: string | null
  reason: string
  connections: number
  limit: number
  cuts: number
}

/** A webhook; id: its position in the setting; site: scheme and host of its URL. waiting: events not delivered yet; next: time of the next request. failures in a row; told and failed: the last success and failure since the start, reason: the last error */
export interface Webhook {
  id: string
  name: string
  site: string
  events: string[]
  from: string
  tag: string
  signed: boolean
  waiting: number
  next: string | null
  failures: number
  told: string | null
  failed: string | null
  reason: string
}

/** An entry of the suppression list for this sender domain, or for all if it is empty. until is null for permanent */
export interface Suppressed {
  address: string
  domain: string
  since: string | null
  until: string | null
  hits: number
  by_hand: boolean
  reason: string
}

/** An address to suppress; permanent without days */
export interface Suppress {
  address: string
  domain?: string | null
  days?: number | null
  reason?: string | null
}

/** The name of a route or relay, or mx; empty: by the rules */
export interface QueueRoute {
  route: string
}

/** A named queue; empty: the default one */
export interface QueueName {
  queue: string
}

/** action is retry, hold, release, drop, bounce, route (with route) or queue (with to_queue), for entries that match the rest, as in GET /api/queue; entries that are being tried are skipped */
export interface QueueAction {
  action: string
  q?: string | null
  domain?: string | null
  sender?: string | null
  state?: string | null
  queue?: string | null
  age?: number | null
  route?: string | null
  to_queue?: string | null
  dry_run?: boolean | null
  after?: string | null
}

/** Number of entries changed; next is empty, or there are more: repeat with it as after */
export interface QueueActed {
  count: number
  next: string
}

/** A pause of all, a queue or a destination, by its name */
export interface Pause {
  what: string
  name: string
  since: string | null
  reason: string
}

/** A pause of all, a queue or a destination, by its name; reason is for other administrators */
export interface PauseNew {
  what: string
  name?: string | null
  reason?: string | null
}

/** A recipient, and the reply to the last attempt */
export interface QueueRcpt {
  address: string
  attempts: number
  reply: string
}

/** A remote mailbox, with all below it, and its local target; an empty to leaves it out. The longest rule applies; names have / between levels */
export interface ImportRule {
  from: string
  to: string
}

/** An IMAP server to import mail from. tls is implicit (port 993) or starttls (143); roots is PEM: roots for the server's certificate, or that certificate, instead of the public authorities */
export interface ImportNew {
  host: string
  port?: number | null
  tls?: string | null
  user: string
  password: string
  roots?: string | null
  rules?: ImportRule[]
}

/** The password at the remote server, which is not kept */
export interface ImportRun {
  password: string
}

/** An import from another server. state is waiting, running, done, failed, cancelled or interrupted (the server was stopped); problem is the reason, or what it waits for. brought counts imported messages, known those that were present already; by is the user who ran it; folders and left are present when it is requested by its id */
export interface Import {
  id: string
  host: string
  port: number
  tls: string
  user: string
  rules: ImportRule[]
  by: string
  created: string | null
  started: string | null
  ended: string | null
  state: string
  problem: string
  brought: number
  known: number
  left_out: number
  bytes: number
  messages_done: number
  messages_total: number
  folders_done: number
  folders_total: number
  folders?: ImportFolder[]
  left?: ImportLeft[]
}

/** A remote mailbox; to is empty if it is left out */
export interface ImportFolder {
  from: string
  to: string
  messages: number
  done: number
  brought: number
  known: number
  left_out: number
  ended: boolean
}

/** A message that was not imported, or a whole mailbox if what is empty; the next run tries it again */
export interface ImportLeft {
  folder: string
  what: string
  why: string
}

/** The mailboxes of the remote server */
export interface ImportPreview {
  folders: ImportPreviewFolder[]
}

/** A remote mailbox and its target; view: it shows messages of other mailboxes, and only those in no other are imported from it; problem is the reason why it is left out */
export interface ImportPreviewFolder {
  from: string
  to: string
  messages: number
  view: boolean
  problem: string
}

/** The new value, as in the environment variable. An empty value keeps a secret that is set; DELETE clears it */
export interface SettingValue {
  value: string
}

/** A setting. origin is default, environment, file or store; locked: the API cannot change it, because the environment has it or because (machine) it names a program, a file or a socket; live: a change applies at once; waiting: it has changed and applies after the next start; valid describes valid values */
export interface Setting {
  name: string
  group: string
  kind: string
  value: string
  set?: boolean | null
  default: string
  origin: string
  locked: boolean
  machine: boolean
  live: boolean
  waiting: boolean
  valid: string
  help: string
}

/** Changed listeners or proxies of the console, which are undone after so many seconds unless the change is confirmed; none and 0: no trial */
export interface SettingsTrial {
  names: string[]
  seconds: number
}

/** A DNS record that a domain needs. state is ok, warn, fail or unknown */
export interface DnsRecord {
  name: string
  type: string
  purpose: string
  expected: string
  seen: string[]
  state: string
  advice: string
  optional: boolean
}

/** The DNS records that a domain needs */
export interface Dns {
  domain: string
  checked: string | null
  records: DnsRecord[]
}

/** A check. state is ok, warn, fail or unknown */
export interface Check {
  id: string
  title: string
  state: string
  seen: string
  expected: string
  advice: string
}

/** An outgoing report. kind is dmarc, tls or failure; begin and end: its period. state is counting (end and when are null), waiting (retried at when), sent (in the queue since when) or unsent (no recipient); messages or sessions in it; bytes of its compressed file */
export interface ReportOut {
  key: string
  kind: string
  domain: string
  id: string
  begin: string | null
  end: string | null
  state: string
  when: string | null
  attempts: number
  messages: number
  bytes: number
  why: string
  to: ReportOutTo[]
}

/** An address of the domain's record, and why it gets none */
export interface ReportOutTo {
  to: string
  sent: boolean
  why: string
}

/** An address that gets no reports until then: time and reply of the last refusal, and refusals in a row */
export interface ReportSuppressed {
  address: string
  since: string | null
  until: string | null
  refusals: number
  reply: string
}

/** Last results of the DNS checks: the host with rows, the caller's domains without */
export interface Doctor {
  host: DoctorPart
  domains: DoctorPart[]
}

/** Results for a domain, or for the host if name is empty. looked is null until the first check has ended; looking: a check is running or starts at once: ask again in a second or two. state is the worst of the rows': ok, warn, fail or unknown */
export interface DoctorPart {
  name: string
  looked: string | null
  looking: boolean
  state: string
  counts: DoctorCounts
  rows?: DoctorRow[]
}

/** Rows in each state */
export interface DoctorCounts {
  ok: number
  warn: number
  fail: number
  unknown: number
}

/** A record or a fact. id is stable within its part; type is that of the record (MX, TXT, ...), or in lower case the kind of fact (policy, chain, servers, list, ...); paste is the line of a zone file, or empty. state is ok, warn, fail or unknown; words is the verdict in a sentence, advice the action. right: when it was last ok; since: start of the present state; either may be null */
export interface DoctorRow {
  id: string
  name: string
  type: string
  purpose: string
  expected: string
  paste: string
  optional: boolean
  state: string
  words: string
  advice: string
  seen: DoctorSeen[]
  right: string | null
  since: string | null
}

/** An answer of a name server. of is resolver or authority (a name server of the zone itself); answer is found, or the reason in words; ttl_s is its lifetime in caches, 0: unknown; state is the row's if all had answered this way */
export interface DoctorSeen {
  by: string
  of: string
  answer: string
  data: string[]
  ttl_s: number
  state: string
}

/** A domain to check, host, or all that the caller administers and the host if absent */
export interface DoctorLook {
  domain?: string | null
}

/** The domain to test, default that of the caller's address; to is the local address that gets the message, default the caller's own or the domain's postmaster */
export interface DoctorTestNew {
  domain?: string | null
  to?: string | null
}

/** The last self-test. state is none, running, done or failed (problem is the reason); steps arrive while it runs */
export interface DoctorTest {
  state: string
  domain: string
  from: string
  to: string
  message_id: string
  started: string | null
  ended: string | null
  problem: string
  steps: Check[]
}

/** A list of checks */
export interface Checks {
  checks: Check[]
}

/** Progress of the setup, and its values; step is the next one: claim, host, owner, look-around, certificate, dns or test-mail */
export interface Setup {
  open: boolean
  step: string
  hostname?: string | null
  domain?: string | null
  owner?: string | null
  owner_name?: string | null
  password_set?: boolean | null
  delivery?: string | null
  delivery_done?: boolean | null
  smarthost?: SetupSmarthostSet
  certificate?: string | null
  acme?: SetupAcme
}

/** The configured smarthost, without its password */
export interface SetupSmarthostSet {
  host: string
  port: number
  tls: string
  user: string
  password_set: boolean
}

/** ACME values of the setup, without secrets */
export interface SetupAcme {
  email: string
  challenge: string
  dns: AcmeDns
  hook: string
}

/** The token of the link that the server printed */
export interface SetupClaim {
  token: string
}

/** Public name of this server, and the first mail domain */
export interface SetupHost {
  hostname: string
  domain: string
}

/** The first account, at the first domain. An empty password keeps the present one */
export interface SetupOwner {
  address: string
  name: string
  password: string
}

/** Strength of a password, 0 to 4 */
export interface Strength {
  strength: number
  advice: string
}

/** A server for all outgoing mail. tls is starttls or implicit. An empty password with the same host, port, tls and user keeps the present one */
export interface SetupSmarthost {
  host: string
  port: number
  tls: string
  user?: string | null
  password?: string | null
}

/** mode is direct or smarthost */
export interface SetupDelivery {
  mode: string
  smarthost?: SetupSmarthost
}

/** mode is acme, files or self; acme needs terms, and with the challenge dns-01 a name server or a hook; files needs chain and key, as PEM, unless the environment names files. key is never returned */
export interface SetupCertificate {
  mode: string
  email?: string | null
  terms?: boolean | null
  challenge?: string | null
  dns?: AcmeDnsChange
  hook?: string | null
  chain?: string | null
  key?: string | null
}

/** Recipient of the test message */
export interface SetupTest {
  to: string
}

/** undefined */
export interface Error {
  error: unknown
}

/** Settings of a mail client for ?address= (default: the caller's own) */
export interface ClientSettingsQuery {
  /** Whose settings; the caller's own when absent */
  address?: string
}

/** The caller's tokens */
export interface TokensQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Send a message as one of the caller's addresses, from JSON or as message/rfc822. 202: it is stored, and sent at once or at send_at; 422: refused with the text of SMTP */
export interface SendQuery {
  /** Of a message/rfc822: who gets it, a comma list; else whom its header names */
  to?: string
  /** Of a message/rfc822: the return path; else the address in From */
  from?: string
  /** Of a message/rfc822: when it is to go */
  send_at?: string
  /** Of a message/rfc822: low, normal or high */
  priority?: string
  /** Of a message/rfc822: what reports are asked for */
  notify?: string
  /** Of a message/rfc822: comes back with what is told of it */
  tag?: string
}

/** As /api/send, in the name of an account */
export interface SendAsQuery {
  /** Of a message/rfc822: who gets it, a comma list; else whom its header names */
  to?: string
  /** Of a message/rfc822: the return path; else the address in From */
  from?: string
  /** Of a message/rfc822: when it is to go */
  send_at?: string
  /** Of a message/rfc822: low, normal or high */
  priority?: string
  /** Of a message/rfc822: what reports are asked for */
  notify?: string
  /** Of a message/rfc822: comes back with what is told of it */
  tag?: string
}

/** API submissions of the caller's domains, newest first */
export interface SentQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** By this account */
  account?: string
  /** 1: only those of which something lies in the queue */
  waiting?: number
}

/** The audit log, newest first; ?q= searches all of an entry */
export interface AuditListQuery {
  /** At most so many items */
  limit?: number
  /** Those before this one: next of the page before */
  after?: string
  /** Looked for in all of an entry */
  q?: string
}

/** Certificates in use, and those that could not be obtained */
export interface CertificatesQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Events after ?after=, filtered by ?level= (and above), ?session=, ?address= (a part) and ?account=. Without a match it waits up to ?wait= seconds. Pass next of the answer as after */
export interface EventsQuery {
  /** Events after this one: next of the answer before; 0 at first */
  after?: number
  /** Of this level and above: info, warn or error */
  level?: string
  /** Of this session */
  session?: string
  /** With this in an address */
  address?: string
  /** About this account */
  account?: string
  /** When there is none, wait for one, at most so many seconds */
  wait?: number
}

/** Messages, newest first, with ?q= in an address or message-id, from ?since= ?until= */
export interface TracesQuery {
  /** At most so many items */
  limit?: number
  /** Those before this one: next of the page before */
  after?: string
  /** Looked for in addresses and the message-id */
  q?: string
  /** That came at this time or later */
  since?: string
  /** That came before this time */
  until?: string
}

/** Blocked networks, locked logins and held accounts */
export interface BlockedQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Inbound checks in their order, with their verdicts of the last 24 hours */
export interface ChecksQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Access rules that are not in ROOST_ACCESS, in their order */
export interface AccessQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Results of outbound TLS, latest day first, then by domain: ?domain=, ?since= ?until=, ?failures=1 for failures only */
export interface TlsEvidenceQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** Of this domain */
  domain?: string
  /** Of the day of this time, or later */
  since?: string
  /** Up to the day of this time */
  until?: string
  /** 1: only where something went wrong */
  failures?: number
}

/** Cached MTA-STS policies of remote domains, by domain */
export interface TlsPoliciesQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Outgoing reports: first those in preparation, then results, latest first */
export interface ReportsOutQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Addresses that refused outgoing reports, and until when they get none */
export interface ReportsSuppressedQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Incoming reports, newest first */
export interface ReportsQuery {
  /** At most so many items */
  limit?: number
  /** Those before this one: next of the page before */
  after?: string
  /** About this domain */
  domain?: string
  /** Of this kind: dmarc, tls or failure */
  kind?: string
  /** That came in the last so many days */
  days?: number
}

/** Incoming reports of some days, summed up per domain */
export interface ReportsDomainsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** Of the last so many days; 30 when absent */
  days?: number
}

/** Senders that use ?domain=, with their DMARC results in the reports of ?days= */
export interface ReportsDmarcQuery {
  /** Of this domain; needed */
  domain?: string
  /** Of the last so many days; 30 when absent */
  days?: number
}

/** Results of inbound TLS for ?domain=, from the reports of ?days= */
export interface ReportsTlsQuery {
  /** Of this domain; needed */
  domain?: string
  /** Of the last so many days; 30 when absent */
  days?: number
}

/** Complaints and failure reports about ?domain=, of ?days= */
export interface ReportsArfQuery {
  /** Of this domain; needed */
  domain?: string
  /** Of the last so many days; 30 when absent */
  days?: number
}

/** One report with its rows */
export interface ReportQuery {
  /** Its rows from this number on; 0 at first */
  row?: number
  /** At most so many; 200 when absent */
  rows?: number
}

/** Entries by age, with ?q= in an address or reply, in ?state= waiting, delayed, active or held */
export interface QueueQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** Looked for in addresses and replies */
  q?: string
  /** In this state: waiting, delayed, active or held */
  state?: string
  /** With a recipient at this domain, or this destination */
  domain?: string
  /** From this address or domain */
  sender?: string
  /** In this named queue; default for what is in none */
  queue?: string
  /** So many seconds old or older */
  age?: number
}

/** Remove it; with ?bounce=1 its sender gets a bounce */
export interface QueueDropQuery {
  /** 1: its sender is told */
  bounce?: number
}

/** Destinations and queues that are paused */
export interface PausesQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** End a pause */
export interface ResumeQuery {
  /** all, queue or destination */
  what?: string
  /** Of the queue or destination */
  name?: string
}

/** Delivery history, newest first, with ?q= in an address, host or reply, from ?since= ?until= */
export interface DeliveriesQuery {
  /** At most so many items */
  limit?: number
  /** Those before this one: next of the page before */
  after?: string
  /** Looked for in addresses, hosts and replies */
  q?: string
  /** At this time or later */
  since?: string
  /** Before this time */
  until?: string
}

/** Unreachable destinations in backoff, and destinations with connections */
export interface QueueDestinationsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** The suppression list */
export interface SuppressedQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Remove it; with ?domain= for that sender domain only */
export interface UnsuppressQuery {
  /** The sender's domain that it is suppressed for; all when absent */
  domain?: string
}

/** Webhooks of the setting, without secrets, with their delivery state */
export interface WebhooksQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Mail domains that the caller administers; ?q= searches their names */
export interface DomainsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** Looked for in names */
  q?: string
}

/** Accounts of the caller's domains, or of ?domain=; ?q= searches address and name */
export interface AccountsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** At this domain */
  domain?: string
  /** Looked for in addresses and names */
  q?: string
}

/** Recent logins, newest first */
export interface AccountLoginsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Its app passwords */
export interface AccountAppPasswordsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Aliases and lists, or those of ?domain=; ?q= searches address and targets */
export interface AliasesQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** At this domain */
  domain?: string
  /** Looked for in addresses and targets */
  q?: string
}

/** Groups, or those of ?domain=; ?q= searches address, title and members */
export interface GroupsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** At this domain */
  domain?: string
  /** Looked for in addresses, titles and members */
  q?: string
}

/** Recent logins, newest first */
export interface MeLoginsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** App passwords for mail clients */
export interface MeAppPasswordsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** The caller's passkeys */
export interface MePasskeysQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Its passkeys */
export interface AccountPasskeysQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Imports to the caller's mailboxes, newest first */
export interface MeImportsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** As /api/me/imports, for an account */
export interface AccountImportsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** The caller's Sieve scripts */
export interface MeScriptsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** The newest messages of the caller's INBOX */
export interface MeMessagesQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Scripts of a domain: before and after run around those of its accounts, the others can be included as :global */
export interface DomainScriptsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Scripts of the server: before, after and the library as those of a domain; connect, ehlo, mail, rcpt, data and end run at SMTP stages */
export interface ScriptsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Every setting, all on one page; secrets are empty, and set tells whether there is one */
export interface SettingsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** DKIM keys, without their private parts, which are never returned */
export interface KeysQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Create the next pair of keys. Publish their records, activate them, retire the old ones, and remove those a week later */
export interface KeysAddQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}
