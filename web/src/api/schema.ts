// api/schema.ts: made of openapi.json by scripts/gen-api-types; make api-types writes it anew.

/** A server as a mail program is told of it; security is TLS or STARTTLS */
export interface ClientServer {
  host: string
  port: number
  security: string
  user: string
}

/** How a mail program is set up; qr is an SVG picture of a link to a profile for Apple devices */
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

/** Who is logged in. role is user, admin or owner; csrf goes into the header X-CSRF of every call that changes something */
export interface Session {
  account: number
  address: string
  name: string
  role: string
  csrf: string
  totp: boolean
}

/** A token to make. scopes are of self:read, self:write, send, metrics:read, admin:read and admin:write; without expires it is good until it is removed */
export interface TokenNew {
  label: string
  scopes: string[]
  expires?: string | null
}

/** A token. token, its text, is there once: when it is made */
export interface Token {
  id: string
  label: string
  scopes: string[]
  created: string | null
  expires: string | null
  last_used: string | null
  token?: string | null
}

/** A change that somebody made */
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

/** A message to send. Addresses are like Ada <ada@example.org>; priority is low, normal or high; notify is what reports are asked for: never, or some of success, failure and delay; tag and metadata come back with what is told of it */
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

/** A message that was sent by the API; send_at is null when it went at once */
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

/** A message that the account has sent by the API; to has its first recipients, to_more counts the others */
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

/** How many recipients are in which state */
export interface SentStates {
  queued: number
  delayed: number
  delivered: number
  bounced: number
  cancelled: number
  dropped: number
  refused: number
}

/** A recipient. state is queued, delayed, delivered, bounced, cancelled, dropped (by an administrator or a check) or refused; stopped: what waited for it was taken back, which of an alias may be for some of its people only */
export interface SentRcpt {
  address: string
  state: string
  changed: string | null
  reply: string
  stopped: boolean
}

/** A mail domain; catchall is who gets mail for unknown names, empty for nobody; alias_of is the domain whose names it has besides its own, empty for none; mta_sts is what other servers do that cannot come here over TLS: testing (they report it), enforce (they keep the mail) or none */
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

/** A domain to take mail for; an international name as xn--... */
export interface DomainNew {
  name: string
}

/** What of a domain can be changed; what is absent stays */
export interface DomainChange {
  catchall?: string | null
  alias_of?: string | null
  mta_sts?: string | null
}

/** A key that signs a domain's mail. state is publish (it signs when it is made active), active or retired; name and record are what belongs into DNS */
export interface DkimKey {
  selector: string
  algorithm: string
  state: string
  created: string | null
  changed: string | null
  name: string
  record: string
}

/** How a domain's keys follow each other. state is rest, asked (a rotation begins at once) or waiting: the keys of next were made and sign once DNS shows their records, which the server puts there by itself if published is true. due: when the next rotation begins, null for never by itself; leaving: old keys, whose records stay for mail under way */
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

/** The state a key shall have */
export interface DkimKeyChange {
  state: string
}

/** An account. logins false refuses every login and ends open sessions; mail false refuses incoming mail with 550. role is user, admin (of domains) or owner; quota_bytes 0 is no quota; message_bytes is the largest message it takes, 0 the server's limit; recovery_left counts unused recovery codes of two-factor login, passkeys those it can log in with */
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
  used_bytes: number
  messages: number
  created: string | null
  last_login: string | null
  totp: boolean
  recovery_left: number
  passkeys: number
}

/** An account to make */
export interface AccountNew {
  address: string
  name?: string | null
  password?: string | null
  role?: string | null
  domains?: string[]
  quota_bytes?: number | null
}

/** What of an account can be changed; what is absent stays */
export interface AccountChange {
  name?: string | null
  logins?: boolean | null
  mail?: boolean | null
  role?: string | null
  domains?: string[]
  quota_bytes?: number | null
  message_bytes?: number | null
}

/** A password */
export interface Password {
  password: string
}

/** An alias or a list. kind is alias or list; post is who may write to a list: anybody, members, or domain, which is users of its domain; owner gets the bounces of what it sends on, its domain's postmaster when empty; hidden: nobody is told who its members are */
export interface Alias {
  address: string
  targets: string[]
  kind: string
  post: string
  owner: string
  hidden: boolean
  created: string | null
}

