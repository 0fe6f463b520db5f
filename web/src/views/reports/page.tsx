// views/reports/page.tsx: what others report about mail of our domains: how each domain fares, and
// all reports that came.
import { part } from '../../api/client'
import type { Report, ReportDomain } from '../../api/types'
import { useList } from '../../state/load'
import { useFields } from '../../state/route'
import { t } from '../../text/t'
import { Button, Link } from '../../ui/button'
import { SelectField } from '../../ui/field'
import { Ago, count } from '../../ui/format'
import { Await, Badge, Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { ListTable, Table } from '../../ui/table'
import { DaysField, Passed, Publish, reportColumns } from './parts'

const KINDS = ['dmarc', 'tls', 'failure'] as const

function Sessions({ d }: { d: ReportDomain }) {
  if (d.sessions_good + d.sessions_failed === 0) return <span class="soft">{t('reports.no_mail')}</span>
  return d.sessions_failed === 0 ? <Badge state="ok">{t('reports.tls_good')}</Badge>
    : <Badge state="warn">{t('tls.bad', { n: count(d.sessions_failed) })}</Badge>
}

function Domains({ rows }: { rows: ReportDomain[] }) {
  return (
    <Table label={t('reports.domains')} rows={rows} id={(d) => d.domain} columns={[
      { title: t('domain.name'), cell: (d) => <Link to={`/reports/domains/${part(d.domain)}`}><strong>{d.domain}</strong></Link> },
      { title: t('reports.passed'), cell: (d) => <Passed passed={d.passed} all={d.messages} /> },
      { title: t('reports.sessions'), cell: (d) => <Sessions d={d} /> },
      { title: t('reports.complaints'), cell: (d) => d.complaints === 0 ? '0' : <Badge state="warn">{count(d.complaints)}</Badge> },
      { title: t('reports.came'), cell: (d) => count(d.dmarc + d.tls + d.failures), end: true },
      { title: t('reports.last'), cell: (d) => <Ago time={d.last} />, end: true },
    ]} />
  )
}

const silent = (d: ReportDomain) => d.dmarc + d.tls + d.failures === 0

/** Nobody reports unless a record asks for it. */
function Silence({ domains }: { domains: ReportDomain[] }) {
  const first = domains[0]
  if (!first) return null
  return (
    <Card title={t('reports.publish')}>
      <Notice state="unknown">
        <p>{t('reports.publish.text', { domain: first.domain })}</p>
        {domains.length > 1 && <p>{t('reports.publish.others', { domains: domains.slice(1).map((d) => d.domain).join(', ') })}</p>}
      </Notice>
      <Publish domain={first.domain} />
    </Card>
  )
}

export function ReportsPage() {
  const [{ domain, kind, days }, set] = useFields(['domain', 'kind', 'days'])
  const time = days || '30'
  const domains = useList<ReportDomain>('/reports/domains', { days: time })
  const list = useList<Report>('/reports', { domain, kind, days: time })
  const named = (domains.data ?? []).map((d) => ({ value: d.domain, label: d.domain }))
  const reload = () => { domains.reload(); list.reload() }
  return (
    <Page title={t('nav.reports_in')} intro={t('reports.intro')}
      actions={<Button icon="refresh" busy={list.busy} onPress={reload}>{t('reload')}</Button>}>
      <Card title={t('reports.domains')}>
        <Await of={domains}>{(rows) => <Domains rows={rows} />}</Await>
        {domains.more && <div class="more"><Button busy={domains.busy} onPress={domains.more}>{t('more')}</Button></div>}
      </Card>
      {domains.data?.every(silent) && <Silence domains={domains.data} />}
      <Card title={t('reports.list')}>
        <div class="filters">
          <SelectField label={t('domain.name')} value={domain} onInput={(v) => set({ domain: v })} choices={[{ value: '', label: t('all') }, ...named]} />
          <SelectField label={t('reports.kind')} value={kind} onInput={(v) => set({ kind: v })}
            choices={[{ value: '', label: t('all') }, ...KINDS.map((k) => ({ value: k, label: t(`reports.kind.${k}`) }))]} />
          <DaysField value={time} onInput={(v) => set({ days: v })} />
        </div>
        <ListTable label={t('reports.list')} list={list} id={(r) => r.id} icon="book" empty={t('reports.empty')} columns={reportColumns()} />
      </Card>
      {domains.data?.some((d) => !silent(d)) && <Silence domains={domains.data.filter(silent)} />}
    </Page>
  )
}
