// views/pages.tsx: every page of the console with its path and the role that may open it, and the
// menu. To add a page: write its view, add rows to PAGES and MENU, and its text to text/en.ts.
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
import { FiltersPage } from './me/filters'
import { MePage } from './me/me'
import { PasskeysPage } from './me/passkeys'
import { ProgramsPage } from './me/programs'
import { ScriptsPage } from './me/scripts'
import { TwoFactorPage } from './me/two_factor'
import { VacationPage } from './me/vacation'
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

export type Parameters = Record<string, string>

export interface PageRow {
  path: string
  view: ComponentType<{ parameters: Parameters }>
  role: Role
}

export const PAGES: PageRow[] = [
  { path: '/', view: OverviewPage, role: 'admin' },
  { path: '/domains', view: DomainsPage, role: 'admin' },
  { path: '/domains/:domain', view: DomainPage, role: 'admin' },
  { path: '/doctor', view: DoctorPage, role: 'admin' },
  { path: '/accounts', view: AccountsPage, role: 'admin' },
  { path: '/accounts/:address', view: AccountPage, role: 'admin' },
  { path: '/accounts/:address/imports', view: AccountImportsPage, role: 'admin' },
  { path: '/aliases', view: AliasesPage, role: 'admin' },
  { path: '/groups', view: GroupsPage, role: 'admin' },
  { path: '/queue', view: QueuePage, role: 'admin' },
  { path: '/queue/:id', view: QueueEntryPage, role: 'admin' },
  { path: '/history', view: DeliveriesPage, role: 'admin' },
  { path: '/destinations', view: DestinationsPage, role: 'owner' },
  { path: '/suppressed', view: SuppressedPage, role: 'owner' },
  { path: '/tls', view: TlsPage, role: 'owner' },
  { path: '/reports', view: ReportsPage, role: 'admin' },
  { path: '/reports/domains/:domain', view: ReportsDomainPage, role: 'admin' },
  { path: '/reports/out', view: ReportsOutPage, role: 'owner' },
  { path: '/reports/:id', view: ReportPage, role: 'admin' },
  { path: '/sent', view: SentPage, role: 'admin' },
  { path: '/sent/:account/:id', view: SentMessagePage, role: 'admin' },
  { path: '/webhooks', view: WebhooksPage, role: 'owner' },
  { path: '/traces', view: TracesPage, role: 'admin' },
  { path: '/traces/:id', view: TracePage, role: 'admin' },
  { path: '/events', view: EventsPage, role: 'admin' },
  { path: '/checks', view: ChecksPage, role: 'owner' },
  { path: '/blocked', view: BlockedPage, role: 'owner' },
  { path: '/certificates', view: CertificatesPage, role: 'owner' },
  { path: '/settings', view: SettingsPage, role: 'owner' },
  { path: '/tokens', view: TokensPage, role: 'owner' },
  { path: '/audit', view: AuditPage, role: 'owner' },
  { path: '/backup', view: BackupPage, role: 'owner' },
  { path: '/me', view: MePage, role: 'user' },
  { path: '/me/app-passwords', view: AppPasswordsPage, role: 'user' },
  { path: '/me/passkeys', view: PasskeysPage, role: 'user' },
  { path: '/me/two-factor', view: TwoFactorPage, role: 'user' },
  { path: '/me/programs', view: ProgramsPage, role: 'user' },
  { path: '/me/filters', view: FiltersPage, role: 'user' },
  { path: '/me/vacation', view: VacationPage, role: 'user' },
  { path: '/me/scripts', view: ScriptsPage, role: 'user' },
  { path: '/me/imports', view: MyImportsPage, role: 'user' },
]

/** One line of the menu. Several pages are the tabs of one subject; the line leads to the first
 * that the user may open. */
export interface Entry {
  icon: IconName
  text: Key
  pages: { path: string, text: Key }[]
}

const one = (icon: IconName, path: string, text: Key): Entry => ({ icon, text, pages: [{ path, text }] })

export const MENU: { group: 'directory' | 'mail' | 'server' | 'me' | null, entries: Entry[] }[] = [
  { group: null, entries: [one('home', '/', 'nav.overview')] },
  {
    group: 'directory', entries: [
      {
        icon: 'globe', text: 'nav.dns', pages: [
          { path: '/domains', text: 'nav.domains' },
          { path: '/doctor', text: 'nav.doctor' },
        ],
      },
      one('people', '/accounts', 'nav.accounts'),
      one('at', '/aliases', 'nav.aliases'),
      one('people', '/groups', 'nav.groups'),
    ],
  },
  {
    group: 'mail', entries: [
      {
        icon: 'queue', text: 'nav.outbound', pages: [
          { path: '/queue', text: 'nav.queue' },
          { path: '/history', text: 'nav.deliveries' },
          { path: '/destinations', text: 'nav.destinations' },
          { path: '/suppressed', text: 'nav.suppressed' },
          { path: '/tls', text: 'nav.tls' },
        ],
      },
      {
        icon: 'shield', text: 'nav.inbound', pages: [
          { path: '/checks', text: 'nav.checks' },
          { path: '/blocked', text: 'nav.blocked' },
        ],
      },
      {
        icon: 'pulse', text: 'nav.logs', pages: [
          { path: '/traces', text: 'nav.traces' },
          { path: '/events', text: 'nav.events' },
          { path: '/audit', text: 'nav.audit' },
        ],
      },
      {
        icon: 'book', text: 'nav.reports', pages: [
          { path: '/reports', text: 'nav.reports_in' },
          { path: '/reports/out', text: 'nav.reports_out' },
        ],
      },
      one('next', '/sent', 'nav.sent'),
      one('out', '/webhooks', 'nav.webhooks'),
    ],
  },
  {
    group: 'server', entries: [
      one('shield', '/certificates', 'nav.certificates'),
      one('sliders', '/settings', 'nav.settings'),
      one('key', '/tokens', 'nav.tokens'),
      one('box', '/backup', 'nav.backup'),
    ],
  },
  {
    group: 'me', entries: [
      one('person', '/me', 'nav.me'),
      one('lock', '/me/app-passwords', 'nav.app_passwords'),
      one('key', '/me/passkeys', 'nav.passkeys'),
      one('shield', '/me/two-factor', 'nav.two_factor'),
      one('phone', '/me/programs', 'nav.programs'),
      {
        icon: 'sliders', text: 'nav.filters', pages: [
          { path: '/me/filters', text: 'nav.filters' },
          { path: '/me/vacation', text: 'nav.vacation' },
          { path: '/me/scripts', text: 'nav.scripts' },
        ],
      },
      one('down', '/me/imports', 'nav.imports'),
    ],
  },
]