/** An alias to make, or a list when kind says so */
export interface AliasNew {
  address: string
  targets: string[]
  kind?: string | null
  post?: string | null
  owner?: string | null
  hidden?: boolean | null
}

/** What of an alias can be changed; what is absent stays */
export interface AliasChange {
  targets?: string[]
  kind?: string | null
  post?: string | null
  owner?: string | null
  hidden?: boolean | null
}

/** People who are named together. members are addresses of accounts; mail: its address takes mail, which every member gets, and post is who may write to it then: anybody, members or domain */
export interface Group {
  id: number
  address: string
  title: string
  members: string[]
  mail: boolean
  post: string
  created: string | null
}

/** A group to make */
export interface GroupNew {
  address: string
  title?: string | null
  members?: string[]
  mail?: boolean | null
  post?: string | null
}

/** What of a group can be changed; what is absent stays */
export interface GroupChange {
  title?: string | null
  members?: string[]
  mail?: boolean | null
  post?: string | null
}

/** What of one's own account can be changed */
export interface MeChange {
  name: string
}

/** The password as it is and as it shall be */
export interface PasswordChange {
  old: string
  new: string
}

/** Logins to one service from one address with one password: the last, the first, how many. client is what the program calls itself; app_password the label of the one that was used, empty for the account's own; passkey that of a passkey */
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

/** A password for mail programs. password is there once: when it is made */
export interface AppPassword {
  id: string
  label: string
  created: string | null
  expires: string | null
  last_used: string | null
  scopes: string[]
  password?: string | null
}

/** An app password to make. scopes are of imap and smtp */
export interface AppPasswordNew {
  label: string
  expires?: string | null
  scopes?: string[]
}

/** What an authenticator program needs: the secret in base32, the same as otpauth link, and that as an SVG picture */
export interface TotpSecret {
  secret: string
  uri: string
  qr: string
}

/** A code that the authenticator shows */
export interface TotpCode {
  code: string
}

/** A passkey. site is the host name under which it was made, where alone it is good */
export interface Passkey {
  id: string
  label: string
  site: string
  created: string | null
  last_used: string | null
}

/** What navigator.credentials.create() is to be asked: challenge, user (its id) and exclude (ids of credentials) as bytes in base64url; site is the RP ID; algorithms are of COSE, the best first. User verification and a discoverable credential are required */
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

/** What it answered: clientDataJSON and attestationObject in base64url */
export interface PasskeyNew {
  label: string
  client_data: string
  attestation: string
}

/** What navigator.credentials.get() is to be asked: any passkey for the site, with user verification */
export interface PasskeyRequest {
  challenge: string
  site: string
  timeout_ms: number
}

/** What it answered: rawId, userHandle, clientDataJSON, authenticatorData and signature in base64url */
export interface PasskeyAnswer {
  id: string
  user: string
  client_data: string
  authenticator_data: string
  signature: string
}

/** Codes that each replace one of the authenticator, once */
export interface TotpRecovery {
  recovery_codes: string[]
}

/** A certificate. key is its kind; source is acme, own (brought), files or self; state is valid, expired, ordering, failed, revoking, or held (brought, and not shown before its TLSA record is known everywhere; the one before may have the same id), and then problem says why, in the authority's words */
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

/** A certificate to bring, as PEM: the server's own first, then each one's issuer; and its private key, which is never shown */
export interface CertificateNew {
  chain: string
  key: string
}

/** Why: unspecified, keyCompromise, affiliationChanged, superseded or cessationOfOperation */
export interface CertificateRevoke {
  reason?: string | null
}

/** An account at an authority. key is the thumbprint of its key; pending what is asked for and not done yet: rollover, end or empty; problem why not, in the authority's words */
export interface AcmeAccount {
  directory: string
  url: string
  email: string
  eab_id: string
  key: string
  pending: string
  problem: string
}

/** How certificates are got by ACME. challenge is http-01, tls-alpn-01, dns-01 or empty for what can work */
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

