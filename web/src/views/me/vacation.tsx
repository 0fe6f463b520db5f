// views/me/vacation.tsx: a reply to mail that comes while the user is away.
import { useState } from 'preact/hooks'
import { call, get } from '../../api/client'
import type { Vacation, VacationState } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { say } from '../../state/toast'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { CheckField, Form, TextArea, TextField } from '../../ui/field'
import { Await, Failure } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { ActiveScript, lines, SieveDialog } from './filters'

const PATH = '/me/vacation'
const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Minutes by which a zone is ahead of UTC at a moment. */
function offsetOf(zone: string, ms: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric',
  }).formatToParts(ms)
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value)
  return (Date.UTC(n('year'), n('month') - 1, n('day'), n('hour'), n('minute')) - Math.floor(ms / 60000) * 60000) / 60000
}

/** "2027-01-31T08:00" in a zone, to and from a time of the API; near a change of the clocks the
 * offset of that moment counts. */
function toTime(local: string, zone: string): string | null {
  if (local === '') return null
  const utc = Date.parse(`${local}Z`)
  const near = utc - offsetOf(zone, utc) * 60000
  return new Date(utc - offsetOf(zone, near) * 60000).toISOString().replace('.000', '')
}

function toLocal(time: string | null | undefined, zone: string): string {
  if (!time) return ''
  const ms = Date.parse(time)
  return new Date(ms + offsetOf(zone, ms) * 60000).toISOString().slice(0, 16)
}

/** The zone of the stored vacation, if the browser knows it. */
function knownZone(zone: string | null | undefined): string {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone || zoneHere() })
    return zone || zoneHere()
  } catch {
    return zoneHere()
  }
}

function Edit({ vacation, onSaved }: { vacation: Vacation, onSaved: () => void }) {
  const [v, setV] = useState(vacation)
  const [zone, setZone] = useState(knownZone(vacation.zone))
  const [from, setFrom] = useState(toLocal(vacation.from, zone))
  const [until, setUntil] = useState(toLocal(vacation.until, zone))
  const [days, setDays] = useState(String(vacation.days ?? 7))
  const [only, setOnly] = useState((vacation.only ?? []).join('\n'))
  const action = useAction()
  async function save() {
    await call('PUT', PATH, { ...v, zone, from: toTime(from, zone), until: toTime(until, zone), days: Number(days), only: lines(only) })
    say(t('saved'))
    onSaved()
  }
  return (
    <Card>
      <Form onSubmit={() => void action.run(save)}>
        <CheckField label={t('vacation.on')} checked={v.on} onInput={(on) => setV({ ...v, on })} />
        <TextField label={t('vacation.from')} help={t('vacation.from.help')} type="datetime-local" value={from} onInput={setFrom} />
        <TextField label={t('vacation.until')} type="datetime-local" value={until} onInput={setUntil} />
        <TextField label={t('vacation.zone')} help={t('vacation.zone.help')} value={zone} required onInput={setZone} />
        <TextField label={t('vacation.subject')} help={t('vacation.subject.help')} value={v.subject ?? ''}
          onInput={(subject) => setV({ ...v, subject })} />
        <TextArea label={t('vacation.text')} rows={8} value={v.text ?? ''} onInput={(text) => setV({ ...v, text })} />
        <TextField label={t('vacation.days')} help={t('vacation.days.help')} inputmode="numeric" value={days} required onInput={setDays} />
        <TextArea label={t('vacation.only')} help={t('vacation.only.help')} value={only} onInput={setOnly} />
        <Failure text={action.error} />
        <div class="form-end"><Button submit kind="main" busy={action.busy}>{t('save')}</Button></div>
      </Form>
    </Card>
  )
}

export function VacationPage() {
  const state = useLoad((signal) => get<VacationState>(PATH, signal), [])
  const [sieve, setSieve] = useState(false)
  return (
    <Page title={t('nav.vacation')} intro={t('vacation.intro')}
      actions={<Button onPress={() => setSieve(true)}>{t('filters.sieve')}</Button>}>
      <Await of={state}>
        {(s) => (
          <>
            <ActiveScript name={s.active_script} />
            <Edit vacation={s.vacation} onSaved={state.reload} />
            {sieve && <SieveDialog text={s.sieve} onClose={() => setSieve(false)} />}
          </>
        )}
      </Await>
    </Page>
  )
}
