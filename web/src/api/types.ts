// api/types.ts: the objects of the API for the views: those of schema.ts, and where the server
// says string, which words it can be.
import type * as server from './schema'

type Refined<T, R> = Omit<T, keyof R> & R

export type Role = 'user' | 'admin' | 'owner'
export type State = 'ok' | 'warn' | 'fail' | 'unknown'

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

export interface Server { host: string, port: number, security: string, user: string }

export type Session = Refined<server.Session, { role: Role }>
export type Account = Refined<server.Account, { role: Role }>
export type Alias = Refined<server.Alias, { kind: 'alias' | 'list' }>
export type Certificate = Refined<server.Certificate, { source: 'acme' | 'files' | 'self' }>
export type Overview = Refined<server.Overview, { certificates: Certificate[] }>
export type Event = Refined<server.Event, { level: 'debug' | 'info' | 'warn' | 'error', time: string }>
export type Events = Refined<server.Events, { events: Event[] }>
export type QueueEntry = Refined<server.QueueEntry, { state: 'waiting' | 'delayed' | 'active' | 'held' }>
export type {
  Acme, AppPassword, Audit, Blocked, ClientServer, ClientSettings, Domain, HistoryPoint, LoginSeen, Token, TotpRecovery, TotpSecret,
  Trace, TraceStep,
} from './schema'
