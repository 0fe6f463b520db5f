// views/dns.tsx: what a domain's DNS should say and what it says, asked as it is shown: for the
// setup, which comes before the doctor (views/doctor).
import { useState } from 'preact/hooks'
import type { DnsRecord, DnsReport } from '../api/types'
import type { Loaded } from '../state/load'
import { sentence, t } from '../text/t'
import { Button } from '../ui/button'
import { CopyBox, CopyIcon } from '../ui/copy'
import { ago } from '../ui/format'
import { Await, Badge, Notice, StateBadge } from '../ui/notice'

const STRING_MAX = 255 // RFC 1035 3.3

/** A TXT record too long for one string, as the strings of a zone file; empty for any other. */
export function inStrings(r: { type: string, expected: string }): string {
  if (r.type !== 'TXT' || r.expected.length <= STRING_MAX) return ''
  return r.expected.match(/.{1,255}/g)!.map((s) => `"${s.replace(/["\\]/g, '\\$&')}"`).join(' ')
}

function Record({ r }: { r: DnsRecord }) {
  return (
    <li class="record">
      <div class="record-head">
        <span class="type">{r.type}</span>
        <code class="name">{r.name}</code>
        <CopyIcon text={r.name} what={t('dns.copy_name', { name: r.name })} />
        {r.optional && <span class="soft small">{t('dns.optional')}</span>}
        <StateBadge state={r.state} />
      </div>
      <p>{sentence(r.purpose)}</p>
      <CopyBox text={r.expected} what={`${r.type} ${r.name}`} />
      {inStrings(r) && (
        <details>
          <summary>{t('dns.parts')}</summary>
          <CopyBox text={inStrings(r)} what={t('dns.parts')} />
        </details>
      )}
      {r.state !== 'ok' && (
        <p class="seen">
          <span class="soft">{t('dns.seen')}</span>{' '}
          {r.seen.length === 0 ? t('dns.nothing') : r.seen.map((s) => <code key={s}>{s}</code>)}
        </p>
      )}
      {r.advice !== '' && <p class="advice">{sentence(r.advice)}</p>}
    </li>
  )
}

function Summary({ report }: { report: DnsReport }) {
  const needed = report.records.filter((r) => !r.optional)
  const good = needed.filter((r) => r.state === 'ok').length
  return needed.length === good
    ? <Notice state="ok">{t('dns.all_good')}</Notice>
    : <Notice state="warn">{t('dns.some_good', { good, all: needed.length })}</Notice>
}

/** fresh asks the name servers again. */
export function DnsRecords(p: { report: Loaded<DnsReport>, fresh: () => void }) {
  const [onlyOpen, setOnlyOpen] = useState(false)
  return (
    <Await of={p.report} text={t('dns.asking')}>
      {(report) => {
        const shown = report.records.filter((r) => !onlyOpen || r.state !== 'ok')
        return (
          <>
            <Summary report={report} />
            <div class="toolbar">
              <Button icon="refresh" busy={p.report.busy} onPress={p.fresh}>{t('dns.again')}</Button>
              <Button kind="quiet" pressed={onlyOpen} onPress={() => setOnlyOpen(!onlyOpen)}>{t('dns.only_open')}</Button>
              <span class="soft small end">
                {p.report.busy ? t('dns.asking') : report.checked && t('dns.checked', { ago: ago(report.checked) })}
              </span>
            </div>
            <ul class="records" aria-busy={p.report.busy}>
              {shown.map((r) => <Record key={`${r.type} ${r.name} ${r.expected}`} r={r} />)}
            </ul>
            {shown.length === 0 && <Badge state="ok">{t('dns.none_open')}</Badge>}
          </>
        )
      }}
    </Await>
  )
}
