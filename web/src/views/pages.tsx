// views/pages.tsx: every page of the console: its path, who may see it, where it stands in the
// menu. When adding one: its view, a row here, its words in text/en.ts.
import type { ComponentType } from 'preact'
import type { Role } from '../api/types'
import type { Key } from '../text/t'
import type { IconName } from '../ui/icon'
import { AccountPage } from './account'
import { AccountsPage } from './accounts'
import { AliasesPage } from './aliases'
import { AuditPage } from './audit'
import { BackupPage } from './backup'
import { BlockedPage } from './blocked'
import { CertificatesPage } from './certificates'
import { ChecksPage } from './checks'
import { DeliveriesPage } from './deliveries'
import { DestinationsPage } from './destinations'
import { DoctorPage } from './doctor/page'
import { DomainPage } from './domain'
import { DomainsPage } from './domains'
import { EventsPage } from './events'
import { GroupsPage } from './groups'
import { AccountImportsPage, MyImportsPage } from './imports/page'
import { AppPasswordsPage } from './me/app_passwords'
import { MePage } from './me/me'
import { PasskeysPage } from './me/passkeys'
import { ProgramsPage } from './me/programs'
import { TwoFactorPage } from './me/two_factor'
import { OverviewPage } from './overview'
import { QueueEntryPage } from './queue_entry'
import { QueuePage } from './queue'
import { ReportsDomainPage } from './reports/domain'
import { ReportsPage } from './reports/page'
import { ReportsOutPage } from './reports/out'
import { ReportPage } from './reports/report'
import { SentPage } from './sent'
import { SentMessagePage } from './sent_message'
import { SettingsPage } from './settings'
import { SuppressedPage } from './suppressed'
import { TlsPage } from './tls'
import { TokensPage } from './tokens'
import { TracePage } from './trace'
import { TracesPage } from './traces'
import { WebhooksPage } from './webhooks'

export type Group = 'server' | 'people' | 'mail' | 'care' | 'me'
export type Parameters = Record<string, string>

export interface PageRow {
  path: string
  view: ComponentType<{ parameters: Parameters }>
  role: Role
  menu?: { group: Group, icon: IconName, text: Key }
}

export const GROUPS: Group[] = ['server', 'people', 'mail', 'care', 'me']

export const PAGES: PageRow[] = [
  { path: '/', view: OverviewPage, role: 'admin', menu: { group: 'server', icon: 'home', text: 'nav.overview' } },
  { path: '/domains', view: DomainsPage, role: 'admin', menu: { group: 'people', icon: 'globe', text: 'nav.domains' } },
  { path: '/domains/:domain', view: DomainPage, role: 'admin' },
  { path: '/doctor', view: DoctorPage, role: 'admin', menu: { group: 'people', icon: 'pulse', text: 'nav.doctor' } },
  { path: '/accounts', view: AccountsPage, role: 'admin', menu: { group: 'people', icon: 'people', text: 'nav.accounts' } },
  { path: '/accounts/:address', view: AccountPage, role: 'admin' },
  { path: '/accounts/:address/imports', view: AccountImportsPage, role: 'admin' },
  { path: '/aliases', view: AliasesPage, role: 'admin', menu: { group: 'people', icon: 'at', text: 'nav.aliases' } },
  { path: '/groups', view: GroupsPage, role: 'admin', menu: { group: 'people', icon: 'people', text: 'nav.groups' } },
  { path: '/queue', view: QueuePage, role: 'admin', menu: { group: 'mail', icon: 'queue', text: 'nav.queue' } },
  { path: '/queue/:id', view: QueueEntryPage, role: 'admin' },
  { path: '/history', view: DeliveriesPage, role: 'admin', menu: { group: 'mail', icon: 'book', text: 'nav.deliveries' } },
  { path: '/destinations', view: DestinationsPage, role: 'owner', menu: { group: 'mail', icon: 'globe', text: 'nav.destinations' } },
  { path: '/suppressed', view: SuppressedPage, role: 'owner', menu: { group: 'mail', icon: 'close', text: 'nav.suppressed' } },
  { path: '/tls', view: TlsPage, role: 'owner', menu: { group: 'mail', icon: 'lock', text: 'nav.tls' } },
  { path: '/reports', view: ReportsPage, role: 'admin', menu: { group: 'mail', icon: 'book', text: 'nav.reports' } },
  { path: '/reports/domains/:domain', view: ReportsDomainPage, role: 'admin' },
  { path: '/reports/out', view: ReportsOutPage, role: 'owner' },
  { path: '/reports/:id', view: ReportPage, role: 'admin' },
  { path: '/sent', view: SentPage, role: 'admin', menu: { group: 'mail', icon: 'next', text: 'nav.sent' } },
  { path: '/sent/:account/:id', view: SentMessagePage, role: 'admin' },
  { path: '/webhooks', view: WebhooksPage, role: 'owner', menu: { group: 'mail', icon: 'out', text: 'nav.webhooks' } },
  { path: '/traces', view: TracesPage, role: 'admin', menu: { group: 'mail', icon: 'route', text: 'nav.traces' } },
  { path: '/traces/:id', view: TracePage, role: 'admin' },
  { path: '/events', view: EventsPage, role: 'admin', menu: { group: 'mail', icon: 'pulse', text: 'nav.events' } },
  { path: '/checks', view: ChecksPage, role: 'owner', menu: { group: 'mail', icon: 'shield', text: 'nav.checks' } },
  { path: '/blocked', view: BlockedPage, role: 'owner', menu: { group: 'mail', icon: 'block', text: 'nav.blocked' } },
  { path: '/certificates', view: CertificatesPage, role: 'owner', menu: { group: 'care', icon: 'shield', text: 'nav.certificates' } },
  { path: '/settings', view: SettingsPage, role: 'owner', menu: { group: 'care', icon: 'sliders', text: 'nav.settings' } },
  { path: '/tokens', view: TokensPage, role: 'owner', menu: { group: 'care', icon: 'key', text: 'nav.tokens' } },
  { path: '/audit', view: AuditPage, role: 'owner', menu: { group: 'care', icon: 'book', text: 'nav.audit' } },
  { path: '/backup', view: BackupPage, role: 'owner', menu: { group: 'care', icon: 'box', text: 'nav.backup' } },
  { path: '/me', view: MePage, role: 'user', menu: { group: 'me', icon: 'person', text: 'nav.me' } },
  { path: '/me/app-passwords', view: AppPasswordsPage, role: 'user', menu: { group: 'me', icon: 'lock', text: 'nav.app_passwords' } },
  { path: '/me/passkeys', view: PasskeysPage, role: 'user', menu: { group: 'me', icon: 'key', text: 'nav.passkeys' } },
  { path: '/me/two-factor', view: TwoFactorPage, role: 'user', menu: { group: 'me', icon: 'shield', text: 'nav.two_factor' } },
  { path: '/me/programs', view: ProgramsPage, role: 'user', menu: { group: 'me', icon: 'phone', text: 'nav.programs' } },
  { path: '/me/imports', view: MyImportsPage, role: 'user', menu: { group: 'me', icon: 'down', text: 'nav.imports' } },
]
