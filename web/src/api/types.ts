// api/types.ts: the objects of the API for the views: those of schema.ts, and where the server
// says string, which words it can be.
import type * as server from './schema'

/** T, with fields that are narrower: the compiler refuses what T does not have. */
type Refined<T, R extends { [K in keyof R]: K extends keyof T ? T[K] : never }> = Omit<T, keyof R> & R

export type Role = 'user' | 'admin' | 'owner'
export type State = 'ok' | 'warn' | 'fail' | 'unknown'

export type Session = Refined<server.Session, { role: Role }>
export type Account = Refined<server.Account, { role: Role }>
export type Post = 'anybody' | 'domain' | 'members'
export type Alias = Refined<server.Alias, { kind: 'alias' | 'list', post: Post }>
export type Group = Refined<server.Group, { post: Post }>
export type Certificate = Refined<server.Certificate, { source: 'acme' | 'own' | 'files' | 'self' }>
export type Overview = Refined<server.Overview, { certificates: Certificate[] }>
export type Event = Refined<server.Event, { level: 'debug' | 'info' | 'warn' | 'error', time: string }>
export type Events = Refined<server.Events, { events: Event[] }>
export type QueueEntry = Refined<server.QueueEntry, { state: 'waiting' | 'delayed' | 'active' | 'held' }>
export type Pause = Refined<server.Pause, { what: 'all' | 'queue' | 'destination' }>
export type Setting = Refined<server.Setting, { origin: 'default' | 'environment' | 'file' | 'store' }>
export type DnsRecord = Refined<server.DnsRecord, { state: State }>
export type DnsReport = Refined<server.Dns, { records: DnsRecord[] }>
export type DkimKey = Refined<server.DkimKey, { state: 'publish' | 'active' | 'retired' }>
export type Dkim = Refined<server.Dkim, { state: 'rest' | 'asked' | 'waiting', keys: DkimKey[] }>
export type Check = Refined<server.Check, { state: State }>
export type DoctorSeen = Refined<server.DoctorSeen, { state: State }>
export type DoctorRow = Refined<server.DoctorRow, { state: State, seen: DoctorSeen[] }>
export type DoctorPart = Refined<server.DoctorPart, { state: State, rows?: DoctorRow[] }>
export type Doctor = Refined<server.Doctor, { host: DoctorPart, domains: DoctorPart[] }>
export type DoctorTest = Refined<server.DoctorTest, { state: 'none' | 'running' | 'done' | 'failed', steps: Check[] }>
/** What to think of a host that sends in a domain's name. */
export type Verdict = 'passes' | 'mixed' | 'forwarded' | 'misaligned' | 'unauthenticated'
export type Checks = Refined<server.Checks, { checks: Check[] }>
export type Import = Refined<server.Import, { state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted' }>
export type {
  AccessRow, Acme, AppPassword, Audit, Blocked, ClientServer, ClientSettings, Delivery, Destination, Domain, FilterAction, FilterCondition, FilterRule, Filters, FiltersApplied, FiltersChange, FiltersState, Vacation, VacationState, HistoryPoint, ImportFolder, ImportLeft, ImportPreviewFolder, ImportRule, LoginSeen, Message, Passkey, PasskeyAnswer,
  PasskeyCreation, PasskeyNew, PasskeyRequest, PolicyCheck, QueueActed, Report, ReportArf, ReportAuth, ReportDmarc, ReportDmarcRow, ReportDmarcSource,
  ReportDomain, ReportFeedback, ReportOut, ReportSuppressed, ReportTls, ReportTlsFailure, ReportTlsRow, ReportWhole, Script, ScriptAction, ScriptCheck, ScriptError, ScriptTrial, Sent, SentListed, SentRcpt, SettingsTrial, Setup, Strength, StsPolicy, Suppressed, TlsDay, TlsFailure, TlsTally, Token,
  TotpRecovery, TotpSecret, Trace, TraceStep, Webhook,
} from './schema'
