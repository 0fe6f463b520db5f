// api/types.ts: the objects of the API, as openapi.json has them.

export type Role = 'user' | 'admin' | 'owner'
export type State = 'ok' | 'warn' | 'fail' | 'unknown'

export interface Session {
  account: number
  address: string
  name: string
  role: Role
  csrf: string
  totp: boolean
}

export interface Check {
  id: string
  title: string
  state: State
  seen: string
  expected: string
  advice: string
}

export interface Setup {
  open: boolean
  step: string
  hostname?: string
  domain?: string
  owner?: string
  owner_name?: string
}

export interface Checks { checks: Check[] }
export interface Strength { strength: number, advice: string }

export interface Setting {
  name: string
  group: string
  kind: string
  value: string
  default: string
  origin: 'default' | 'environment' | 'file' | 'store'
  locked: boolean
  live: boolean
  help: string
  set?: boolean
}

export interface DnsRecord {
  name: string
  type: string
  purpose: string
  expected: string
  seen: string[]
  state: State
  advice: string
  optional: boolean
}

export interface DnsReport {
  domain: string
  checked: string | null
  records: DnsRecord[]
}

export interface Domain {
  name: string
  catchall: string
  created: string | null
  accounts: number
  aliases: number
}

export interface Account {
  id: number
  address: string
  name: string
  enabled: boolean
  role: Role
  domains: string[]
  quota_bytes: number
  used_bytes: number
  messages: number
  created: string | null
  last_login: string | null
}

export interface Alias {
  address: string
  targets: string[]
  kind: 'alias' | 'list'
}

export interface Me {
  address: string
  name: string
  totp?: boolean
}

export interface Login {
  time: string
  service: string
  peer: string
  client: string
  ok: boolean
}

export interface AppPassword {
  id: string
  label: string
  created: string | null
  expires: string | null
  scopes: string[]
  last_used: string | null
  password?: string
}

export interface Totp { secret: string, uri: string, qr?: string }
export interface TotpOn { recovery_codes: string[] }

export interface Token {
  id: string
  label: string
  scopes: string[]
  created: string | null
  expires: string | null
  last_used: string | null
  token?: string
}

export interface Audit {
  id: string
  time: string
  who: string
  from: string
  what: string
  target: string
  before: unknown
  after: unknown
}

export interface Certificate {
  id: string
  names: string[]
  issuer: string
  not_before: string | null
  not_after: string | null
  source: 'acme' | 'files' | 'self'
  state: string
  next_try: string | null
  problem: string
}

export interface Acme {
  email: string
  directory: string
  challenge: string
  enabled: boolean
}

export interface Warning { id: string, text: string, advice: string }
export interface HistoryPoint { time: string, in: number, out: number, refused: number }

export interface Overview {
  version: string
  hostname: string
  uptime_s: number
  received_today: number
  sent_today: number
  refused_today: number
  queue: number
  storage: { used_bytes: number, free_bytes: number }
  certificates: Certificate[]
  warnings: Warning[]
  history: { step_s: number, points: HistoryPoint[] }
}

export interface QueueTarget { address: string, attempts: number, reply: string }

export interface QueueEntry {
  id: string
  message: string
  from: string
  to: QueueTarget[]
  destination: string
  size: number
  created: string | null
  next: string | null
  expires: string | null
  held: boolean
  reason: string
  headers?: string
}

export interface Event {
  seq: number
  time: string
  level: 'debug' | 'info' | 'warn' | 'error'
  name: string
  session: string
  fields: Record<string, string>
}

export interface Events { events: Event[], next: number }

export interface Trace {
  id: string
  time: string
  from: string
  to: string[]
  message_id: string
  size: number
  state: string
  steps?: TraceStep[]
}

export interface TraceStep { time: string, what: string, detail: string, ok: boolean }

export interface Blocked {
  address: string
  reason: string
  since: string | null
  until: string | null
}

export interface Server { host: string, port: number, security: string, user: string }
export interface ClientSettings { imap: Server, smtp: Server, qr: string }