/** The name server that takes updates for dns-01, and the name of the TSIG key */
export interface AcmeDns {
  server: string
  key_name: string
}

/** An external account binding as the authority hands it out; an empty id forgets it */
export interface AcmeEab {
  id: string
  key?: string | null
}

/** As acme_dns; key_secret in base64. An empty key_name forgets both */
export interface AcmeDnsChange {
  server?: string | null
  key_name?: string | null
  key_secret?: string | null
}

/** What can be changed; what is absent stays */
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

/** How the server is and what it did today */
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

/** The store's size, and what is free on its disk */
export interface Storage {
  used_bytes: number
  free_bytes: number
}

/** Something to look at; id is stable */
export interface Warning {
  id: string
  text: string
  advice: string
}

/** Counts of the last day, in steps */
export interface History {
  step_s: number
  points: HistoryPoint[]
}

/** What came in, went out and was refused in the step that began then */
export interface HistoryPoint {
  time: string | null
  in: number
  out: number
  refused: number
}

/** Events, oldest first, and the number to go on with as ?after= */
export interface Events {
  events: Event[]
  next: number
}

/** An event of the log */
export interface Event {
  seq: number
  time: string | null
  level: string
  name: string
  session: string
  fields: Record<string, string>
}

/** A message that came, and what became of it. state is refused, delivered, queued, delayed, held, failed or dropped; to_more counts recipients that are not in to; mail is the id that the sender heard and the Received field has */
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

/** What happened: came, refused, delivered, full, queued, sent, delayed, failed, bounced, noticed, held, released, dropped, discarded (for one recipient, by a check), checked or complained */
export interface TraceStep {
  time: string | null
  what: string
  detail: string
  ok: boolean
}

/** A network address or login that is locked out, or an account that may not send; until is null when somebody has to end it */
export interface Blocked {
  address: string
  reason: string
  since: string | null
  until: string | null
}

/** What to block: an IP address, with an IPv6 one its /64 network, a network like 192.0.2.0/23, or the address of an account; without until for good */
export interface BlockedNew {
  address: string
  reason?: string | null
  until?: string | null
}

/** A check of what comes in: the setting that governs it, without ROOST_, and whether there is anything that it looks at */
export interface PolicyCheck {
  name: string
  setting: string
  on: boolean
  done: PolicyDone
}

/** How often a check has said what; failed: that it cannot tell */
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

/** An access rule: of whom mail gets which verdict; until is null when it lasts, code 0 and status empty for the usual ones */
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

/** verdict: accept, tag, quarantine, tempfail, reject, discard, delay:5s or block:1h. of: peer (match has networks), name, helo, login, from or to (match has a pattern with *). on: mx (when absent), submission (with login when absent), or both with a comma. note: for people, and what a peer is told. code, status: of tempfail (450, 4.2.0) and reject (554, 5.7.1) in place of the usual ones */
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

/** How TLS went on a day (UTC) with the servers of a domain, or with one host where its TLSA records counted */
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

/** Sessions that failed alike: the result type of RFC 8460 4.3, why in words, the server, our address */
export interface TlsFailure {
  result: string
  reason: string
  host: string
  helo: string
  address: string
  from: string
  count: number
}

/** A report that somebody has sent. kind is dmarc, tls or failure; organization: who made it, by his own words; from: author of the mail that brought it. messages: sessions of tls, incidents of failure. What is not proven is in no sum */
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

/** A report with its rows. policy: DMARC's as it was found; remarks: what was odd; rows_next: ?row= of the next page, 0 when that was all */
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

/** Messages from one address that fared alike. verdict is passes, forwarded, misaligned or unauthenticated; words says it for people */
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

/** Sessions that failed alike: the result type of RFC 8460 4.3 and what it means; from is the sender's address, mx and address ours */
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

/** What a report says of one message. type is abuse, fraud, auth-failure and others of RFC 5965 and RFC 6591 */
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

/** What reports say of a domain: how many of each kind, the last day that one is about, and sums */
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

/** Who sends as a domain. days: each, oldest first; sources: the 200 with most messages */
export interface ReportDmarc {
  domain: string
  days: ReportDmarcDay[]
  sources: ReportDmarcSource[]
  sources_more: number
  organizations: ReportCount[]
}

