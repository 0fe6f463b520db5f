// views/queue_pauses.tsx: what is let rest in the queue, and the switches for it.
import { useState } from 'preact/hooks'
import { call, query } from '../api/client'
import type { Pause } from '../api/types'
import { useAction, type Listed } from '../state/load'
import { mayBe } from '../state/session'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { SelectField, TextField } from '../ui/field'
import { Ago } from '../ui/format'
import { Failure } from '../ui/notice'
import { Card } from '../ui/page'
import { ListTable } from '../ui/table'

const WHATS = ['destination', 'queue', 'all'] as const
type What = typeof WHATS[number]

function PauseDialog({ onClose, onDone }: { onClose: () => void, onDone: () => void }) {
  const [what, setWhat] = useState<What>('destination')
  const [name, setName] = useState('')
  const [reason, setReason] = useState('')
  async function pause() {
    await call('POST', '/pauses', { what, name, reason })
    say(t('pause.done'))
    onDone()
  }
  return (
    <FormDialog title={t('pause.new')} act={t('pause.act')} onClose={onClose} onAct={pause}>
      <SelectField label={t('pause.what')} value={what} onInput={(v) => setWhat(v as What)}
        choices={WHATS.map((value) => ({ value, label: t(`pause.what.${value}`) }))} />
      {what !== 'all' && (
        <TextField label={t(`pause.name.${what}`)} value={name} onInput={setName} required mono
          help={t(`pause.name.${what}.help`)} />
      )}
      <TextField label={t('pause.reason')} value={reason} onInput={setReason} help={t('pause.reason.help')} />
    </FormDialog>
  )
}

export function Pauses({ list, onDone }: { list: Listed<Pause>, onDone: () => void }) {
  const [adding, setAdding] = useState(false)
  const action = useAction()
  const owner = mayBe('owner')
  const done = () => { list.reload(); onDone() }
  const resume = (p: Pause) => void action.run(async () => {
    await call('DELETE', `/pauses${query({ what: p.what, name: p.name })}`)
    say(t('pause.resumed'))
    done()
  })
  const what = (p: Pause) => p.what === 'all' ? t('pause.what.all') : p.name
  return (
    <Card title={t('pause.title')}
      actions={owner && <Button icon="pause" onPress={() => setAdding(true)}>{t('pause.new')}</Button>}>
      <Failure text={action.error} />
      <ListTable label={t('pause.title')} list={list} id={(p) => `${p.what} ${p.name}`} icon="pause" empty={t('pause.empty')}
        columns={[
          { title: t('pause.what'), cell: (p) => <strong>{what(p)}</strong> },
          { title: t('pause.kind'), cell: (p) => t(`pause.what.${p.what}`) },
          { title: t('pause.reason'), cell: (p) => p.reason },
          { title: t('queue.since'), cell: (p) => <Ago time={p.since} />, end: true },
          {
            title: t('act'), end: true, cell: (p) => owner && (
              <Button kind="quiet" icon="play" onPress={() => resume(p)}>{t('pause.resume')}<span class="unseen"> {what(p)}</span></Button>
            ),
          },
        ]} />
      {adding && <PauseDialog onClose={() => setAdding(false)} onDone={done} />}
    </Card>
  )
}
