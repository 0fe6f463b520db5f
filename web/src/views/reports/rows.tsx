// views/reports/rows.tsx: the rows of a report: mail by source, and TLS by policy.
import type { ReportAuth, ReportDmarcRow, ReportTlsFailure, ReportTlsRow } from '../../api/types'
import { sentence, t, tOr } from '../../text/t'
import { count } from '../../ui/format'
import { Badge } from '../../ui/notice'
import { Card } from '../../ui/page'
import { Table } from '../../ui/table'
import { VerdictBadge } from './parts'

/** One of the two proofs: whether it counts for the author's domain, and what was found. */
function Proof({ aligned, found }: { aligned: boolean, found: ReportAuth[] }) {
  return (
    <span class="two-lines">
      <span><Badge state={aligned ? 'ok' : 'warn'}>{t(aligned ? 'reports.aligned' : 'reports.not_aligned')}</Badge></span>
      {found.map((a, i) => <small key={i}>{[a.result, a.selector ? `${a.selector}._domainkey.${a.domain}` : a.domain].filter(Boolean).join(' · ')}</small>)}
      {found.length === 0 && <small>{t('reports.no_proof')}</small>}
    </span>
  )
}

function names(r: ReportDmarcRow): string {
  return [
    t('reports.header_from', { name: r.header_from }), r.envelope_from && t('reports.envelope_from', { name: r.envelope_from }),
    r.envelope_to && t('reports.envelope_to', { name: r.envelope_to }),
  ].filter(Boolean).join(', ')
}

export function DmarcRows({ rows }: { rows: ReportDmarcRow[] }) {
  return (
    <Card title={t('reports.rows')}>
      <Table label={t('reports.rows')} rows={rows.map((r, i) => ({ ...r, i }))} id={(r) => r.i} columns={[
        {
          title: t('reports.host'), cell: (r) => (
            <div class="source">
              <strong>{r.address}</strong> <VerdictBadge verdict={r.verdict} />
              <p class="small">{sentence(r.words)}</p>
              <p class="small soft">{names(r)}</p>
            </div>
          ),
        },
        { title: 'SPF', cell: (r) => <Proof aligned={r.spf_aligned} found={r.spf} /> },
        { title: 'DKIM', cell: (r) => <Proof aligned={r.dkim_aligned} found={r.dkim} /> },
        {
          title: t('reports.disposition'), cell: (r) => (
            <span class="two-lines"><span>{tOr(`reports.disposition.${r.disposition}`, r.disposition)}</span>{r.reasons.map((reason, i) => <small key={i}>{reason}</small>)}</span>
          ),
        },
        { title: t('reports.mails'), cell: (r) => count(r.count), end: true },
      ]} />
    </Card>
  )
}

function between(f: ReportTlsFailure): string {
  const server = [f.mx || f.helo, f.address && `(${f.address})`].filter(Boolean).join(' ')
  return [server, f.from && t('tls.from', { address: f.from })].filter(Boolean).join(', ')
}

function Failures({ of }: { of: ReportTlsFailure[] }) {
  return (
    <ul class="answers">
      {of.map((f, i) => (
        <li key={i} class="two-lines">
          <span>{sentence(f.words || f.result)}</span>
          <small>{[t('reports.n_times', { n: f.count }), f.result, f.reason, f.info, between(f)].filter(Boolean).join(' · ')}</small>
        </li>
      ))}
    </ul>
  )
}

export function TlsRows({ rows }: { rows: ReportTlsRow[] }) {
  return (
    <Card title={t('reports.rows.tls')}>
      <Table label={t('reports.rows.tls')} rows={rows.map((r, i) => ({ ...r, i }))} id={(r) => r.i} columns={[
        { title: t('reports.tls_policy'), cell: (r) => <span class="two-lines"><strong>{tOr(`tls.policy.${r.policy}`, r.policy)}</strong><small>{[r.domain, ...r.mx].join(', ')}</small></span> },
        { title: t('reports.session_good'), cell: (r) => count(r.good), end: true },
        { title: t('reports.session_failed'), cell: (r) => count(r.failed), end: true },
        { title: t('tls.failures'), cell: (r) => <Failures of={r.failures} /> },
      ]} />
    </Card>
  )
}
