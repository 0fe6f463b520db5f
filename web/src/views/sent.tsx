// views/sent.tsx: what programs have sent by the API, and taking back what waits yet.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { Sent, SentListed, State } from '../api/types'
import { useList } from '../state/load'
import { useFields } from '../state/route'
import { say } from '../state/toast'
import { t, tOr } from '../text/t'
import { Button, Link } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { SelectField } from '../ui/field'
import { Ago, count } from '../ui/format'
import { Badge } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

const STATES = ['queued', 'delayed', 'delivered', 'bounced', 'cancelled', 'dropped', 'refused'] as const
const MARKS: Record<string, State> = { delivered: 'ok', delayed: 'warn', cancelled: 'warn', dropped: 'warn', bounced: 'fail', refused: 'fail' }

export const sentPath = (account: string, id: string) => `${part(account)}/${part(id)}`

export function SentState({ state, n = 1 }: { state: string, n?: number }) {
  const word = tOr(`sent.state.${state}`, state)
  return <Badge state={MARKS[state] ?? 'unknown'}>{n > 1 ? t('sent.states', { n: count(n), state: word }) : word}</Badge>
}

export function TakeBack({ account, id, onClose, onDone }: { account: string, id: string, onClose: () => void, onDone: () => void }) {
  async function take() {
    await call<Sent>('DELETE', `/send/as/${sentPath(account, id)}`)
    say(t('sent.taken_back'))
    onDone()
  }
  return (
    <FormDialog title={t('sent.take_back')} act={t('sent.take_back')} danger onClose={onClose} onAct={take}>
      <p>{t('sent.take_back.text')}</p>
    </FormDialog>
  )
}

function States({ s }: { s: SentListed }) {
  return <ul>{STATES.filter((k) => s.states[k] > 0).map((k) => <li key={k}><SentState state={k} n={s.states[k]} /></li>)}</ul>
}

/** Those that are in the list, the last words of their servers, and how many are not. */
function Recipients({ s }: { s: SentListed }) {
  return (
    <Link to={`/sent/${sentPath(s.account, s.id)}`} class="two-lines">
      {s.to.map((r) => (
        <span key={r.address} class="two-lines">
          <span><strong>{r.address}</strong>{s.to.length > 1 && <small> {tOr(`sent.state.${r.state}`, r.state)}</small>}</span>
          {r.reply && <small>{r.reply}</small>}
        </span>
      ))}
      {s.to_more > 0 && <small>{t('sent.more', { n: s.to_more })}</small>}
    </Link>
  )
}

function When({ s }: { s: SentListed }) {
  return (
    <span class="two-lines">
      <span><Ago time={s.created} /></span>
      {s.send_at && <small>{t('sent.goes')} <Ago time={s.send_at} /></small>}
    </span>
  )
}

export function SentPage() {
  const [{ account, waiting }, set] = useFields(['account', 'waiting'])
  const list = useList<SentListed>('/sent', { account, waiting })
  const [taking, setTaking] = useState<SentListed | null>(null)
  return (
    <Page title={t('nav.sent')} intro={t('sent.intro')}
      actions={<Button icon="refresh" busy={list.busy} onPress={list.reload}>{t('reload')}</Button>}>
      <Card>
        <div class="filters">
          <Search label={t('sent.account')} value={account} onSearch={(text) => set({ account: text.trim() })} />
          <SelectField label={t('sent.show')} value={waiting} onInput={(v) => set({ waiting: v })}
            choices={[{ value: '', label: t('all') }, { value: '1', label: t('sent.show.waiting') }]} />
        </div>
        <ListTable label={t('nav.sent')} list={list} id={(s) => `${s.id} ${s.account}`} icon="queue"
          empty={account || waiting ? t('sent.none_fits') : t('sent.empty')}
          columns={[
            { title: t('sent.recipients'), cell: (s) => <Recipients s={s} /> },
            { title: t('queue.state'), cell: (s) => <States s={s} /> },
            {
              title: t('sent.account'), cell: (s) => (
                <span class="two-lines"><span>{s.account}</span>{s.tag && <small>{t('sent.tag', { tag: s.tag })}</small>}</span>
              ),
            },
            { title: t('sent.came'), cell: (s) => <When s={s} />, end: true },
            {
              title: t('act'), end: true, cell: (s) => s.states.queued + s.states.delayed > 0 && (
                <Button kind="quiet" onPress={() => setTaking(s)}>{t('sent.take_back')}<span class="unseen"> {s.to[0]?.address}</span></Button>
              ),
            },
          ]} />
      </Card>
      {taking && <TakeBack account={taking.account} id={taking.id} onClose={() => setTaking(null)} onDone={list.reload} />}
    </Page>
  )
}
