// views/me/filters.tsx: filters without a script: rules in their order, forwarding, blocked and
// allowed senders. Each change is stored at once.
import { useEffect, useRef, useState } from 'preact/hooks'
import { call, get } from '../../api/client'
import type { FilterRule, Filters, FiltersState } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { say } from '../../state/toast'
import { t } from '../../text/t'
import { Button, Link } from '../../ui/button'
import { Dialog, FormDialog } from '../../ui/dialog'
import { CheckField, Form, SelectField, TextArea, TextField } from '../../ui/field'
import { Await, Badge, Empty, Failure, Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { ApplyFilters } from './filter_apply'
import { conditionsText, actionsText, EditRule, NEW_RULE } from './filter_rule'

const PATH = '/me/filters'

interface Part { filters: Filters, save: (f: Filters) => Promise<void> }

export const lines = (text: string) => text.split(/[\s,]+/).filter(Boolean)

interface Row { rules: FilterRule[], at: number, put: (rules: FilterRule[]) => void, onEdit: () => void, onRemove: () => void }

function Rule({ rules, at, put, onEdit, onRemove }: Row) {
  const rule = rules[at]!
  function move(by: number) {
    const moved = rules.slice()
    moved.splice(at + by, 0, ...moved.splice(at, 1))
    put(moved)
  }
  const named = <span class="unseen"> {rule.name}</span>
  return (
    <li class="filter-rule">
      <div>
        <strong>{rule.name}</strong> {!rule.on && <Badge state="none">{t('filters.off')}</Badge>}
        <p class="help">{conditionsText(rule)} → {actionsText(rule)}</p>
      </div>
      <div class="actions">
        <Button kind="quiet" disabled={at === 0} onPress={() => move(-1)}>{t('filters.up')}{named}</Button>
        <Button kind="quiet" disabled={at === rules.length - 1} onPress={() => move(1)}>{t('filters.down')}{named}</Button>
        <Button kind="quiet" onPress={() => put(rules.map((r, i) => i === at ? { ...r, on: !r.on } : r))}>
          {rule.on ? t('filters.turn_off') : t('filters.turn_on')}{named}
        </Button>
        <Button kind="quiet" onPress={onEdit}>{t('edit')}{named}</Button>
        <Button kind="quiet" onPress={onRemove}>{t('remove')}{named}</Button>
      </div>
    </li>
  )
}

function Rules({ filters, save }: Part) {
  const [editing, setEditing] = useState<number | null>(null)
  const [removing, setRemoving] = useState<number | null>(null)
  // The rows as they will be: a second change builds on the first. Saves run one after another, and
  // rows of the server replace them when none is pending.
  const [rules, setRules] = useState(filters.rules)
  const saved = useRef<Promise<unknown>>(Promise.resolve())
  const action = useAction()
  const pending = useRef(0)
  useEffect(() => { if (pending.current === 0) setRules(filters.rules) }, [filters])
  const put = (r: FilterRule[]) => save({ ...filters, rules: r })
  function change(r: FilterRule[]) {
    setRules(r)
    pending.current++
    saved.current = saved.current.then(() => action.run(() => put(r))).then((ok) => {
      pending.current--
      if (!ok) setRules(filters.rules)
    })
  }
  return (
    <Card title={t('filters.rules')} actions={
      <Button kind="main" icon="plus" onPress={() => setEditing(rules.length)}>{t('filters.add')}</Button>}>
      {rules.length === 0
        ? <Empty icon="sliders" text={t('filters.empty')} />
        : (
          <ol class="filter-rules" aria-label={t('filters.rules')}>
            {rules.map((r, i) => (
              <Rule key={`${i}:${r.name}`} at={i} rules={rules} put={change}
                onEdit={() => setEditing(i)} onRemove={() => setRemoving(i)} />
            ))}
          </ol>
        )}
      <Failure text={action.error} />
      {editing !== null && (
        <EditRule rule={rules[editing] ?? NEW_RULE} fresh={editing === rules.length} onClose={() => setEditing(null)}
          onSave={(r) => put(Object.assign(rules.slice(), { [editing]: r }))} />
      )}
      {removing !== null && (
        <FormDialog title={t('filters.remove')} act={t('filters.remove')} danger onClose={() => setRemoving(null)}
          onAct={() => put(rules.filter((_, i) => i !== removing))}>
          <p>{t('filters.remove.text', { name: rules[removing]?.name ?? '' })}</p>
        </FormDialog>
      )}
    </Card>
  )
}

function Forward({ filters, save }: Part) {
  const [forward, setForward] = useState(filters.forward ?? { on: false, to: '', copy: true })
  const action = useAction()
  return (
    <Card title={t('filters.forward')}>
      <Form onSubmit={() => void action.run(() => save({ ...filters, forward }))}>
        <CheckField label={t('filters.forward.on')} help={t('filters.forward.help')} checked={forward.on}
          onInput={(on) => setForward({ ...forward, on })} />
        <TextField label={t('filters.forward.to')} value={forward.to} inputmode="email" required={forward.on}
          onInput={(to) => setForward({ ...forward, to })} />
        <CheckField label={t('filters.forward.copy')} checked={forward.copy ?? false}
          onInput={(copy) => setForward({ ...forward, copy })} />
        <Failure text={action.error} />
        <div class="form-end"><Button submit kind="main" busy={action.busy}>{t('filters.forward.save')}</Button></div>
      </Form>
    </Card>
  )
}

function Senders({ filters, save }: Part) {
  const [blocked, setBlocked] = useState((filters.blocked ?? []).join('\n'))
  const [to, setTo] = useState(filters.blocked_to ?? 'junk')
  const [allowed, setAllowed] = useState((filters.allowed ?? []).join('\n'))
  const action = useAction()
  const act = () => save({ ...filters, blocked: lines(blocked), blocked_to: to, allowed: lines(allowed) })
  return (
    <Card title={t('filters.senders')}>
      <Form onSubmit={() => void action.run(act)}>
        <TextArea label={t('filters.blocked')} help={t('filters.senders.help')} value={blocked} onInput={setBlocked} />
        <SelectField label={t('filters.blocked_to')} value={to} onInput={setTo} choices={[
          { value: 'junk', label: t('filters.blocked_to.junk') }, { value: 'discard', label: t('filters.blocked_to.discard') }]} />
        <TextArea label={t('filters.allowed')} help={t('filters.allowed.help')} value={allowed} onInput={setAllowed} />
        <Failure text={action.error} />
        <div class="form-end"><Button submit kind="main" busy={action.busy}>{t('filters.senders.save')}</Button></div>
      </Form>
    </Card>
  )
}

/** The script that settings make, and the active one of the user next to it. */
export function ActiveScript({ name }: { name: string }) {
  if (name === '') return null
  return <Notice state="ok">{t('filters.script', { name })} <Link to="/me/scripts">{t('nav.scripts')}</Link></Notice>
}

export function SieveDialog({ text, onClose }: { text: string, onClose: () => void }) {
  return (
    <Dialog title={t('filters.sieve')} onClose={onClose}>
      {text ? <pre tabIndex={0}>{text}</pre> : <p>{t('filters.sieve.empty')}</p>}
    </Dialog>
  )
}

export function FiltersPage() {
  const state = useLoad((signal) => get<FiltersState>(PATH, signal), [])
  const [sieve, setSieve] = useState(false)
  const [applying, setApplying] = useState(false)
  async function save(f: Filters) {
    await call('PUT', PATH, f)
    say(t('saved'))
    state.reload()
  }
  return (
    <Page title={t('nav.filters')} intro={t('filters.intro')}
      actions={(
        <>
          <Button onPress={() => setSieve(true)}>{t('filters.sieve')}</Button>
          <Button onPress={() => setApplying(true)}>{t('filters.apply')}</Button>
        </>
      )}>
      <Await of={state}>
        {({ filters, sieve: text, active_script }) => (
          <>
            <ActiveScript name={active_script} />
            <Rules filters={filters} save={save} />
            <Forward filters={filters} save={save} />
            <Senders filters={filters} save={save} />
            {sieve && <SieveDialog text={text} onClose={() => setSieve(false)} />}
            {applying && <ApplyFilters onClose={() => setApplying(false)} />}
          </>
        )}
      </Await>
    </Page>
  )
}
