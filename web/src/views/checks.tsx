// views/checks.tsx: the checks of mail that comes in: which are on, what they did in a day, and the
// access rules.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { AccessRow, PolicyCheck } from '../api/types'
import { useList } from '../state/load'
import { say } from '../state/toast'
import { t, tOr } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { SelectField, TextField } from '../ui/field'
import { Ago } from '../ui/format'
import { Card, Page } from '../ui/page'
import { ListTable } from '../ui/table'
import { endOf } from './tokens'

const VERDICTS = ['reject', 'tempfail', 'quarantine', 'tag', 'discard', 'accept', 'block:1d']
const OF = ['peer', 'helo', 'login', 'from', 'to', 'name']
const ON = ['mx', 'submission', 'mx,submission']
const DONE = ['reject', 'tempfail', 'quarantine', 'tag', 'discard', 'delay', 'accept', 'pass', 'failed'] as const

/** What a check did, as a sentence: "12 refused, 3 tagged". */
function done(c: PolicyCheck): string {
  const all = DONE.filter((k) => c.done[k] > 0).map((k) => t(`checks.done.${k}`, { count: String(c.done[k]) }))
  return all.length > 0 ? all.join(', ') : t('checks.done.nothing')
}

/** The code and status of a refusal, where they are not the usual ones. */
function own(r: AccessRow) {
  const words = [r.code !== 0 ? String(r.code) : '', r.status].filter((word) => word !== '')
  return words.length > 0 && <> <code>{words.join(' ')}</code></>
}

function choices(words: string, values: string[]) {
  return values.map((value) => ({ value, label: tOr(`${words}.${value}`, value) }))
}

function AddRule({ onClose, onAdded }: { onClose: () => void, onAdded: () => void }) {
  const [rule, setRule] = useState({ verdict: 'reject', of: 'from', match: '', on: 'mx', note: '', until: '' })
  const put = (name: keyof typeof rule) => (value: string) => setRule({ ...rule, [name]: value })
  const users = rule.of === 'login' // who else logs in?
  async function add() {
    const { until, ...rest } = rule
    const day = endOf(until)
    await call('POST', '/access', { ...rest, on: users ? 'submission' : rest.on, match: rest.match.trim(), ...(day ? { until: day } : {}) })
    onAdded()
  }
  return (
    <FormDialog title={t('access.add')} act={t('access.add')} onClose={onClose} onAct={add}>
      <SelectField label={t('access.of')} value={rule.of} choices={choices('access.of', OF)} onInput={put('of')} />
      <TextField label={t('access.match')} help={t(rule.of === 'peer' ? 'access.match.peer' : 'access.match.help')}
        value={rule.match} onInput={put('match')} required autofocus mono />
      <SelectField label={t('access.verdict')} value={rule.verdict} choices={choices('access.verdict', VERDICTS)} onInput={put('verdict')} />
      {!users && <SelectField label={t('access.on')} value={rule.on} choices={choices('access.on', ON)} onInput={put('on')} />}
      <TextField label={t('access.note')} help={t('access.note.help')} value={rule.note} onInput={put('note')} />
      <TextField label={t('access.until')} help={t('access.until.help')} type="date" value={rule.until} onInput={put('until')} />
    </FormDialog>
  )
}

function Rules() {
  const list = useList<AccessRow>('/access')
  const [adding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<AccessRow | null>(null)
  async function remove(row: AccessRow) {
    await call('DELETE', `/access/${part(row.id)}`)
    say(t('access.removed', { match: row.match }))
    list.reload()
  }
  return (
    <Card title={t('access.title')}>
      <p>{t('access.intro')}</p>
      <ListTable label={t('access.title')} list={list} id={(r) => r.id} icon="shield" empty={t('access.empty')}
        columns={[
          { title: t('access.match'), cell: (r) => <>{tOr(`access.of.${r.of}`, r.of)} <code>{r.match}</code></> },
          { title: t('access.verdict'), cell: (r) => <>{tOr(`access.verdict.${r.verdict}`, r.verdict)}{own(r)}</> },
          { title: t('access.on'), cell: (r) => tOr(`access.on.${r.on}`, r.on) },
          { title: t('access.note'), cell: (r) => r.note },
          { title: t('access.until'), cell: (r) => <Ago time={r.until} />, end: true },
          {
            title: t('act'), end: true, cell: (r) => (
              <Button kind="quiet" onPress={() => setLeaving(r)}>{t('remove')}<span class="unseen"> {r.match}</span></Button>
            ),
          },
        ]} />
      <Button icon="plus" onPress={() => setAdding(true)}>{t('access.add')}</Button>
      {adding && <AddRule onClose={() => setAdding(false)} onAdded={list.reload} />}
      {leaving && (
        <FormDialog title={t('access.remove')} act={t('access.remove')} danger onClose={() => setLeaving(null)} onAct={() => remove(leaving)}>
          <p>{t('access.remove.text', { match: leaving.match })}</p>
        </FormDialog>
      )}
    </Card>
  )
}

export function ChecksPage() {
  const list = useList<PolicyCheck>('/checks')
  return (
    <Page title={t('nav.checks')} intro={t('checks.intro')}>
      <Card>
        <ListTable label={t('nav.checks')} list={list} id={(c) => c.name} icon="shield" empty={t('checks.empty')}
          columns={[
            { title: t('checks.name'), cell: (c) => <><strong>{tOr(`checks.name.${c.name}`, c.name)}</strong> <code>{c.setting}</code></> },
            { title: t('checks.on'), cell: (c) => t(c.on ? 'checks.is_on' : 'checks.is_off') },
            { title: t('checks.done'), cell: done },
          ]} />
      </Card>
      <Rules />
    </Page>
  )
}
