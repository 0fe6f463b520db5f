// views/overview.tsx: is the mail server well, and what has it done?
import { get, part, query, type Page as Part } from '../api/client'
import type { Certificate, Overview, QueueEntry } from '../api/types'
import { useLoad, type Loaded } from '../state/load'
import { t, tOr } from '../text/t'
import { Link } from '../ui/button'
import { BarChart, joined, type Series } from '../ui/chart'
import { ago, bytes, count, date, duration, minute } from '../ui/format'
import { Meter } from '../ui/meter'
import { Await, Badge, Notice } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { QueueState } from './queue'

const REFRESH_S = 15
const BARS_MAX = 48
const QUEUE_MAX = 5

function Figure(p: { label: string, value: string, to: string }) {
  return (
    <Link to={p.to} class="figure">
      <span>{p.label}</span>
      <strong>{p.value}</strong>
    </Link>
  )
}

function Figures({ o }: { o: Overview }) {
  return (
    <div class="figures">
      <Figure label={t('overview.received')} value={count(o.received_today)} to="/traces" />
      <Figure label={t('overview.sent')} value={count(o.sent_today)} to="/traces" />
      <Figure label={t('overview.refused')} value={count(o.refused_today)} to="/events" />
      <Figure label={t('overview.queue')} value={count(o.queue)} to="/queue" />
    </div>
  )
}

function Warnings({ o }: { o: Overview }) {
  if (o.warnings.length === 0) return <Notice state="ok">{t('overview.well')}</Notice>
  return (
    <>
      {o.warnings.map((w) => (
        <Notice key={w.id} state="warn">
          <strong>{w.text}</strong>
          <p>{w.advice}</p>
          {w.page !== '' && <p><Link to={`/${w.page}`}>{tOr(`nav.${w.page.split('?')[0]}`, w.page)}</Link></p>}
        </Notice>
      ))}
    </>
  )
}

function Traffic({ o }: { o: Overview }) {
  const series: Series[] = [
    { name: t('overview.in'), tone: 'tone-a' },
    { name: t('overview.out'), tone: 'tone-b' },
    { name: t('overview.refused_short'), tone: 'tone-c' },
  ]
  const points = joined(o.history.points.map((p) => ({ label: minute(p.time), values: [p.in, p.out, p.refused] })), BARS_MAX)
  return <Card title={t('overview.traffic')}><BarChart title={t('overview.traffic')} series={series} points={points} /></Card>
}

function Storage({ o }: { o: Overview }) {
  const { used_bytes, free_bytes } = o.storage
  return (
    <Card title={t('overview.storage')}>
      <p class="big">{bytes(used_bytes)}</p>
      {free_bytes > 0 && (
        <>
          <Meter value={used_bytes} max={used_bytes + free_bytes} label={t('overview.storage')} />
          <p class="soft">{t('overview.free', { free: bytes(free_bytes) })}</p>
        </>
      )}
    </Card>
  )
}

/** What has waited longest, so that nobody has to look for it. */
function Queue({ of }: { of: Loaded<Part<QueueEntry>> }) {
  return (
    <Card title={t('nav.queue')} actions={<Link to="/queue">{t('overview.queue_all')}</Link>}>
      <Await of={of}>
        {({ items }) => items.length === 0 ? <p class="soft">{t('queue.empty')}</p> : (
          <ul class="plain-list">
            {items.map((e) => (
              <li key={e.id}>
                <Link to={`/queue/${part(e.id)}`}>{e.to.map((to) => to.address).join(', ')}</Link>
                <QueueState e={e} />
                <span class="soft small">{e.reason}</span>
              </li>
            ))}
          </ul>
        )}
      </Await>
    </Card>
  )
}

export function CertificateState({ c }: { c: Certificate }) {
  if (c.state === 'held') return <Badge state="warn">{t('certificate.held')}</Badge>
  const bad = c.problem !== '' ? 'fail' : c.source === 'self' ? 'warn' : 'ok'
  return <Badge state={bad}>{c.problem !== '' ? t('certificate.problem') : t(`certificate.source.${c.source}`)}</Badge>
}

function Certificates({ o }: { o: Overview }) {
  return (
    <Card title={t('nav.certificates')}>
      <ul class="plain-list">
        {o.certificates.map((c) => (
          <li key={`${c.id} ${c.state}`}>
            <Link to="/certificates">{c.names[0] ?? c.id}</Link>
            <CertificateState c={c} />
            <span class="soft small">{t('certificate.until', { date: date(c.not_after) })} ({ago(c.not_after)})</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

export function OverviewPage() {
  const overview = useLoad((signal) => get<Overview>('/overview', signal), [], REFRESH_S)
  const queue = useLoad((signal) => get<Part<QueueEntry>>(`/queue${query({ limit: QUEUE_MAX })}`, signal), [], REFRESH_S)
  return (
    <Page title={overview.data?.hostname ?? t('nav.overview')}
      intro={overview.data && t('overview.intro',
        { version: overview.data.version, time: duration(overview.data.uptime_s) })}>
      <Await of={overview}>
        {(o) => (
          <>
            <Warnings o={o} />
            <Figures o={o} />
            <Traffic o={o} />
            <Queue of={queue} />
            <div class="columns"><Storage o={o} />{o.certificates.length > 0 && <Certificates o={o} />}</div>
          </>
        )}
      </Await>
    </Page>
  )
}
