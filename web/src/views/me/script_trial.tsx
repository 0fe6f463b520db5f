// views/me/script_trial.tsx: what a script does with a message, line by line; nothing is changed.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { Message, ScriptAction, ScriptTrial as Trial } from '../../api/types'
import { useAction, useList } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { SelectField, TextArea } from '../../ui/field'
import { Failure, Notice } from '../../ui/notice'
import { Card } from '../../ui/page'
import { Table } from '../../ui/table'

const PASTE = ''

function words(a: ScriptAction): string {
  const what = [a.action, a.target, a.text].filter(Boolean).join(' ')
  return a.line === 0 ? t('script.try.implicit') : t('script.try.action', { line: a.line, what })
}

function Result({ trial }: { trial: Trial }) {
  return (
    <div role="status">
      {trial.error && <Notice state="fail">{t('script.try.failed', { line: trial.error_line, text: trial.error })}</Notice>}
      <h3>{t('script.try.actions')}</h3>
      <ul>{trial.actions.map((a, i) => <li key={i}>{words(a)}</li>)}</ul>
      {trial.trace.length > 0 && (
        <Table label={t('script.try.trace')} rows={trial.trace.map((s, i) => ({ ...s, i }))} id={(s) => s.i}
          columns={[
            { title: t('script.try.line'), cell: (s) => s.line },
            { title: t('script.try.word'), cell: (s) => <code>{s.word}</code> },
            { title: t('script.try.result'), cell: (s) => typeof s.result === 'boolean' ? t(s.result ? 'script.try.true' : 'script.try.false') : '' },
            { title: t('script.try.why'), cell: (s) => s.why },
          ]} />
      )}
    </div>
  )
}

export function ScriptTrial({ text }: { text: string }) {
  const messages = useList<Message>('/me/messages')
  const [message, setMessage] = useState<string | null>(null)
  const [raw, setRaw] = useState('')
  const [trial, setTrial] = useState<Trial | null>(null)
  const action = useAction()
  const chosen = message ?? messages.data?.[0]?.id ?? PASTE
  const run = () => void action.run(async () => {
    setTrial(null)
    setTrial(await call<Trial>('POST', '/me/scripts/try', chosen === PASTE ? { text, raw } : { text, message: chosen }))
  })
  return (
    <Card title={t('script.try')}>
      <p class="help">{t('script.try.intro')}</p>
      <SelectField label={t('script.try.message')} value={chosen} onInput={setMessage}
        choices={[
          ...(messages.data ?? []).map((m) => ({ value: m.id, label: `${m.subject || t('script.try.no_subject')} (${m.from})` })),
          { value: PASTE, label: t('script.try.paste') },
        ]} />
      {chosen === PASTE && <TextArea label={t('script.try.raw')} rows={8} mono value={raw} onInput={setRaw} />}
      <Failure text={action.error} />
      <div class="form-end">
        <Button icon="play" busy={action.busy} disabled={text === '' || (chosen === PASTE && raw === '')} onPress={run}>{t('script.try')}</Button>
      </div>
      {trial && <Result trial={trial} />}
    </Card>
  )
}
