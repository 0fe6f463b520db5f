// views/traces.tsx: finding a message by address, message-id or time.
import { part } from '../api/client'
import type { State, Trace } from '../api/types'
import { useList } from '../state/load'
import { useFields } from '../state/route'
import { t, tOr } from '../text/t'
import { Link } from '../ui/button'
import { TextField } from '../ui/field'
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

/** A time as the field has it, in the browser's zone, as the API wants it. */
function instant(local: string): string {
  const at = new Date(local)
  return isNaN(at.getTime()) ? '' : at.toISOString()
}

export function TracesPage() {
  const [{ q, since, until }, set] = useFields(['q', 'since', 'until'])
  const list = useList<Trace>('/traces', { q, since: instant(since), until: instant(until) })
  const filtered = q !== '' || since !== '' || until !== ''
  return (
    <Page title={t('nav.traces')} intro={t('traces.intro')}>
      <Card>
        <div class="filters">
          <Search label={t('traces.search')} value={q} onSearch={(text) => set({ q: text })} />
          <TextField type="datetime-local" label={t('traces.since')} value={since} onInput={(v) => set({ since: v })} />
          <TextField type="datetime-local" label={t('traces.until')} value={until} onInput={(v) => set({ until: v })} />
        </div>
        <ListTable label={t('nav.traces')} list={list} id={(m) => m.id} icon="route"
          empty={filtered ? t('traces.empty') : t('traces.none')}
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
            { title: t('size'), cell: (m) => m.size > 0 && bytes(m.size), end: true },
            { title: t('time'), cell: (m) => <Ago time={m.time} />, end: true },
          ]} />
      </Card>
    </Page>
  )
}
