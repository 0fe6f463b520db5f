// views/destinations.tsx: where mail goes, where nobody answers, and what is let rest.
import { call, query } from '../api/client'
import type { Destination, Pause } from '../api/types'
import { useAction, useList } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { Ago } from '../ui/format'
import { Badge, Failure } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { ListTable } from '../ui/table'
import { Pauses } from './queue_pauses'

export function DestinationsPage() {
  const list = useList<Destination>('/destinations')
  const pauses = useList<Pause>('/pauses')
  const action = useAction()
  const reload = () => { list.reload(); pauses.reload() }
  const name = (d: Destination) => d.destination || t('queue.smarthost')
  const pause = (d: Destination) => void action.run(async () => {
    await call('POST', '/pauses', { what: 'destination', name: d.destination || 'smarthost', reason: d.reason })
    say(t('pause.done'))
    reload()
  })
  return (
    <Page title={t('nav.destinations')} intro={t('destinations.intro')}
      actions={<Button icon="refresh" busy={list.busy} onPress={reload}>{t('reload')}</Button>}>
      <Failure text={action.error} />
      <Card title={t('destinations.title')}>
        <ListTable label={t('destinations.title')} list={list} id={(d) => `${d.queue} ${d.route} ${d.destination}`} icon="route" empty={t('destinations.empty')}
          columns={[
            {
              title: t('queue.destination'), cell: (d) => (
                <Link to={`/queue${query({ domain: d.destination })}`} class="two-lines">
                  <strong>{name(d)}</strong>
                  {d.queue && <small>{t('history.queue', { queue: d.queue })}</small>}
                </Link>
              ),
            },
            {
              title: t('queue.state'), cell: (d) => d.failures > 0
                ? <Badge state="warn">{t('destinations.away')}</Badge>
                : <Badge state="ok">{t('destinations.answers')}</Badge>,
            },
            { title: t('queue.reason'), cell: (d) => <span class="small">{d.reason}</span> },
            { title: t('destinations.connections'), cell: (d) => t('destinations.of', { used: d.connections, limit: d.limit }), end: true },
            { title: t('destinations.failures'), cell: (d) => d.failures, end: true },
            { title: t('queue.next'), cell: (d) => d.next ? <Ago time={d.next} /> : '', end: true },
            {
              title: t('act'), end: true, cell: (d) => (
                <Button kind="quiet" icon="pause" onPress={() => pause(d)}>{t('pause.act')}<span class="unseen"> {name(d)}</span></Button>
              ),
            },
          ]} />
      </Card>
      <Pauses list={pauses} onDone={list.reload} />
    </Page>
  )
}
