// views/queue_act.tsx: one thing done with all messages of the queue that fit the filters.
import { useEffect, useState } from 'preact/hooks'
import { call } from '../api/client'
import type { QueueActed } from '../api/types'
import { mayBe } from '../state/session'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { TextField } from '../ui/field'
import { Failure, Waiting } from '../ui/notice'

export interface QueueFilter {
  q: string
  domain: string
  sender: string
  state: string
  queue: string
  age: string
}

type Action = 'retry' | 'hold' | 'release' | 'drop' | 'bounce' | 'route' | 'queue'
const ACTIONS: Action[] = ['retry', 'hold', 'release', 'route', 'queue', 'bounce', 'drop']
/** Which way mail goes is not said by who administers domains. */
const OWNERS: Action[] = ['route', 'queue']

/** The server does some at a time, and says where to go on. */
async function act(action: Action, filter: QueueFilter, more: Record<string, unknown>): Promise<number> {
  const fits = Object.fromEntries(Object.entries(filter).filter(([, v]) => v !== ''))
  const body = { ...fits, ...(filter.age && { age: Number(filter.age) }), action, ...more }
  let count = 0
  for (let after = ''; ;) {
    const done = await call<QueueActed>('POST', '/queue-actions', { ...body, after })
    count += done.count
    if (done.next === '') return count
    after = done.next
  }
}

/** How many that would be, and for some actions where to. */
function Sure({ action, filter, onClose, onDone }: {
  action: Action, filter: QueueFilter, onClose: () => void, onDone: () => void
}) {
  const [count, setCount] = useState<number>()
  const [error, setError] = useState('')
  const [name, setName] = useState('')
  const target = action === 'route' ? { route: name } : action === 'queue' ? { to_queue: name } : {}
  useEffect(() => {
    act(action, filter, { ...target, dry_run: true }).then(setCount, (e) => setError(String(e.message ?? e)))
  }, [])
  async function go() {
    say(t('queue.act.done', { n: await act(action, filter, target) }))
    onDone()
  }
  return (
    <FormDialog title={t(`queue.act.${action}`)} act={t(`queue.act.${action}`)} ready={count !== undefined}
      danger={action === 'drop' || action === 'bounce'} onClose={onClose} onAct={go}>
      <Failure text={error} />
      {count === undefined && error === '' && <Waiting />}
      {count !== undefined && <p>{t('queue.act.count', { n: count })}</p>}
      <p>{t(`queue.act.${action}.text`)}</p>
      {(action === 'route' || action === 'queue') && (
        <TextField label={t(`queue.act.${action}.name`)} value={name} onInput={setName} autofocus />
      )}
    </FormDialog>
  )
}

/** The buttons; none while nothing is shown. */
export function QueueActs({ filter, onDone }: { filter: QueueFilter, onDone: () => void }) {
  const [action, setAction] = useState<Action>()
  return (
    <div class="toolbar" role="group" aria-label={t('queue.act')}>
      <span>{t('queue.act')}</span>
      {ACTIONS.filter((a) => mayBe('owner') || !OWNERS.includes(a)).map((a) => (
        <Button key={a} kind="quiet" onPress={() => setAction(a)}>{t(`queue.act.${a}`)}</Button>
      ))}
      {action && <Sure action={action} filter={filter} onClose={() => setAction(undefined)} onDone={onDone} />}
    </div>
  )
}
