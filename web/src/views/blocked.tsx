// views/blocked.tsx: addresses that may not connect for now.
import { call, part } from '../api/client'
import type { Blocked } from '../api/types'
import { useAction, useList } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { Ago } from '../ui/format'
import { Failure } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { ListTable } from '../ui/table'

export function BlockedPage() {
  const list = useList<Blocked>('/blocked')
  const action = useAction()
  const free = (b: Blocked) => void action.run(async () => {
    await call('DELETE', `/blocked/${part(b.address)}`)
    say(t('blocked.freed', { address: b.address }))
    list.reload()
  })
  return (
    <Page title={t('nav.blocked')} intro={t('blocked.intro')}>
      <Failure text={action.error} />
      <Card>
        <ListTable label={t('nav.blocked')} list={list} id={(b) => b.address} icon="block" empty={t('blocked.empty')}
          columns={[
            { title: t('blocked.address'), cell: (b) => <code>{b.address}</code> },
            { title: t('blocked.reason'), cell: (b) => b.reason },
            { title: t('blocked.since'), cell: (b) => <Ago time={b.since} />, end: true },
            { title: t('blocked.until'), cell: (b) => <Ago time={b.until} />, end: true },
            {
              title: t('act'), end: true, cell: (b) => (
                <Button kind="quiet" onPress={() => free(b)}>{t('blocked.free')}<span class="unseen"> {b.address}</span></Button>
              ),
            },
          ]} />
      </Card>
    </Page>
  )
}
