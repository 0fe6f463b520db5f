// views/reports/sources.tsx: the hosts that send mail in a domain's name, as receivers report them,
// and what that means.
import { useState } from 'preact/hooks'
import type { ReportDmarc, ReportDmarcSource } from '../../api/types'
import { sentence, t } from '../../text/t'
import { Button } from '../../ui/button'
import { count, utcDay } from '../../ui/format'
import { Table } from '../../ui/table'
import { Passed, VerdictBadge } from './parts'

/** One of the two ways to pass: how much of the mail took it, and by which names. */
function Way(p: { name: string, aligned: number, all: number, domains: string[] }) {
  return (
    <span class="two-lines">
      <span>{t(p.aligned === 0 ? 'reports.way.none' : 'reports.way', { name: p.name, some: count(p.aligned), all: count(p.all) })}</span>
      {p.domains.length > 0 && <small>{p.domains.join(', ')}</small>}
    </span>
  )
}

function Ways({ s }: { s: ReportDmarcSource }) {
  return (
    <span class="ways">
      <Way name="SPF" aligned={s.spf} all={s.count} domains={s.spf_domains} />
      <Way name="DKIM" aligned={s.dkim} all={s.count} domains={s.dkim_domains} />
    </span>
  )
}

function Told({ s }: { s: ReportDmarcSource }) {
  return (
    <span class="two-lines">
      <small>{s.organizations.join(', ')}</small>
      <small>{t('reports.period', { from: utcDay(s.first), to: utcDay(s.last) })}</small>
    </span>
  )
}

export function Sources({ of }: { of: ReportDmarc }) {
  const [onlyFailed, setOnlyFailed] = useState(false)
  const shown = of.sources.filter((s) => !onlyFailed || s.failed > 0)
  return (
    <>
      <div class="toolbar">
        <h3>{t('reports.sources')}</h3>
        <Button kind="quiet" pressed={onlyFailed} onPress={() => setOnlyFailed(!onlyFailed)}>{t('reports.only_failed')}</Button>
      </div>
      {shown.length === 0 ? <p class="soft">{t('reports.none_failed')}</p> : (
        <Table label={t('reports.sources')} rows={shown} id={(s) => s.address} columns={[
          { title: t('reports.host'), cell: (s) => <div class="source"><strong>{s.address || t('reports.many')}</strong> <VerdictBadge verdict={s.verdict} /><p class="small">{sentence(s.words)}</p></div> },
          { title: t('reports.passed'), cell: (s) => <Passed passed={s.passed} all={s.count} /> },
          { title: t('reports.how'), cell: (s) => <Ways s={s} /> },
          { title: t('reports.said_by'), cell: (s) => <Told s={s} /> },
        ]} />
      )}
      {of.sources_more > 0 && <p class="soft">{t('reports.sources_more', { n: of.sources_more })}</p>}
    </>
  )
}

/** What the words of these reports mean, for who meets them the first time. */
export function Alignment() {
  return (
    <details>
      <summary>{t('reports.explain')}</summary>
      <div class="stack">
        <p>{t('reports.explain.dmarc')}</p>
        <p>{t('reports.explain.spf')}</p>
        <p>{t('reports.explain.dkim')}</p>
        <p>{t('reports.explain.do')}</p>
      </div>
    </details>
  )
}
