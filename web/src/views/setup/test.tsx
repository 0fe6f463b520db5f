// views/setup/test.tsx: step 6: a message that really travels, and the end of the setup.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { Check, Session } from '../../api/types'
import { useAction } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Checks } from '../../ui/checks'
import { Form, TextField } from '../../ui/field'
import { Failure, Waiting } from '../../ui/notice'
import { enterConsole, type StepProps } from './wizard'

export function StepTest({ known }: StepProps) {
  const [to, setTo] = useState(known.owner ?? '')
  const [found, setFound] = useState<Check | null>(null)
  const sending = useAction()
  const finishing = useAction()
  const send = () => void sending.run(async () => {
    setFound(null)
    setFound(await call<Check>('POST', '/setup/test-mail', { to: to.trim() }))
  })
  const finish = () => void finishing.run(async () =>
    enterConsole(await call<Session>('POST', '/setup/finish', {})))
  return (
    <>
      <p>{t('setup.test.text')}</p>
      <Form onSubmit={send} class="form inline">
        <TextField label={t('setup.test.to')} help={t('setup.test.help')} value={to}
          onInput={(v) => { setTo(v); setFound(null) }} inputmode="email" required />
        <Button submit busy={sending.busy}>{t('setup.test.send')}</Button>
        <Failure text={sending.error} />
      </Form>
      {sending.busy && <Waiting text={t('setup.test.travels')} />}
      {found && <Checks checks={[found]} />}
      <p>{t('setup.finish.text')}</p>
      <Failure text={finishing.error} />
      <div class="form-end"><Button kind="main" busy={finishing.busy} onPress={finish}>{t('setup.finish')}</Button></div>
    </>
  )
}
