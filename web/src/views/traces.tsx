// views/traces.tsx: finding a message.
import { useState } from 'preact/hooks'
import { part } from '../api/client'
import type { State, Trace } from '../api/types'
import { useList } from '../state/load'
import { t, tOr } from '../text/t'
import { Link } from '../ui/button'
import { Ago, bytes } from '../ui/format'
import { Badge } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

const MARKS: Record<string, State> = {
  delivered: 'ok', refused: 'fail', failed: 'fail', delayed: 'warn', held: 'warn', dropped: 'warn',
}

export function recipients(m: Trace): string {
  const all = m.to.join(', ') || t('trace.nobody')
  return m.to_more > 0 ? t('trace.and_more', { all, more: m.to_more }) : all
}

export function TraceState({ state }: { state: string }) {
  return <Badge state={MARKS[state] ?? 'unknown'}>{tOr(`trace.state.${state}`, state)}</Badge>
}

export function TracesPage() {
  const [q, setQ] = useState('')
  const list = useList<Trace>('/traces', { q })
  return (
    <Page title={t('nav.traces')} intro={t('traces.intro')}>
      <Card>
        <Search label={t('traces.search')} value={q} onSearch={setQ} />
        <ListTable label={t('nav.traces')} list={list} id={(m) => m.id} icon="route" empty={t('traces.empty')}
          columns={[
            {
              title: t('trace.message'), cell: (m) => (
                <Link to={`/traces/${part(m.id)}`} class="two-lines">
                  <strong>{recipients(m)}</strong>
                  <small>{t('queue.from', { from: m.from || t('queue.bounce') })}</small>
                </Link>
              ),
            },
            { title: t('queue.state'), cell: (m) => <TraceState state={m.state} /> },
            { title: t('size'), cell: (m) => bytes(m.size), end: true },
            { title: t('time'), cell: (m) => <Ago time={m.time} />, end: true },
          ]} />
      </Card>
    </Page>
  )
}
