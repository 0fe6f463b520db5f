// views/settings.tsx: every setting with where its value comes from.
import { useState } from 'preact/hooks'
import { call, get, part, query, type Page as Part } from '../api/client'
import type { Setting } from '../api/types'
import { useAction, useLoad } from '../state/load'
import { useFields } from '../state/route'
import { say } from '../state/toast'
import { findTrial } from '../state/trial'
import { t, tOr } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { CheckField, SelectField, TextArea, TextField } from '../ui/field'
import { Icon } from '../ui/icon'
import { Await, Badge, Empty, Failure, Notice } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'

const LIST_MAX = 500 // the table of settings is not that long

function choicesOf(s: Setting): string[] | null {
  if (s.kind === 'bool') return ['on', 'off']
  if (s.kind === 'level') return ['debug', 'info', 'warn', 'error']
  return null
}

function defaultText(s: Setting): string {
  return s.default === '' ? t('setting.default_empty') : t('setting.default', { value: s.default })
}

const secret = (s: Setting) => s.kind === 'secret'
const manyLines = (s: Setting) => s.kind === 'pem' || s.kind === 'script' || s.kind.endsWith('rules')

function Edit({ s, onClose, onDone }: { s: Setting, onClose: () => void, onDone: () => void }) {
  const [value, setValue] = useState(s.value)
  const [clear, setClear] = useState(false)
  const choices = choicesOf(s)
  const kept = secret(s) && s.set === true
  const help = [kept && t('setting.secret.kept'), s.kind === 'secret_rules' && s.set && t('setting.secret.rules'), t('setting.valid', { valid: s.valid }), defaultText(s)].filter(Boolean).join(' ')
  async function save() {
    if (clear) await call('DELETE', `/settings/${part(s.name)}`)
    else await call('PUT', `/settings/${part(s.name)}`, { value })
    say(s.live ? t('saved') : t('setting.saved_later'))
    await findTrial()
    onDone()
  }
  return (
    <FormDialog title={s.name} act={t('save')} onClose={onClose} onAct={save}>
      <p>{s.help}</p>
      {choices
        ? <SelectField label={t('setting.value')} value={value} onInput={setValue}
            choices={choices.map((c) => ({ value: c, label: c }))} />
        : manyLines(s)
          ? <TextArea label={t('setting.value')} value={value} onInput={setValue} help={help} />
          : <TextField label={t('setting.value')} value={value} onInput={setValue} mono autofocus
              type={secret(s) ? 'password' : 'text'} help={help} />}
      {kept && s.origin === 'store' && <CheckField label={t('setting.secret.clear')} checked={clear} onInput={setClear} />}
      {!s.live && <Notice state="warn">{t('setting.restart')}</Notice>}
    </FormDialog>
  )
}

function shown(s: Setting): string {
  if (secret(s)) return s.set ? '••••••••' : t('setting.empty')
  return s.value === '' ? t('setting.empty') : s.value
}

function Row({ s, onEdit, onDone }: { s: Setting, onEdit: () => void, onDone: () => void }) {
  const action = useAction()
  const reset = () => void action.run(async () => {
    await call('DELETE', `/settings/${part(s.name)}`)
    await findTrial()
    onDone()
  })
  return (
    <li class="setting">
      <div class="setting-text">
        <h3>{s.name}</h3>
        <p>{s.help}</p>
        {(s.origin !== 'default' || s.machine) && (
          <p>{defaultText(s)} {s.machine ? t('setting.machine.help', { name: s.name }) : s.locked && t('setting.locked.help')}</p>
        )}
        <Failure text={action.error} />
      </div>
      <div class="setting-value">
        <code>{shown(s)}</code>
        <Badge state={s.origin === 'store' ? 'ok' : 'none'}>{tOr(`setting.origin.${s.origin}`, s.origin)}</Badge>
        {s.waiting && <Badge state="warn">{t('setting.waiting')}</Badge>}
      </div>
      <div class="setting-act">
        {s.locked
          ? <span class="locked soft small"><Icon name="lock" />{t('setting.locked')}</span>
          : <Button kind="quiet" onPress={onEdit}>{t('edit')}<span class="unseen"> {s.name}</span></Button>}
        {!s.locked && s.origin === 'store' && (
          <Button kind="quiet" busy={action.busy} onPress={reset}>{t('setting.reset')}<span class="unseen"> {s.name}</span></Button>
        )}
      </div>
    </li>
  )
}

function Groups({ all, q, changed, onDone }: { all: Setting[], q: string, changed: boolean, onDone: () => void }) {
  const [editing, setEditing] = useState<Setting | null>(null)
  const word = q.toLowerCase()
  const found = all.filter((s) => (!changed || s.origin !== 'default') &&
    `ROOST_${s.name} ${s.help} ${s.value}`.toLowerCase().includes(word))
  const groups = [...new Set(found.map((s) => s.group))]
  return (
    <>
      {groups.map((group) => (
        <Card key={group} title={group}>
          <ul class="settings">
            {found.filter((s) => s.group === group).map((s) => (
              <Row key={s.name} s={s} onEdit={() => setEditing(s)} onDone={onDone} />
            ))}
          </ul>
        </Card>
      ))}
      {found.length === 0 && <Empty icon="sliders" text={t('settings.empty')} />}
      {editing && <Edit s={editing} onClose={() => setEditing(null)} onDone={onDone} />}
    </>
  )
}

export function SettingsPage() {
  const [{ q, changed }, set] = useFields(['q', 'changed'])
  const all = useLoad((signal) => get<Part<Setting>>(`/settings${query({ limit: LIST_MAX })}`, signal), [])
  return (
    <Page title={t('nav.settings')} intro={t('settings.intro')}>
      <div class="filters">
        <Search label={t('settings.search')} value={q} onSearch={(text) => set({ q: text })} />
        <Button pressed={changed !== ''} onPress={() => set({ changed: changed ? '' : '1' })}>{t('settings.changed')}</Button>
      </div>
      <Await of={all}>{(found) => <Groups all={found.items} q={q} changed={changed !== ''} onDone={all.reload} />}</Await>
    </Page>
  )
}
