// views/me/filter_apply.tsx: filters over mail that is there already: first a preview, then the
// change. The server does a batch at a time.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { FiltersApplied, FiltersChange } from '../../api/types'
import { useAction } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Form, TextField } from '../../ui/field'
import { Failure, Notice } from '../../ui/notice'

interface Result { changes: FiltersChange[], examined: number, done: boolean }

function changeText(c: FiltersChange): string {
  return [
    c.move && t('filters.apply.move', { mailbox: c.move }),
    ...c.copy.map((mailbox) => t('filters.apply.copy', { mailbox })),
    ...c.flags.map((flag) => t('filters.apply.flag', { flag })),
  ].filter(Boolean).join(', ')
}

export function ApplyFilters({ onClose }: { onClose: () => void }) {
  const [mailbox, setMailbox] = useState('INBOX')
  const [result, setResult] = useState<Result | null>(null)
  const action = useAction()
  async function run(change: boolean) {
    const all: Result = { changes: [], examined: 0, done: change }
    for (let after = 0, first = true; first || after !== 0; first = false) {
      const part: FiltersApplied = await call('POST', '/me/filters/apply', { mailbox, change, after })
      all.changes.push(...part.messages)
      all.examined += part.examined
      after = part.next
    }
    setResult(all)
  }
  return (
    <Dialog title={t('filters.apply')} onClose={onClose}>
      <Form onSubmit={() => void action.run(() => run(false))}>
        <p>{t('filters.apply.text')}</p>
        <TextField label={t('filters.apply.mailbox')} value={mailbox} required
          onInput={(m) => { setMailbox(m); setResult(null) }} />
        <Failure text={action.error} />
        {result && (
          <Notice state="ok">
            {t(result.done ? 'filters.apply.done' : 'filters.apply.found', { count: result.changes.length, examined: result.examined })}
          </Notice>
        )}
        {result && result.changes.length > 0 && (
          <ul class="filter-changes" tabIndex={0} aria-label={t('filters.apply.changes')}>
            {result.changes.slice(0, 500).map((c) => <li key={c.uid}><strong>{c.subject}</strong> {c.from}<br />{changeText(c)}</li>)}
          </ul>
        )}
        <div class="form-end">
          <Button onPress={onClose}>{t('close')}</Button>
          <Button submit busy={action.busy}>{t('filters.apply.preview')}</Button>
          <Button kind="main" busy={action.busy} disabled={!result || result.done || result.changes.length === 0}
            onPress={() => void action.run(() => run(true))}>{t('filters.apply.act')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
