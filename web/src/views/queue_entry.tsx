// views/queue_entry.tsx: one message that waits to leave: why, for whom, and what to do.
import { useState } from 'preact/hooks'
import { call, get, part, query } from '../api/client'
import type { QueueEntry } from '../api/types'
import { useAction, useLoad } from '../state/load'
import { navigate } from '../state/route'
import { mayBe } from '../state/session'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { CheckField, TextField } from '../ui/field'
import { Ago, bytes, time } from '../ui/format'
import { Await, Failure } from '../ui/notice'
import { Card, Facts, Page } from '../ui/page'
import { Table } from '../ui/table'
import type { Parameters } from './pages'
import { QueueState } from './queue'

const REFRESH_S = 5 // an attempt may end while we look

function Drop({ id, onClose }: { id: string, onClose: () => void }) {
  const [bounce, setBounce] = useState(true)
  async function drop() {
    await call('DELETE', `/queue/${part(id)}${bounce ? '?bounce=1' : ''}`)
    say(t('queue.dropped'))
    navigate('/queue')
  }
  return (
    <FormDialog title={t('queue.drop')} act={t('queue.drop')} danger onClose={onClose} onAct={drop}>
      <p>{t('queue.drop.text')}</p>
      <CheckField label={t('queue.drop.bounce')} checked={bounce} onInput={setBounce} />
    </FormDialog>
  )
}

/** Where it can go instead of where the rules say, or by them again. */
type Target = 'route' | 'queue'

function Elsewhere({ e, target, onClose, onDone }: {
  e: QueueEntry, target: Target, onClose: () => void, onDone: () => void
}) {
  const [name, setName] = useState(e[target])
  async function go() {
    await call('POST', `/queue/${part(e.id)}/${target}`, { [target]: name })
    say(t(`queue.did.${target}`))
    onDone()
  }
  return (
    <FormDialog title={t(`queue.act.${target}`)} act={t(`queue.act.${target}`)} onClose={onClose} onAct={go}>
      <TextField label={t(`queue.act.${target}.name`)} help={t(`queue.act.${target}.text`)} value={name} onInput={setName} autofocus />
    </FormDialog>
  )
}

/** The trace knows messages by their Message-ID, which the header has. */
function messageId(e: QueueEntry): string {
  return /^Message-ID:\s*(\S+)/im.exec(e.headers ?? '')?.[1] ?? ''
}

function Entry({ e }: { e: QueueEntry }) {
  return (
    <>
      <Card>
        <Facts rows={[
          [t('queue.state'), <QueueState e={e} />],
          [t('trace.from'), e.from || t('queue.bounce')],
          [t('queue.destination'), e.destination || t('queue.smarthost')],
          [t('queue.route'), e.route],
          [t('queue.name'), e.queue],
          [t('queue.tls'), e.tls === 'required' ? t('queue.tls.required') : e.tls === 'optional' ? t('queue.tls.optional') : ''],
          [t('size'), bytes(e.size)],
          [t('queue.since'), time(e.created)],
          [t('queue.next'), e.held ? t('queue.held') : <Ago time={e.next} />],
          [t('queue.expires'), <Ago time={e.expires} />],
          [t('trace.title'), messageId(e) && <Link to={`/traces${query({ q: messageId(e) })}`}>{t('queue.story')}</Link>],
        ]} />
      </Card>
      <Card title={t('queue.recipients')}>
        <Table label={t('queue.recipients')} rows={e.to} id={(to) => to.address} columns={[
          { title: t('account.address'), cell: (to) => <strong>{to.address}</strong> },
          { title: t('queue.attempts'), cell: (to) => to.attempts, end: true },
          { title: t('queue.reply'), cell: (to) => to.reply || t('queue.no_reply') },
        ]} />
      </Card>
      {e.headers && <Card title={t('queue.headers')}><pre class="headers" tabIndex={0}>{e.headers}</pre></Card>}
    </>
  )
}

export function QueueEntryPage({ parameters }: { parameters: Parameters }) {
  const id = parameters.id ?? ''
  const entry = useLoad((signal) => get<QueueEntry>(`/queue/${part(id)}`, signal), [id], REFRESH_S)
  const action = useAction()
  const [dropping, setDropping] = useState(false)
  const [target, setTarget] = useState<Target>()
  const [doing, setDoing] = useState('')
  const act = (what: 'retry' | 'hold' | 'release') => void action.run(async () => {
    setDoing(what)
    await call('POST', `/queue/${part(id)}/${what}`)
    say(t(`queue.did.${what}`))
    entry.reload()
  })
  const busy = (what: string) => action.busy && doing === what
  return (
    <Page title={t('queue.entry')} back={{ to: '/queue', label: t('nav.queue') }} actions={
      <>
        <Button icon="refresh" busy={busy('retry')} onPress={() => act('retry')}>{t('queue.retry')}</Button>
        {entry.data?.held
          ? <Button icon="play" busy={busy('release')} onPress={() => act('release')}>{t('queue.release')}</Button>
          : <Button icon="pause" busy={busy('hold')} onPress={() => act('hold')}>{t('queue.hold')}</Button>}
        {mayBe('owner') && <Button icon="route" onPress={() => setTarget('route')}>{t('queue.act.route')}</Button>}
        {mayBe('owner') && <Button icon="box" onPress={() => setTarget('queue')}>{t('queue.act.queue')}</Button>}
        <Button icon="close" onPress={() => setDropping(true)}>{t('queue.drop')}</Button>
      </>
    }>
      <Failure text={action.error} />
      <Await of={entry}>{(e) => <Entry e={e} />}</Await>
      {target && entry.data && (
        <Elsewhere e={entry.data} target={target} onClose={() => setTarget(undefined)} onDone={entry.reload} />
      )}
      {dropping && <Drop id={id} onClose={() => setDropping(false)} />}
    </Page>
  )
}
