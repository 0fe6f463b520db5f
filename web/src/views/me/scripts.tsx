// views/me/scripts.tsx: one's own Sieve scripts: a list, an editor, and a trial on a message.
import { useState } from 'preact/hooks'
import { call, get, part } from '../../api/client'
import type { Script, ScriptCheck, ScriptError } from '../../api/types'
import { useAction, useList } from '../../state/load'
import { say } from '../../state/toast'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { FormDialog } from '../../ui/dialog'
import { Form, TextArea, TextField } from '../../ui/field'
import { Ago, bytes } from '../../ui/format'
import { Badge, Failure, Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { ListTable } from '../../ui/table'
import { ScriptTrial } from './script_trial'

const PATH = '/me/scripts'
const place = (name: string) => `${PATH}/${part(name)}`

function Errors({ errors }: { errors: ScriptError[] }) {
  return (
    <Notice state="fail">
      <ul>{errors.map((e) => <li key={`${e.line}:${e.column}`}>{t('script.error', { line: e.line, column: e.column, text: e.text })}</li>)}</ul>
    </Notice>
  )
}

/** script: an empty name is a new one. */
function Editor({ script, names, onClose, onSaved }: { script: Script, names: string[], onClose: () => void, onSaved: (name: string, text: string) => void }) {
  const [name, setName] = useState(script.name)
  const [text, setText] = useState(script.text ?? '')
  const [errors, setErrors] = useState<ScriptError[]>([])
  const saving = useAction()
  async function save() {
    if (!script.name && names.includes(name)) throw new Error(t('script.exists', { name }))
    const check = await call<ScriptCheck>('POST', `${PATH}/check`, { text })
    setErrors(check.errors)
    if (check.errors.length > 0) return
    await call('PUT', place(script.name || name), script.name && script.name !== name ? { text, name } : { text })
    say(t('script.saved', { name }))
    onSaved(name, text)
  }
  return (
    <>
      <Card title={script.name || t('script.new')}>
        <Form onSubmit={() => void saving.run(save)}>
          <TextField label={t('script.name')} value={name} onInput={setName} required />
          <TextArea label={t('script.text')} rows={16} mono value={text} onInput={(v) => { setText(v); setErrors([]) }} />
          {errors.length > 0 && <Errors errors={errors} />}
          <Failure text={saving.error} />
          <div class="form-end">
            <Button onPress={onClose}>{t('close')}</Button>
            <Button submit kind="main" busy={saving.busy} disabled={name === '' || text === ''}>{t('save')}</Button>
          </div>
        </Form>
      </Card>
      <ScriptTrial text={text} />
    </>
  )
}

export function ScriptsPage() {
  const list = useList<Script>(PATH)
  const [open, setOpen] = useState<Script | null>(null)
  const [leaving, setLeaving] = useState<Script | null>(null)
  const action = useAction()
  const edit = (s: Script) => void action.run(async () => setOpen(await get<Script>(place(s.name))))
  const activate = (s: Script) => void action.run(async () => {
    await call('PUT', place(s.name), { active: !s.active })
    say(t(s.active ? 'script.deactivated' : 'script.activated', { name: s.name }))
    list.reload()
  })
  async function remove(s: Script) {
    await call('DELETE', place(s.name))
    say(t('script.removed', { name: s.name }))
    if (open?.name === s.name) setOpen(null)
    list.reload()
  }
  return (
    <Page title={t('nav.scripts')} intro={t('script.intro')}
      actions={<Button kind="main" icon="plus" onPress={() => setOpen({ name: '', active: false, size: 0, changed: null, text: '' })}>{t('script.new')}</Button>}>
      <Failure text={action.error} />
      <Card>
        <ListTable label={t('nav.scripts')} list={list} id={(s) => s.name} icon="book" empty={t('script.empty')}
          columns={[
            { title: t('script.name'), cell: (s) => <><strong>{s.name}</strong> {s.active && <Badge state="ok">{t('script.active')}</Badge>}</> },
            { title: t('size'), cell: (s) => bytes(s.size), end: true },
            { title: t('script.changed'), cell: (s) => <Ago time={s.changed} />, end: true },
            {
              title: t('act'), end: true, cell: (s) => (
                <>
                  <Button kind="quiet" onPress={() => edit(s)}>{t('edit')}<span class="unseen"> {s.name}</span></Button>
                  <Button kind="quiet" onPress={() => activate(s)}>{t(s.active ? 'script.deactivate' : 'script.activate')}<span class="unseen"> {s.name}</span></Button>
                  {!s.active && <Button kind="quiet" onPress={() => setLeaving(s)}>{t('remove')}<span class="unseen"> {s.name}</span></Button>}
                </>
              ),
            },
          ]} />
      </Card>
      {open && <Editor key={open.name} script={open} onClose={() => setOpen(null)} names={(list.data ?? []).map((s) => s.name)}
        onSaved={(name, text) => { list.reload(); setOpen({ ...open, name, text }) }} />}
      {leaving && (
        <FormDialog title={t('script.remove')} act={t('script.remove')} danger onClose={() => setLeaving(null)} onAct={() => remove(leaving)}>
          <p>{t('script.remove.text', { name: leaving.name })}</p>
        </FormDialog>
      )}
    </Page>
  )
}
