// views/suppressed.tsx: addresses that nothing is sent to.
import { useState } from 'preact/hooks'
import { call, part, query } from '../api/client'
import type { Suppressed } from '../api/types'
import { useAction, useList } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { TextField } from '../ui/field'
import { Ago } from '../ui/format'
import { Failure } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { ListTable } from '../ui/table'

function Add({ onClose, onDone }: { onClose: () => void, onDone: () => void }) {
  const [address, setAddress] = useState('')
  const [domain, setDomain] = useState('')
  const [days, setDays] = useState('')
  const [reason, setReason] = useState('')
  async function add() {
    await call('POST', '/suppressed', { address, reason, ...(domain && { domain }), ...(days && { days: Number(days) }) })
    say(t('suppressed.added', { address }))
    onDone()
  }
  return (
    <FormDialog title={t('suppressed.add')} act={t('suppressed.add.act')} onClose={onClose} onAct={add}>
      <TextField type="email" label={t('suppressed.address')} value={address} onInput={setAddress} required autofocus />
      <TextField label={t('suppressed.domain')} value={domain} onInput={setDomain} help={t('suppressed.domain.help')} />
      <TextField type="number" label={t('suppressed.days')} value={days} onInput={setDays} help={t('suppressed.days.help')} />
      <TextField label={t('suppressed.reason')} value={reason} onInput={setReason} help={t('suppressed.reason.help')} />
    </FormDialog>
  )
}

export function SuppressedPage() {
  const list = useList<Suppressed>('/suppressed')
  const action = useAction()
  const [adding, setAdding] = useState(false)
  const free = (s: Suppressed) => void action.run(async () => {
    await call('DELETE', `/suppressed/${part(s.address)}${query({ domain: s.domain })}`)
    say(t('suppressed.freed', { address: s.address }))
    list.reload()
  })
  return (
    <Page title={t('nav.suppressed')} intro={t('suppressed.intro')}
      actions={<Button icon="plus" onPress={() => setAdding(true)}>{t('suppressed.add')}</Button>}>
      <Failure text={action.error} />
      <Card>
        <ListTable label={t('nav.suppressed')} list={list} id={(s) => `${s.domain} ${s.address}`} icon="block" empty={t('suppressed.empty')}
          columns={[
            {
              title: t('suppressed.address'), cell: (s) => (
                <span class="two-lines">
                  <strong>{s.address}</strong>
                  <small>{s.domain ? t('suppressed.of', { domain: s.domain }) : t('suppressed.of_all')}</small>
                </span>
              ),
            },
            { title: t('suppressed.reason'), cell: (s) => <span class="small">{s.reason || (s.by_hand ? t('suppressed.by_hand') : '')}</span> },
            { title: t('suppressed.hits'), cell: (s) => s.hits, end: true },
            { title: t('queue.since'), cell: (s) => <Ago time={s.since} />, end: true },
            { title: t('suppressed.until'), cell: (s) => s.until ? <Ago time={s.until} /> : t('suppressed.for_ever'), end: true },
            {
              title: t('act'), end: true, cell: (s) => (
                <Button kind="quiet" onPress={() => free(s)}>{t('suppressed.free')}<span class="unseen"> {s.address}</span></Button>
              ),
            },
          ]} />
      </Card>
      {adding && <Add onClose={() => setAdding(false)} onDone={list.reload} />}
    </Page>
  )
}
