// views/queue.tsx: mail that waits to leave.
import { part } from '../api/client'
import type { Pause, QueueEntry } from '../api/types'
import { useList } from '../state/load'
import { useFields } from '../state/route'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { SelectField, TextField } from '../ui/field'
import { Ago, bytes } from '../ui/format'
import { Badge, Notice } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'
import { QueueActs } from './queue_act'
import { Pauses } from './queue_pauses'

const MARKS = { waiting: 'unknown', active: 'unknown', delayed: 'warn', held: 'warn' } as const
const STATES = ['', 'waiting', 'active', 'delayed', 'held'] as const
const AGES = ['', '3600', '86400', '259200'] as const

export function QueueState({ e }: { e: QueueEntry }) {
  return (
    <>
      <Badge state={MARKS[e.state]}>{t(`queue.${e.state}`)}</Badge>
      {e.paused && <Badge state="warn">{t('queue.paused')}</Badge>}
    </>
  )
}

export function QueuePage() {
  const [filter, set] = useFields(['q', 'domain', 'sender', 'state', 'queue', 'age'])
  const list = useList<QueueEntry>('/queue', filter)
  const pauses = useList<Pause>('/pauses')
  const reload = () => { list.reload(); pauses.reload() }
  const filtered = Object.values(filter).some((v) => v !== '')
  const all = pauses.data?.some((p) => p.what === 'all')
  return (
    <Page title={t('nav.queue')} intro={t('queue.intro')}
      actions={<Button icon="refresh" busy={list.busy} onPress={reload}>{t('reload')}</Button>}>
      {all && <Notice state="warn">{t('queue.all_paused')}</Notice>}
      <Card>
        <div class="filters">
          <Search label={t('queue.search')} value={filter.q} onSearch={(q) => set({ q })} />
          <Search label={t('queue.domain')} value={filter.domain} onSearch={(domain) => set({ domain })} />
          <Search label={t('queue.sender')} value={filter.sender} onSearch={(sender) => set({ sender })} />
          <SelectField label={t('queue.state')} value={filter.state} onInput={(state) => set({ state })}
            choices={STATES.map((value) => ({ value, label: value === '' ? t('all') : t(`queue.${value}`) }))} />
          <SelectField label={t('queue.age')} value={filter.age} onInput={(age) => set({ age })}
            choices={AGES.map((value) => ({ value, label: value === '' ? t('all') : t(`queue.age.${value}`) }))} />
          <TextField label={t('queue.name')} value={filter.queue} onInput={(queue) => set({ queue })} placeholder="default" />
        </div>
        {(list.data?.length ?? 0) > 0 && <QueueActs filter={filter} onDone={reload} />}
        <ListTable label={t('nav.queue')} list={list} id={(e) => e.id} icon="queue" empty={filtered ? t('queue.none_fits') : t('queue.empty')}
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
      <Pauses list={pauses} onDone={list.reload} />
    </Page>
  )
}
