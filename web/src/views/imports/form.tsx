// views/imports/form.tsx: which server, who there, and where its mailboxes go.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { ImportPreviewFolder, ImportRule } from '../../api/types'
import { useAction } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Form, SelectField, TextArea, TextField } from '../../ui/field'
import { count } from '../../ui/format'
import { Failure } from '../../ui/notice'
import { Table } from '../../ui/table'

const PORTS = { implicit: 993, starttls: 143 }
type Tls = keyof typeof PORTS
type Targets = Record<string, string>

/** What has to be said so that each mailbox goes where the table has it: what differs from what the
 * server proposes, and all that lies below such a one. */
export function rulesOf(folders: ImportPreviewFolder[], targets: Targets): ImportRule[] {
  const to = (f: ImportPreviewFolder) => (targets[f.from] ?? f.to).trim()
  const changed = folders.filter((f) => to(f) !== f.to).map((f) => f.from)
  return folders
    .filter((f) => changed.some((c) => f.from === c || f.from.startsWith(`${c}/`)))
    .map((f) => ({ from: f.from, to: to(f) }))
}

function Where({ folders, targets, onChange }: {
  folders: ImportPreviewFolder[], targets: Targets, onChange: (t: Targets) => void
}) {
  return (
    <>
      <p class="soft">{t('import.where')}</p>
      <Table label={t('import.where.label')} rows={folders} id={(f) => f.from} columns={[
        { title: t('import.from'), cell: (f) => <span class="two-lines"><strong>{f.from}</strong>{(f.problem || f.view) && <small>{f.problem || t('import.view')}</small>}</span> },
        { title: t('import.messages'), cell: (f) => count(f.messages), end: true },
        {
          title: t('import.to'), cell: (f) => (
            <div class="field">
              <input value={targets[f.from] ?? f.to} aria-label={t('import.to.of', { from: f.from })} autocomplete="off" spellcheck={false}
                placeholder={t('import.nowhere')} onInput={(e) => onChange({ ...targets, [f.from]: e.currentTarget.value })} />
            </div>
          ),
        },
      ]} />
    </>
  )
}

export function ImportForm({ path, onClose, onBegun }: { path: string, onClose: () => void, onBegun: () => void }) {
  const [host, setHost] = useState('')
  const [tls, setTls] = useState<Tls>('implicit')
  const [port, setPort] = useState('')
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [roots, setRoots] = useState('')
  const [folders, setFolders] = useState<ImportPreviewFolder[] | null>(null)
  const [targets, setTargets] = useState<Targets>({})
  const looking = useAction()
  const beginning = useAction()

  const server = () => ({
    host: host.trim(), tls, port: Number(port || PORTS[tls]), user: user.trim(), password, ...(roots.trim() ? { roots } : {}),
  })
  async function look() {
    const seen = await call<{ folders: ImportPreviewFolder[] }>('POST', `${path}/look`, server())
    setFolders(seen.folders)
    setTargets({})
  }
  async function begin() {
    await call('POST', path, { ...server(), rules: folders ? rulesOf(folders, targets) : [] })
    onBegun()
  }
  return (
    <Form label={t('import.new')} onSubmit={() => void beginning.run(begin)}>
      <TextField label={t('import.host')} help={t('import.host.help')} value={host} onInput={setHost} inputmode="url" required autofocus />
      <TextField label={t('import.user')} help={t('import.user.help')} value={user} onInput={setUser} required />
      <TextField label={t('import.password')} help={t('import.password.help')} type="password" value={password} onInput={setPassword} required />
      <details>
        <summary>{t('import.more')}</summary>
        <div class="indented">
          <SelectField label={t('import.tls')} value={tls} onInput={(v) => setTls(v as Tls)} choices={[
            { value: 'implicit', label: t('import.tls.implicit') }, { value: 'starttls', label: t('import.tls.starttls') },
          ]} />
          <TextField label={t('import.port')} type="number" inputmode="numeric" value={port} placeholder={String(PORTS[tls])} onInput={setPort} />
          <TextArea label={t('import.roots')} help={t('import.roots.help')} value={roots} onInput={setRoots} />
        </div>
      </details>
      {folders && <Where folders={folders} targets={targets} onChange={setTargets} />}
      <Failure text={looking.error || beginning.error} />
      <div class="form-end">
        <Button onPress={onClose}>{t('cancel')}</Button>
        <Button icon="search" busy={looking.busy} onPress={() => void looking.run(look)}>{t('import.look')}</Button>
        <Button submit kind="main" busy={beginning.busy}>{t('import.begin')}</Button>
      </div>
    </Form>
  )
}
