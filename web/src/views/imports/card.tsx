// views/imports/card.tsx: one import: how far it is while it runs, and what came of it.
import { useEffect, useState } from 'preact/hooks'
import { call, get, part } from '../../api/client'
import type { Import, ImportFolder, ImportLeft, State } from '../../api/types'
import { useLoad } from '../../state/load'
import { say } from '../../state/toast'
import { sentence, t } from '../../text/t'
import { Button } from '../../ui/button'
import { FormDialog } from '../../ui/dialog'
import { TextField } from '../../ui/field'
import { Ago, bytes, count } from '../../ui/format'
import { Progress } from '../../ui/meter'
import { Badge, Failure, Notice } from '../../ui/notice'
import { Card, Facts } from '../../ui/page'
import { Table } from '../../ui/table'

const STATES: Record<Import['state'], State> = {
  waiting: 'unknown', running: 'unknown', done: 'ok', failed: 'fail', cancelled: 'warn', interrupted: 'warn',
}
const POLL_S = 1

const isActive = (i: Import) => i.state === 'waiting' || i.state === 'running'

function Folders({ folders }: { folders: ImportFolder[] }) {
  return (
    <details>
      <summary>{t('import.folders', { n: folders.length })}</summary>
      <Table label={t('import.folders', { n: folders.length })} rows={folders} id={(f) => f.from} columns={[
        { title: t('import.from'), cell: (f) => f.from },
        { title: t('import.to'), cell: (f) => f.to || <span class="soft">{t('import.nowhere')}</span> },
        { title: t('import.done'), cell: (f) => f.to && t('import.of_all', { done: count(f.done), all: count(f.messages) }), end: true },
        { title: t('import.brought'), cell: (f) => count(f.brought), end: true },
        { title: t('import.left_out'), cell: (f) => count(f.left_out), end: true },
      ]} />
    </details>
  )
}

function Left({ left, all }: { left: ImportLeft[], all: number }) {
  return (
    <details>
      <summary>{t('import.left', { n: Math.max(all, left.length) })}</summary>
      <ul class="plain-list">
        {left.map((x, n) => <li key={n}><strong>{x.folder}</strong>{x.what && <span>{x.what}</span>}<span class="soft">{x.why}</span></li>)}
      </ul>
      <p class="soft">{t('import.left.help')}</p>
    </details>
  )
}

function Again({ path, of, onClose, onBegun }: { path: string, of: Import, onClose: () => void, onBegun: () => void }) {
  const [password, setPassword] = useState('')
  async function run() {
    await call('POST', `${path}/${part(of.id)}/run`, { password })
    onBegun()
  }
  return (
    <FormDialog title={t('import.again')} act={t('import.again')} onClose={onClose} onAct={run}>
      <p>{t('import.again.text', { user: of.user, host: of.host })}</p>
      <TextField label={t('import.password')} help={t('import.password.help')} type="password" value={password} onInput={setPassword} required autofocus />
    </FormDialog>
  )
}

function Remove({ path, of, onClose, onDone }: { path: string, of: Import, onClose: () => void, onDone: () => void }) {
  async function remove() {
    await call('DELETE', `${path}/${part(of.id)}`)
    onDone()
  }
  return (
    <FormDialog title={t('import.remove')} act={t('import.remove')} danger onClose={onClose} onAct={remove}>
      <p>{t('import.remove.text')}</p>
    </FormDialog>
  )
}

function Result({ i }: { i: Import }) {
  return (
    <Facts rows={[
      [t('import.brought'), t('import.brought.size', { n: i.brought, count: count(i.brought), size: bytes(i.bytes) })],
      [t('import.known'), count(i.known)],
      [t('import.left_out'), count(i.left_out)],
      [t('import.by'), i.by],
      [t('import.ended'), !isActive(i) && <Ago time={i.ended} />],
    ]} />
  )
}

/** known: what the list says of it; while it runs it is asked for every second. */
export function ImportCard(p: { path: string, known: Import, mayRun: boolean, onChanged: () => void }) {
  const one = useLoad((signal) => get<Import>(`${p.path}/${part(p.known.id)}`, signal), [p.path, p.known.id], isActive(p.known) ? POLL_S : 0)
  const [dialog, setDialog] = useState<'again' | 'remove' | null>(null)
  const i = one.data ?? p.known
  const what = `${i.user}, ${i.host}`
  useEffect(() => { if (isActive(p.known) && !isActive(i)) p.onChanged() }, [i.state])

  async function cancel() {
    await call('POST', `${p.path}/${part(i.id)}/cancel`).catch((e: Error) => say(e.message))
    one.reload()
  }
  const close = () => setDialog(null)
  const changed = () => { setDialog(null); p.onChanged() }
  return (
    <Card title={what} actions={
      <>
        {isActive(i) && <Button onPress={() => void cancel()}>{t('import.cancel')}<span class="unseen"> {what}</span></Button>}
        {!isActive(i) && p.mayRun && <Button icon="refresh" onPress={() => setDialog('again')}>{t('import.again')}<span class="unseen"> {what}</span></Button>}
        {!isActive(i) && <Button kind="quiet" onPress={() => setDialog('remove')}>{t('remove')}<span class="unseen"> {what}</span></Button>}
      </>
    }>
      <p role="status"><Badge state={STATES[i.state]}>{t(`import.state.${i.state}`)}</Badge></p>
      {isActive(i) && <Progress value={i.messages_done} max={i.messages_total} label={t('import.progress', { what })} />}
      {isActive(i) && i.messages_total > 0 && <p>{t('import.so_far', {
        done: count(i.messages_done), all: count(i.messages_total), folders: i.folders_done, of: i.folders_total,
      })}</p>}
      {i.problem && <Notice state={i.state === 'failed' ? 'fail' : 'warn'}>{sentence(i.problem)}</Notice>}
      <Result i={i} />
      {i.folders && i.folders.length > 0 && <Folders folders={i.folders} />}
      {i.left && i.left.length > 0 && <Left left={i.left} all={i.left_out} />}
      <Failure text={one.error} />
      {dialog === 'again' && <Again path={p.path} of={i} onClose={close} onBegun={changed} />}
      {dialog === 'remove' && <Remove path={p.path} of={i} onClose={close} onDone={changed} />}
    </Card>
  )
}
