// views/deliveries.tsx: the history of the queue: what was delivered where, or given up, and why.
import type { Delivery } from '../api/types'
import { query } from '../api/client'
import { useList } from '../state/load'
import { useFields } from '../state/route'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { TextField } from '../ui/field'
import { Ago } from '../ui/format'
import { Badge } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

/** Where to, and how: host, address, route, queue and TLS, as far as they are known. */
function Way({ d }: { d: Delivery }) {
  const parts = [d.address, d.route && t('history.by', { route: d.route }), d.queue && t('history.queue', { queue: d.queue })]
  return (
    <span class="two-lines">
      <span>{d.host || t('history.no_host')}</span>
      <small>{[...parts, d.host && (d.tls || t('history.plain'))].filter(Boolean).join(' · ')}</small>
    </span>
  )
}

/** A day of the browser's clock, as the server takes times. */
const dayStart = (day: string) => day && new Date(`${day}T00:00:00`).toISOString()
const dayEnd = (day: string) => day && new Date(new Date(`${day}T00:00:00`).getTime() + 86400000).toISOString()

export function DeliveriesPage() {
  const [{ q, since, until }, set] = useFields(['q', 'since', 'until'])
  const list = useList<Delivery>('/deliveries', { q, since: dayStart(since), until: dayEnd(until) })
  return (
    <Page title={t('nav.deliveries')} intro={t('history.intro')}
      actions={<Button icon="refresh" busy={list.busy} onPress={list.reload}>{t('reload')}</Button>}>
      <Card>
        <div class="filters">
          <Search label={t('history.search')} value={q} onSearch={(text) => set({ q: text })} />
          <TextField type="date" label={t('history.since')} value={since} onInput={(v) => set({ since: v })} />
          <TextField type="date" label={t('history.until')} value={until} onInput={(v) => set({ until: v })} />
        </div>
        <ListTable label={t('nav.deliveries')} list={list} id={(d) => d.id} icon="book" empty={t('history.empty')}
          columns={[
            {
              title: t('queue.to'), cell: (d) => (
                <Link to={`/traces${query({ q: d.to })}`} class="two-lines">
                  <strong>{d.to}</strong>
                  <small>{t('queue.from', { from: d.from || t('queue.bounce') })}</small>
                </Link>
              ),
            },
            {
              title: t('history.result'), cell: (d) => d.delivered
                ? <Badge state="ok">{t('history.delivered')}</Badge>
                : <Badge state="fail">{t('history.failed')}</Badge>,
            },
            { title: t('history.way'), cell: (d) => <Way d={d} /> },
            { title: t('history.reply'), cell: (d) => <span class="small">{[d.code || '', d.reply].filter(Boolean).join(' ')}</span> },
            { title: t('queue.attempts'), cell: (d) => d.attempts, end: true },
            { title: t('time'), cell: (d) => <Ago time={d.time} />, end: true },
          ]} />
      </Card>
    </Page>
  )
}
