// views/queue.tsx: mail that waits to leave.
import { ApiError, call, part } from '../api/client'
import type { QueueEntry } from '../api/types'
import { useAction, useList } from '../state/load'
import { useFields } from '../state/route'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { SelectField } from '../ui/field'
import { Ago, bytes } from '../ui/format'
import { Badge, Failure } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

const MARKS = { waiting: 'unknown', active: 'unknown', delayed: 'warn', held: 'warn' } as const

export function QueueState({ e }: { e: QueueEntry }) {
  return <Badge state={MARKS[e.state]}>{t(`queue.${e.state}`)}</Badge>
}

/** One that has left meanwhile is no failure. */
async function retry(e: QueueEntry) {
  try {
    await call('POST', `/queue/${part(e.id)}/retry`)
  } catch (x) {
    if (!(x instanceof ApiError && x.status === 404)) throw x
  }
}

export function QueuePage() {
  const [{ q, state }, set] = useFields(['q', 'state'])
  const list = useList<QueueEntry>('/queue', { q, state })
  const trying = useAction()
  const tryAll = () => void trying.run(async () => {
    for (const e of list.data ?? []) await retry(e)
    say(t('queue.did.retry_all'))
    list.reload()
  })
  const states = ['', 'waiting', 'active', 'delayed', 'held'] as const
  return (
    <Page title={t('nav.queue')} intro={t('queue.intro')}
      actions={
        <>
          {(list.data?.length ?? 0) > 0 && <Button icon="play" busy={trying.busy} onPress={tryAll}>{t('queue.retry_all')}</Button>}
          <Button icon="refresh" busy={list.busy && !trying.busy} onPress={list.reload}>{t('reload')}</Button>
        </>
      }>
      <Failure text={trying.error} />
      <Card>
        <div class="filters">
          <Search label={t('queue.search')} value={q} onSearch={(text) => set({ q: text })} />
          <SelectField label={t('queue.state')} value={state} onInput={(v) => set({ state: v })}
            choices={states.map((value) => ({ value, label: value === '' ? t('all') : t(`queue.${value}`) }))} />
        </div>
        <ListTable label={t('nav.queue')} list={list} id={(e) => e.id} icon="queue" empty={q || state ? t('queue.none_fits') : t('queue.empty')}
          columns={[
            {
              title: t('queue.to'), cell: (e) => (
                <Link to={`/queue/${part(e.id)}`} class="two-lines">
                  <strong>{e.to.map((to) => to.address).join(', ')}</strong>
                  <small>{t('queue.from', { from: e.from || t('queue.bounce') })}</small>
                </Link>
              ),
            },
            { title: t('queue.state'), cell: (e) => <QueueState e={e} /> },
            { title: t('queue.reason'), cell: (e) => e.reason && <span class="small">{e.reason}</span> },
            { title: t('size'), cell: (e) => bytes(e.size), end: true },
            { title: t('queue.next'), cell: (e) => e.held ? '' : <Ago time={e.next} />, end: true },
          ]} />
      </Card>
    </Page>
  )
}