/** Messages of a day (UTC): none, quarantine and reject are what receivers did, dkim and spf by what it passed */
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

/** An address that sends as the domain; empty: many together. verdict is passes, mixed, forwarded, misaligned or unauthenticated, words says it for people; organizations have reported it; dkim_domains and spf_domains are those that passed, whether they count for DMARC or not */
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

/** Somebody or something that is counted, and in how many reports */
export interface ReportCount {
  name: string
  count: number
  reports: number
}

/** How TLS on the way to a domain went */
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

/** Sessions that failed alike with one MX host */
export interface ReportTlsKind {
  result: string
  words: string
  mx: string
  count: number
  first: string | null
  last: string | null
  organizations: string[]
}

/** Reports of single messages: each day, the latest 100, and how many of each type */
export interface ReportArf {
  domain: string
  days: ReportArfDay[]
  complaints: Report[]
  types: ReportCount[]
}

/** Such reports of a day (UTC): complaints, failed authentication, the rest */
export interface ReportArfDay {
  day: string | null
  count: number
  abuse: number
  auth_failure: number
  other: number
}

/** An MTA-STS policy that is kept; mode is enforce, testing or none */
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

/** What became of a message for one recipient; message is the id it had in the queue */
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

/** A destination where nobody answers (failures in a row), and when it is tried next; or one that mail is going to, with the connections it has, may have, and how often that was halved, reason saying why */
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

/** A program that is told what became of mail; id: its place in the setting; site: scheme and host of its URL. waiting: events that it has not taken; next: when it is asked again. failures in a row; told and failed: the last time of each since the start, reason: why it failed then */
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

/** An address that nothing is sent to: from this domain, or from all when it is empty. until is null for ever */
export interface Suppressed {
  address: string
  domain: string
  since: string | null
  until: string | null
  hits: number
  by_hand: boolean
  reason: string
}

/** An address to suppress; for ever without days */
export interface Suppress {
  address: string
  domain?: string | null
  days?: number | null
  reason?: string | null
}

/** The name of a route or relay, or mx; empty: as the rules say */
export interface QueueRoute {
  route: string
}

/** A named queue; empty: the default one */
export interface QueueName {
  queue: string
}

/** action is retry, hold, release, drop, bounce, route (with route) or queue (with to_queue), done with what fits the rest, as in GET /api/queue; what is being tried at the moment is left out */
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

/** How many entries it was done with; next is empty, or there are more: ask again with it as after */
export interface QueueActed {
  count: number
  next: string
}

/** What is paused: all, a queue or a destination, by its name */
export interface Pause {
  what: string
  name: string
  since: string | null
  reason: string
}

/** What to pause: all, a queue or a destination, by its name; why, for others who look */
export interface PauseNew {
  what: string
  name?: string | null
  reason?: string | null
}

/** Who it is for, and what the last attempt was answered */
export interface QueueRcpt {
  address: string
  attempts: number
  reply: string
}

/** A mailbox there, with all below it, and the one here that it goes to; an empty to leaves it out. The longest rule counts; names have / between levels */
export interface ImportRule {
  from: string
  to: string
}

/** An IMAP server to bring mail from. tls is implicit (port 993) or starttls (143); roots is PEM: what the server's certificate must lead to, or itself, instead of the public authorities */
export interface ImportNew {
  host: string
  port?: number | null
  tls?: string | null
  user: string
  password: string
  roots?: string | null
  rules?: ImportRule[]
}

/** The password at the other server, which is not kept */
export interface ImportRun {
  password: string
}

/** Mail that is brought from another server. state is waiting, running, done, failed, cancelled or interrupted (the server was stopped); problem says why, or what it waits for. known were there already; by is who had it run; folders and left are there when one is asked for by its id */
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

/** A mailbox there; to is empty when it is left out */
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

/** What did not come: a message, or the whole mailbox when what is empty; it is asked for again by the next run */
export interface ImportLeft {
  folder: string
  what: string
  why: string
}

/** What there is */
export interface ImportPreview {
  folders: ImportPreviewFolder[]
}

