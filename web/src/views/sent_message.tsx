// views/sent_message.tsx: one message that a program has sent by the API, with all its recipients.
import { useState } from 'preact/hooks'
import { get, query } from '../api/client'
import type { Sent, SentRcpt } from '../api/types'
import { useLoad } from '../state/load'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { Ago, time } from '../ui/format'
import { Await } from '../ui/notice'
import { Card, Facts, Page } from '../ui/page'
import { Table } from '../ui/table'
import type { Parameters } from './pages'
import { sentPath, SentState, TakeBack } from './sent'

const waits = (r: SentRcpt) => r.state === 'queued' || r.state === 'delayed'

export function SentMessagePage({ parameters }: { parameters: Parameters }) {
  const account = parameters.account ?? ''
  const id = parameters.id ?? ''
  const sent = useLoad((signal) => get<Sent>(`/send/as/${sentPath(account, id)}`, signal), [account, id])
  const [taking, setTaking] = useState(false)
  return (
    <Page title={t('sent.message')} back={{ to: '/sent', label: t('nav.sent') }} actions={
      <>
        <Button icon="refresh" busy={sent.busy} onPress={sent.reload}>{t('reload')}</Button>
        {sent.data?.to.some(waits) && <Button icon="close" onPress={() => setTaking(true)}>{t('sent.take_back')}</Button>}
      </>
    }>
      <Await of={sent}>
        {(s) => (
          <>
            <Card>
              <Facts rows={[
                [t('sent.account'), account],
                [t('trace.from'), s.from],
                [t('sent.came'), time(s.created)],
                [t('sent.send_at'), s.send_at ? time(s.send_at) : t('sent.at_once')],
                [t('trace.id'), s.message_id && <Link to={`/traces${query({ q: s.message_id })}`}><code>{s.message_id}</code></Link>],
                [t('sent.tag_name'), s.tag],
              ]} />
            </Card>
            <Card title={t('sent.recipients')}>
              <Table label={t('sent.recipients')} rows={s.to} id={(r) => r.address} columns={[
                { title: t('account.address'), cell: (r) => <strong>{r.address}</strong> },
                { title: t('queue.state'), cell: (r) => <><SentState state={r.state} />{r.stopped && r.state !== 'cancelled' && <small> {t('sent.stopped')}</small>}</> },
                { title: t('history.reply'), cell: (r) => <span class="small">{r.reply}</span> },
                { title: t('sent.changed'), cell: (r) => <Ago time={r.changed} />, end: true },
              ]} />
            </Card>
          </>
        )}
      </Await>
      {taking && <TakeBack account={account} id={id} onClose={() => setTaking(false)} onDone={sent.reload} />}
    </Page>
  )
}
