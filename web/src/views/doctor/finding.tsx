// views/doctor/finding.tsx: one thing that the DNS doctor looked at: what it is for, what it should
// be, who sees what, and what to do.
import type { DoctorRow, DoctorSeen } from '../../api/types'
import { sentence, t, tOr } from '../../text/t'
import { CopyBox, CopyIcon } from '../../ui/copy'
import { Ago } from '../../ui/format'
import { StateBadge } from '../../ui/notice'
import { Table } from '../../ui/table'
import { inStrings } from '../dns'

/** Facts that are no records have nothing to paste, and types in small letters. */
const isRecord = (f: DoctorRow) => f.paste !== ''

function Seen({ f }: { f: DoctorRow }) {
  return (
    <Table label={t('doctor.seen', { name: f.name })} rows={f.seen} id={(s: DoctorSeen) => `${s.of} ${s.by}`} columns={[
      { title: t('doctor.seen.by'), cell: (s) => <span class="two-lines"><strong>{s.by}</strong><small>{tOr(`doctor.seen.of.${s.of}`, s.of)}</small></span> },
      {
        title: t('doctor.seen.answer'), cell: (s) => s.data.length === 0 ? s.answer
          : <ul class="answers">{s.data.map((d, i) => <li key={i}><code>{d}</code></li>)}</ul>,
      },
      { title: t('queue.state'), cell: (s) => <StateBadge state={s.state} />, end: true },
    ]} />
  )
}

/** Since when it is so. Who looked for the first time knows neither. */
function Since({ f }: { f: DoctorRow }) {
  if (f.since === null && (f.right === null || f.state === 'ok')) return null
  return (
    <p class="soft small">
      {f.since !== null && <>{t('doctor.since')} <Ago time={f.since} />. </>}
      {f.state !== 'ok' && f.right !== null && <>{t('doctor.right')} <Ago time={f.right} />.</>}
    </p>
  )
}

function Value({ f }: { f: DoctorRow }) {
  if (f.expected === '') return null
  if (!isRecord(f)) return <p><span class="soft">{t('check.expected')}</span> {f.expected}</p>
  const strings = inStrings(f)
  return (
    <>
      <div>
        <p class="soft small">{t('doctor.enter_this')}</p>
        <CopyBox text={f.expected} what={`${f.type} ${f.name}`} />
      </div>
      <details>
        <summary>{t('doctor.line')}</summary>
        <CopyBox text={f.paste} what={t('doctor.line')} />
      </details>
      {strings && (
        <details>
          <summary>{t('dns.parts')}</summary>
          <CopyBox text={strings} what={t('dns.parts')} />
        </details>
      )}
    </>
  )
}

function Body({ f }: { f: DoctorRow }) {
  return (
    <>
      <Value f={f} />
      {f.seen.length > 0 && (
        <details open={f.state === 'fail' || f.state === 'warn'}>
          <summary>{t('doctor.views', { n: f.seen.length })}</summary>
          <Seen f={f} />
        </details>
      )}
    </>
  )
}

export function Finding({ f }: { f: DoctorRow }) {
  return (
    <li class="record">
      <div class="record-head">
        <span class="type">{tOr(`doctor.type.${f.type}`, f.type)}</span>
        <code class="name">{f.name}</code>
        {isRecord(f) && <CopyIcon text={f.name} what={t('dns.copy_name', { name: f.name })} />}
        {f.optional && <span class="soft small">{t('dns.optional')}</span>}
        <StateBadge state={f.state} />
      </div>
      <p class="soft">{sentence(f.purpose)}</p>
      <p><strong>{sentence(f.words)}</strong></p>
      <Since f={f} />
      {f.advice !== '' && <p class="advice">{sentence(f.advice)}</p>}
      {f.state !== 'ok' ? <Body f={f} />
        : <details><summary>{t('doctor.details')}</summary><div class="stack"><Body f={f} /></div></details>}
    </li>
  )
}
