// views/doctor/findings.tsx: what the DNS doctor found of a domain or of this host, the worst
// first.
import { useState } from 'preact/hooks'
import { call, get } from '../../api/client'
import type { DoctorPart, State } from '../../api/types'
import { useAction, useLoad, type Loaded } from '../../state/load'
import { t } from '../../text/t'
import { Button, DownloadLink } from '../../ui/button'
import { ago } from '../../ui/format'
import { Failure, Notice, Waiting } from '../../ui/notice'
import { Finding } from './finding'

const WORST_FIRST: State[] = ['fail', 'warn', 'unknown', 'ok']
const LOOKING_S = 2 // while a look is under way
const AT_REST_S = 60

/** Something the doctor says, asked for again while he looks. */
export function useDoctor<T>(path: string, looking: (of: T) => boolean): Loaded<T> {
  const [soon, setSoon] = useState(true)
  return useLoad(async (signal) => {
    const found = await get<T>(path, signal)
    setSoon(looking(found))
    return found
  }, [path], soon ? LOOKING_S : AT_REST_S)
}

/** domain: host for this server itself; absent: all. */
export const lookNow = (domain?: string) => call('POST', '/doctor', domain === undefined ? {} : { domain })

export function Summary({ part }: { part: DoctorPart }) {
  const { fail, warn, unknown } = part.counts
  if (fail + warn + unknown === 0 && part.state !== 'ok') return <Notice state="unknown">{t('doctor.nothing')}</Notice>
  if (part.state === 'ok') return <Notice state="ok">{t('doctor.all_good')}</Notice>
  const what = [fail > 0 && t('doctor.fail', { n: fail }), warn > 0 && t('doctor.warn', { n: warn }), unknown > 0 && t('doctor.unknown', { n: unknown })]
  return <Notice state={part.state === 'unknown' ? 'unknown' : 'warn'}>{what.filter(Boolean).join(' ')}{part.name !== '' && fail + warn > 0 && ` ${t('doctor.enter')}`}</Notice>
}

function Groups({ part, onlyOpen }: { part: DoctorPart, onlyOpen: boolean }) {
  const rows = part.rows ?? []
  const shown = WORST_FIRST.filter((state) => !onlyOpen || state !== 'ok')
    .map((state) => ({ state, rows: rows.filter((r) => r.state === state) }))
    .filter((group) => group.rows.length > 0)
  return (
    <>
      {shown.map((group) => (
        <section key={group.state} class="finding-group">
          <h3>{t(`state.${group.state}`)} ({group.rows.length})</h3>
          <ul class="records">{group.rows.map((f, i) => <Finding key={`${f.id} ${i}`} f={f} />)}</ul>
        </section>
      ))}
      {shown.length === 0 && rows.length > 0 && <p class="soft">{t('doctor.none_open')}</p>}
    </>
  )
}

/** zone: where the zone file is; who: what to call the part when it is looked at. */
export function Findings(p: { part: DoctorPart, who: string, onLook: () => void, zone?: string }) {
  const [onlyOpen, setOnlyOpen] = useState(false)
  const action = useAction()
  if (p.part.looked === null) return <div aria-busy="true"><Waiting text={t('dns.asking')} /></div>
  const look = () => void action.run(async () => {
    await lookNow(p.who)
    p.onLook()
  })
  return (
    <>
      <Summary part={p.part} />
      <Failure text={action.error} />
      <div class="toolbar">
        <Button icon="refresh" busy={action.busy || p.part.looking} onPress={look}>{t('doctor.look')}</Button>
        {p.zone && <DownloadLink href={p.zone} name={`${p.part.name}.zone`}>{t('dns.zone')}</DownloadLink>}
        <Button kind="quiet" pressed={onlyOpen} onPress={() => setOnlyOpen(!onlyOpen)}>{t('doctor.only_open')}</Button>
        <span class="soft small end">{p.part.looking ? t('dns.asking') : t('dns.checked', { ago: ago(p.part.looked) })}</span>
      </div>
      <Groups part={p.part} onlyOpen={onlyOpen} />
    </>
  )
}
