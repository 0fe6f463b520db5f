// views/reports/parts.tsx: what the pages on reports share: words for what was found, counts over
// days, and the records by which reports come.
import type { DoctorPart, Report, State, Verdict } from '../../api/types'
import { part } from '../../api/client'
import { t, tOr, type Key } from '../../text/t'
import { Link } from '../../ui/button'
import { BarChart, joined, type Point, type Series } from '../../ui/chart'
import { SelectField } from '../../ui/field'
import { Ago, count, utcDay, utcShort } from '../../ui/format'
import { Await, Badge } from '../../ui/notice'
import type { Column } from '../../ui/table'
import { useDoctor } from '../doctor/findings'
import { Finding } from '../doctor/finding'

const BARS_MAX = 46

/** Counts of days as bars; when there are many, of some days each. */
export function DayChart<D extends { day: string | null }>(p: {
  title: string, series: Series[], days: D[], values: (day: D) => number[]
}) {
  const points: Point[] = p.days.map((d) => ({ label: utcShort(d.day), span: utcDay(d.day), values: p.values(d) }))
  if (points.every((point) => point.values.every((v) => v === 0))) return <p class="soft">{t('reports.none_in_time')}</p>
  return <BarChart title={p.title} series={p.series} points={joined(points, BARS_MAX)} time={t('reports.day')} />
}

const DAYS = ['7', '30', '90', '400']

export function DaysField(p: { value: string, onInput: (v: string) => void }) {
  return (
    <SelectField label={t('reports.time')} value={p.value} onInput={p.onInput}
      choices={DAYS.map((d) => ({ value: d, label: t(`reports.time.${d}` as Key) }))} />
  )
}

const STATE_OF: Record<Verdict, State> = {
  passes: 'ok', mixed: 'warn', forwarded: 'unknown', misaligned: 'warn', unauthenticated: 'fail',
}

/** In a word what to think of a source; the words of the server say it whole. */
export function VerdictBadge({ verdict }: { verdict: string }) {
  return <Badge state={STATE_OF[verdict as Verdict] ?? 'unknown'}>{tOr(`reports.verdict.${verdict}`, verdict)}</Badge>
}

/** "1,203 of 1,260" as a badge: all, most or some of it. */
export function Passed({ passed, all }: { passed: number, all: number }) {
  if (all === 0) return <span class="soft">{t('reports.no_mail')}</span>
  const state: State = passed === all ? 'ok' : 'warn'
  return <Badge state={state}>{t('reports.of', { some: count(passed), all: count(all) })}</Badge>
}

/** What a report says, in a few words. */
function result(r: Report) {
  if (r.kind === 'failure') return t('reports.incidents', { n: r.messages })
  return <Passed passed={r.passed} all={r.messages} />
}

export function kindOf(r: { kind: string }): string {
  return tOr(`reports.kind.${r.kind}`, r.kind)
}

function period(r: Report): string {
  const [from, to] = [utcDay(r.begin), utcDay(r.end)]
  return from === to || to === '' ? from : t('reports.period', { from, to })
}

export const reportColumns = (): Column<Report>[] => [
  {
    title: t('reports.by'), cell: (r) => (
      <Link to={`/reports/${part(r.id)}`} class="two-lines"><strong>{r.organization || r.from || t('reports.nameless')}</strong><small>{kindOf(r)}</small></Link>
    ),
  },
  { title: t('domain.name'), cell: (r) => r.domain },
  { title: t('reports.about'), cell: (r) => <span class="small">{period(r)}</span> },
  { title: t('reports.result'), cell: result },
  { title: t('reports.trust'), cell: (r) => r.proven ? t('reports.proven') : <Badge state="warn">{t('reports.unproven')}</Badge> },
  { title: t('reports.received'), cell: (r) => <Ago time={r.received} />, end: true },
]

/** The records that ask others for reports, as the doctor has them. */
export function Publish({ domain }: { domain: string }) {
  const doctor = useDoctor<DoctorPart>(`/domains/${part(domain)}/doctor`, (p) => p.looking || p.looked === null)
  const names = [`_dmarc.${domain}`, `_smtp._tls.${domain}`]
  return (
    <Await of={doctor} text={t('dns.asking')}>
      {(found) => {
        const rows = (found.rows ?? []).filter((r) => names.includes(r.name))
        return (
          <>
            <ul class="records">{rows.map((f) => <Finding key={f.id} f={f} />)}</ul>
            <p><Link to={`/domains/${part(domain)}`}>{t('reports.publish.all', { domain })}</Link></p>
          </>
        )
      }}
    </Await>
  )
}