/** A mailbox there and where it would go; view: it shows messages of others once more, and only what no other has comes from it; problem says why it is left out by itself */
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

/** A setting. origin is default, environment, file or store; locked: the API cannot change it, because the environment has it or because (machine) it names a program, a file or a socket; live: a change counts at once; waiting: it has changed and counts after the next start; valid says what to give */
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

/** Settings that decide how these pages are reached, were changed, and are undone by themselves in so many seconds unless the change is confirmed; none and 0: nothing waits */
export interface SettingsTrial {
  names: string[]
  seconds: number
}

/** A record a domain should have. state is ok, warn, fail or unknown */
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

/** What a domain should have in DNS */
export interface Dns {
  domain: string
  checked: string | null
  records: DnsRecord[]
}

/** Something that was looked at. state is ok, warn, fail or unknown */
export interface Check {
  id: string
  title: string
  state: string
  seen: string
  expected: string
  advice: string
}

/** A report to another domain. kind is dmarc, tls or failure; begin and end: of what time it tells. state is counting (end and when are null), waiting (tried again at when), sent (it is in the queue since when) or unsent (nobody gets it); messages, or sessions, that it tells of; bytes of its file, packed */
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

/** Whom the domain's record names, and why he gets none */
export interface ReportOutTo {
  to: string
  sent: boolean
  why: string
}

/** Whom reports do not go to until then: when the last was refused, how many in a row, and the answer */
export interface ReportSuppressed {
  address: string
  since: string | null
  until: string | null
  refusals: number
  reply: string
}

/** What the DNS doctor found last: of this host with rows, of the caller's domains without */
export interface Doctor {
  host: DoctorPart
  domains: DoctorPart[]
}

/** What was found of a domain, or of the host when name is empty. looked is null until the first look has ended; looking: a look is under way or will be at once: ask again in a second or two. state is the worst of the rows': ok, warn, fail or unknown */
export interface DoctorPart {
  name: string
  looked: string | null
  looking: boolean
  state: string
  counts: DoctorCounts
  rows?: DoctorRow[]
}

/** How many rows are in each state */
export interface DoctorCounts {
  ok: number
  warn: number
  fail: number
  unknown: number
}

/** A record or a fact. id is stable within its part; type is that of the record (MX, TXT, ...), or in lower case what kind of fact it is (policy, chain, servers, list, ...); paste is the line of a zone file, empty where nothing is to be pasted. state is ok, warn, fail or unknown; words say the verdict in a sentence, advice what to do. right: when it was last ok; since: since when its state is as it is; either may be null */
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

/** What somebody answered. of is resolver or authority (a name server of the zone itself); answer is found, or in words why there is nothing; ttl_s how long it may be remembered, 0: not known; state is what the row's would be if all had answered so */
export interface DoctorSeen {
  by: string
  of: string
  answer: string
  data: string[]
  ttl_s: number
  state: string
}

/** What to look at now: a domain, host, or all that the caller administers and the host when absent */
export interface DoctorLook {
  domain?: string | null
}

/** Whose mail to test: the domain of the caller's address when absent; to is an address here that gets the message: the caller's own, or the domain's postmaster, when absent */
export interface DoctorTestNew {
  domain?: string | null
  to?: string | null
}

/** The last self-test. state is none, running, done or failed (problem says why it could not be made); steps come while it runs */
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

/** What was looked at */
export interface Checks {
  checks: Check[]
}

/** How far the setup is, and what is set; step is the next one: claim, host, owner, look-around, certificate, dns or test-mail */
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

/** The smarthost that is set, without its password */
export interface SetupSmarthostSet {
  host: string
  port: number
  tls: string
  user: string
  password_set: boolean
}

/** What is set for certificates of an authority, without secrets */
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

/** The first account, at the first domain. password may be empty when one is set: then it stays */
export interface SetupOwner {
  address: string
  name: string
  password: string
}

/** How hard a password is to guess, 0 to 4 */
export interface Strength {
  strength: number
  advice: string
}

/** A server that takes all outgoing mail. tls is starttls or implicit. With an empty password and the same host, port, tls and user the present one stays */
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

