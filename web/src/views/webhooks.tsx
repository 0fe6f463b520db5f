// views/webhooks.tsx: programs that are told what became of mail, and whether they listen.
import type { Webhook } from '../api/types'
import { useList } from '../state/load'
import { t, tOr } from '../text/t'
import { Button, LinkButton } from '../ui/button'
import { Ago, count } from '../ui/format'
import { Badge } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { ListTable } from '../ui/table'

/** The server's counts begin with its start. */
function State({ w }: { w: Webhook }) {
  if (w.failures > 0) return <Badge state="fail">{t('webhooks.fails', { n: w.failures })}</Badge>
  if (w.told !== null) return <Badge state="ok">{t('webhooks.works')}</Badge>
  return <Badge state="unknown">{t('webhooks.untried')}</Badge>
}

function Hears({ w }: { w: Webhook }) {
  const of = [w.from && t('webhooks.of_sender', { from: w.from }), w.tag && t('webhooks.of_tag', { tag: w.tag })]
  return (
    <span class="two-lines small">
      <span>{w.events.map((e) => tOr(`webhooks.event.${e}`, e)).join(', ')}</span>
      <small>{of.filter(Boolean).join(' · ')}</small>
    </span>
  )
}

function LastFailure({ w }: { w: Webhook }) {
  if (w.failed === null) return <span class="soft">{t('webhooks.none')}</span>
  return <span class="two-lines small"><span>{w.reason}</span><small><Ago time={w.failed} /></small></span>
}

function Waits({ w }: { w: Webhook }) {
  return <span class="two-lines"><span>{count(w.waiting)}</span>{w.next && <small><Ago time={w.next} /></small>}</span>
}

export function WebhooksPage() {
  const list = useList<Webhook>('/webhooks')
  return (
    <Page title={t('nav.webhooks')} intro={t('webhooks.intro')} actions={
      <>
        <LinkButton icon="sliders" to="/settings">{t('nav.settings')}</LinkButton>
        <Button icon="refresh" busy={list.busy} onPress={list.reload}>{t('reload')}</Button>
      </>
    }>
      <Card>
        <ListTable label={t('nav.webhooks')} list={list} id={(w) => w.id} icon="out" empty={t('webhooks.empty')}
          columns={[
            {
              title: t('webhooks.name'), cell: (w) => (
                <span class="two-lines">
                  <strong>{w.name}</strong>
                  <small>{[w.site, t(w.signed ? 'webhooks.signed' : 'webhooks.unsigned')].join(' · ')}</small>
                </span>
              ),
            },
            { title: t('queue.state'), cell: (w) => <State w={w} /> },
            { title: t('webhooks.events'), cell: (w) => <Hears w={w} /> },
            { title: t('webhooks.failure'), cell: (w) => <LastFailure w={w} /> },
            { title: t('webhooks.last'), cell: (w) => <Ago time={w.told} />, end: true },
            { title: t('webhooks.waiting'), cell: (w) => <Waits w={w} />, end: true },
          ]} />
      </Card>
    </Page>
  )
}
