// views/keys.tsx: the keys that sign a domain's mail (DKIM): new ones are published, made active,
// and old ones retired and removed, so that no signature is ever without its record.
import { call, part } from '../api/client'
import type { DkimKey } from '../api/types'
import { useAction, useList } from '../state/load'
import { say } from '../state/toast'
import { t, tOr } from '../text/t'
import { Button } from '../ui/button'
import { Ago } from '../ui/format'
import { Badge, Failure } from '../ui/notice'
import { Card } from '../ui/page'
import { ListTable } from '../ui/table'

/** What can be done to a key in its state. */
const NEXT = { publish: 'active', active: 'retired', retired: 'removed' } as const

/** onChange: the records of the domain are other ones now. */
export function Keys({ domain, onChange }: { domain: string, onChange: () => void }) {
  const path = `/domains/${part(domain)}/keys`
  const list = useList<DkimKey>(path)
  const action = useAction()
  const change = (what: () => Promise<unknown>) => void action.run(async () => {
    await what()
    say(t('saved'))
    list.reload()
    onChange()
  })
  const step = (k: DkimKey) => change(() => k.state === 'retired'
    ? call('DELETE', `${path}/${part(k.selector)}`)
    : call('PUT', `${path}/${part(k.selector)}`, { state: NEXT[k.state] }))
  return (
    <Card title={t('keys.title')} actions={
      <Button icon="plus" busy={action.busy} onPress={() => change(() => call('POST', path))}>{t('keys.add')}</Button>
    }>
      <p class="soft">{t('keys.text')}</p>
      <Failure text={action.error} />
      <ListTable label={t('keys.title')} list={list} id={(k) => k.selector} icon="key" empty={t('keys.empty')} columns={[
        { title: t('keys.selector'), cell: (k) => <span class="two-lines"><strong>{k.selector}</strong><small>{k.algorithm}</small></span> },
        { title: t('queue.state'), cell: (k) => <Badge state={k.state === 'active' ? 'ok' : 'none'}>{tOr(`keys.state.${k.state}`, k.state)}</Badge> },
        { title: t('made'), cell: (k) => <Ago time={k.created} />, end: true },
        {
          title: t('act'), end: true, cell: (k) => (
            <Button kind="quiet" onPress={() => step(k)}>{t(`keys.do.${NEXT[k.state]}`)}<span class="unseen"> {k.selector}</span></Button>
          ),
        },
      ]} />
    </Card>
  )
}
