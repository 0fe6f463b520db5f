// views/reports/domain.tsx: what is reported of one domain: who sends in its name, how TLS to its
// servers goes, who complains.
import { get, part, query } from '../../api/client'
import type { ReportArf, ReportDmarc, ReportTls } from '../../api/types'
import { useLoad, type Loaded } from '../../state/load'
import { useFields } from '../../state/route'
import { sentence, t, tOr } from '../../text/t'
import { LinkButton } from '../../ui/button'
import type { Series } from '../../ui/chart'
import { count, utcDay } from '../../ui/format'
import { Await, Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { Table } from '../../ui/table'
import type { Parameters } from '../pages'
import { DayChart, DaysField, Publish, reportColumns } from './parts'
import { Alignment, Sources } from './sources'

const sum = <T,>(all: T[], of: (each: T) => number) => all.reduce((n, each) => n + of(each), 0)

/** What receivers did with what failed, where they did something. */
function treated(of: ReportDmarc): string {
  const quarantine = sum(of.days, (d) => d.quarantine)
  const reject = sum(of.days, (d) => d.reject)
  const done = [quarantine > 0 && t('reports.quarantined', { n: count(quarantine) }), reject > 0 && t('reports.rejected', { n: count(reject) })]
  return done.filter(Boolean).join(' ')
}

function Dmarc({ of }: { of: Loaded<ReportDmarc> }) {
  const series: Series[] = [{ name: t('reports.pass'), tone: 'tone-a' }, { name: t('reports.fail'), tone: 'tone-c' }]
  return (
    <Card title={t('reports.dmarc')}>
      <Await of={of}>
        {(found) => {
          const all = sum(found.days, (d) => d.count)
          const passed = sum(found.days, (d) => d.passed)
          return (
            <div class="stack">
              {all > 0 && <Notice state={passed === all ? 'ok' : 'warn'}>{t('reports.sum', { passed: count(passed), all: count(all) })} {treated(found)}</Notice>}
              <DayChart title={t('reports.dmarc')} series={series} days={found.days} values={(d) => [d.passed, d.failed]} />
              {found.sources.length > 0 && <Sources of={found} />}
              <Alignment />
            </div>
          )
        }}
      </Await>
    </Card>
  )
}

function Tls({ of }: { of: Loaded<ReportTls> }) {
  const series: Series[] = [{ name: t('reports.session_good'), tone: 'tone-a' }, { name: t('reports.session_failed'), tone: 'tone-c' }]
  return (
    <Card title={t('reports.tls')}>
      <p class="soft">{t('reports.tls.intro')}</p>
      <Await of={of}>
        {(found) => (
          <div class="stack">
            <DayChart title={t('reports.tls')} series={series} days={found.days} values={(d) => [d.good, d.failed]} />
            {found.failures.length > 0 && (
              <Table label={t('tls.failures')} rows={found.failures} id={(f) => `${f.result} ${f.mx}`} columns={[
                { title: t('reports.what'), cell: (f) => <span class="two-lines"><strong>{sentence(f.words || f.result)}</strong><small>{f.result}</small></span> },
                { title: t('reports.mx'), cell: (f) => f.mx },
                { title: t('reports.said_by'), cell: (f) => <span class="small">{f.organizations.join(', ')}</span> },
                { title: t('reports.seen'), cell: (f) => <span class="small">{t('reports.period', { from: utcDay(f.first), to: utcDay(f.last) })}</span> },
                { title: t('reports.times'), cell: (f) => count(f.count), end: true },
              ]} />
            )}
          </div>
        )}
      </Await>
    </Card>
  )
}

function Complaints({ of }: { of: Loaded<ReportArf> }) {
  const series: Series[] = [
    { name: t('reports.abuse'), tone: 'tone-c' }, { name: t('reports.auth_failure'), tone: 'tone-b' }, { name: t('reports.other'), tone: 'tone-a' },
  ]
  return (
    <Card title={t('reports.complaints')}>
      <p class="soft">{t('reports.complaints.intro')}</p>
      <Await of={of}>
        {(found) => (
          <div class="stack">
            <DayChart title={t('reports.complaints')} series={series} days={found.days} values={(d) => [d.abuse, d.auth_failure, d.other]} />
            {found.types.length > 0 && <p>{found.types.map((c) => `${tOr(`reports.feedback.${c.name}`, c.name)}: ${count(c.count)}`).join(' · ')}</p>}
            {found.complaints.length > 0 && <Table label={t('reports.complaints')} rows={found.complaints} id={(r) => r.id} columns={reportColumns()} />}
          </div>
        )}
      </Await>
    </Card>
  )
}

export function ReportsDomainPage({ parameters }: { parameters: Parameters }) {
  const domain = parameters.domain ?? ''
  const [{ days }, set] = useFields(['days'])
  const time = days || '30'
  const asked = query({ domain, days: time })
  const dmarc = useLoad((signal) => get<ReportDmarc>(`/reports/dmarc${asked}`, signal), [asked])
  const tls = useLoad((signal) => get<ReportTls>(`/reports/tls${asked}`, signal), [asked])
  const arf = useLoad((signal) => get<ReportArf>(`/reports/arf${asked}`, signal), [asked])
  const silent = dmarc.data?.days.every((d) => d.count === 0) && tls.data?.days.every((d) => d.good + d.failed === 0)
  return (
    <Page title={t('reports.of_domain', { domain })} back={{ to: '/reports', label: t('nav.reports') }} intro={t('reports.of_domain.intro')}
      actions={(
        <>
          <LinkButton to={`/reports${query({ domain, days: time })}`} icon="book">{t('reports.list')}</LinkButton>
          <LinkButton to={`/domains/${part(domain)}`} icon="globe">{t('dns.title')}</LinkButton>
        </>
      )}>
      <div class="filters"><DaysField value={time} onInput={(v) => set({ days: v })} /></div>
      {silent && (
        <Card title={t('reports.publish')}>
          <p>{t('reports.publish.text', { domain })}</p>
          <Publish domain={domain} />
        </Card>
      )}
      <Dmarc of={dmarc} />
      <Tls of={tls} />
      <Complaints of={arf} />
    </Page>
  )
}
