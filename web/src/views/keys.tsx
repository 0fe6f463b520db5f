// views/keys.tsx: the keys that sign a domain's mail (DKIM): new ones are published, made active,
// and old ones retired and removed, so that no signature is ever without its record.
import { useState } from 'preact/hooks'
import { call, get, part } from '../api/client'
import type { Dkim, DkimKey } from '../api/types'
import { useAction, useList, useLoad } from '../state/load'
import { say } from '../state/toast'
import { t, tOr } from '../text/t'
import { Button } from '../ui/button'
import { Ago, date, duration } from '../ui/format'
import { Badge, Failure, Notice } from '../ui/notice'
import { Card } from '../ui/page'
import { ListTable } from '../ui/table'

const LOOK_S = 30
const SOON_S = 1 // while new keys are made

/** What can be done to a key in its state. */
const NEXT = { publish: 'active', active: 'retired', retired: 'removed' } as const

/** How far the keys are that follow the present ones by themselves, and when that happens again. */
function Rotation({ of }: { of: Dkim }) {
  return (
    <>
      {of.state === 'waiting' && (
        <Notice state="unknown">
          <p>{t('keys.waiting', { keys: of.next.join(', ') })}</p>
          <p>{t(of.published ? 'keys.waiting.published' : 'keys.waiting.enter')}</p>
        </Notice>
      )}
      {of.state === 'asked' && <p>{t('keys.asked')}</p>}
      {of.state === 'rest' && <p>{of.due === null ? t('keys.by_hand') : t('keys.due', { date: date(of.due) })}</p>}
      {of.leaving.map((old) => <p key={old.selector}>{t('keys.leaving', { key: old.selector, time: duration(old.left_s) })}</p>)}
    </>
  )
}

/** onChange: the records of the domain are other ones now. */
export function Keys({ domain, onChange }: { domain: string, onChange: () => void }) {
  const path = `/domains/${part(domain)}/keys`
  const list = useList<DkimKey>(path)
  const [asked, setAsked] = useState(false)
  const rotation = useLoad(async (signal) => {
    const found = await get<Dkim>(`/domains/${part(domain)}/dkim`, signal)
    if (asked && found.state !== 'asked') list.reload()
    setAsked(found.state === 'asked')
    return found
  }, [domain], asked ? SOON_S : LOOK_S)
  const action = useAction()
  const change = (what: () => Promise<unknown>) => void action.run(async () => {
    await what()
    say(t('saved'))
    list.reload()
    rotation.reload()
    onChange()
  })
  const rotate = () => change(async () => {
    await call('POST', `/domains/${part(domain)}/dkim/rotate`)
    setAsked(true)
  })
  const step = (k: DkimKey) => change(() => k.state === 'retired'
    ? call('DELETE', `${path}/${part(k.selector)}`)
    : call('PUT', `${path}/${part(k.selector)}`, { state: NEXT[k.state] }))
  return (
    <Card title={t('keys.title')} actions={(
      <>
        <Button icon="refresh" busy={action.busy} disabled={rotation.data?.state === 'waiting'} onPress={rotate}>{t('keys.rotate')}</Button>
        <Button icon="plus" busy={action.busy} onPress={() => change(() => call('POST', path))}>{t('keys.add')}</Button>
      </>
    )}>
      {rotation.data && <Rotation of={rotation.data} />}
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