/** mode is acme, files or self; acme needs terms, and with the challenge dns-01 a name server or a hook; files needs chain and key, as PEM, unless the environment names files. key is never shown again */
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

/** Where the test message goes */
export interface SetupTest {
  to: string
}

/** undefined */
export interface Error {
  error: unknown
}

/** How a mail program is set up for ?address= (the caller's own when absent) */
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

/** Send a message, made of JSON or brought whole as message/rfc822, as one of the caller's addresses. 202: it is durable, and goes at once or at send_at; 422 refused with the words of SMTP */
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

/** What accounts of the caller's domains have sent by the API, newest first */
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

/** Changes, newest first; ?q= is looked for in all of an entry */
export interface AuditListQuery {
  /** At most so many items */
  limit?: number
  /** Those before this one: next of the page before */
  after?: string
  /** Looked for in all of an entry */
  q?: string
}

/** Every certificate that is shown, or tried for */
export interface CertificatesQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Events after ?after=, of ?level= and above, ?session=, ?address= (part of one) and ?account=; with none waits up to ?wait= seconds. after is then next of the answer */
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

/** Networks and logins that are locked out, accounts that may not send */
export interface BlockedQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** The checks of what comes in, in their order, and what each has done in the last 24 hours */
export interface ChecksQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Access rules beside those of ROOST_ACCESS, in their order */
export interface AccessQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** How TLS with other domains' servers went, the latest day first, then by domain: ?domain=, ?since= ?until=, ?failures=1 where something went wrong */
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

/** MTA-STS policies of other domains that are kept, by domain */
export interface TlsPoliciesQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Reports to other domains: those that are counted for at present, then what became of others, the latest first */
export interface ReportsOutQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Addresses that refused reports for good, by address, and until when they get none */
export interface ReportsSuppressedQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Reports that others have sent, newest first */
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

/** What the reports of some days say of each domain, in numbers */
export interface ReportsDomainsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** Of the last so many days; 30 when absent */
  days?: number
}

/** Who sends as ?domain=, and how that fares, by the DMARC reports of ?days= */
export interface ReportsDmarcQuery {
  /** Of this domain; needed */
  domain?: string
  /** Of the last so many days; 30 when absent */
  days?: number
}

/** How TLS on the way to ?domain= went, by the reports of ?days= */
export interface ReportsTlsQuery {
  /** Of this domain; needed */
  domain?: string
  /** Of the last so many days; 30 when absent */
  days?: number
}

/** Complaints, and messages of ?domain= that failed somewhere, of ?days= */
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

/** Forget it; with ?bounce=1 its sender is told */
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

/** Go on with it */
export interface ResumeQuery {
  /** all, queue or destination */
  what?: string
  /** Of the queue or destination */
  name?: string
}

/** What was delivered where or given up, newest first, with ?q= in an address, host or reply, from ?since= ?until= */
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

/** Destinations that are left alone for a while, because nobody answers there, and those that mail is going to */
export interface QueueDestinationsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Addresses that nothing is sent to */
export interface SuppressedQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Send to it again; with ?domain= for that sender's domain only, as the list says */
export interface UnsuppressQuery {
  /** The sender's domain that it is suppressed for; all when absent */
  domain?: string
}

/** Webhooks of the setting, without secrets, and how it goes with them */
export interface WebhooksQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Mail domains that the caller administers; ?q= is looked for in their names */
export interface DomainsQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
  /** Looked for in names */
  q?: string
}

/** Accounts of the domains that the caller administers, of ?domain= only; ?q= is looked for in address and name */
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

/** Aliases and lists, of ?domain= only; ?q= is looked for in address and targets */
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

/** Groups, of ?domain= only; ?q= is looked for in address, title and members */
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

/** Passwords for mail programs */
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

/** As /api/me/imports, of an account */
export interface AccountImportsQuery {
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

/** Its keys, without their secret halves, which nobody gets to see */
export interface KeysQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}

/** Make the next pair of keys: put their records into DNS, make them active, retire the old ones, and remove those a week later */
export interface KeysAddQuery {
  /** At most so many items */
  limit?: number
  /** Those after this one: next of the page before */
  after?: string
}
