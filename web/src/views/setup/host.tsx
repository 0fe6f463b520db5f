// views/setup/host.tsx: step 1: the server's name and the first mail domain.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { Check, Checks as Found } from '../../api/types'
import { useAction } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Checks } from '../../ui/checks'
import { Form, TextField } from '../../ui/field'
import { Failure } from '../../ui/notice'
import type { StepProps } from './wizard'

export function StepHost({ known, onDone }: StepProps) {
  const [hostname, setHostname] = useState(known.hostname ?? '')
  const [domain, setDomain] = useState(known.domain ?? '')
  const [checks, setChecks] = useState<Check[] | null>(null)
  const action = useAction()
  const going = useAction()
  const change = (set: (v: string) => void) => (value: string) => {
    set(value)
    setChecks(null)
  }
  const check = () => void action.run(async () => {
    const found = await call<Found>('PUT', '/setup/host', { hostname: hostname.trim(), domain: domain.trim() })
    setChecks(found.checks)
  })
  return (
    <Form onSubmit={check}>
      <p>{t('setup.host.text')}</p>
      <TextField label={t('setup.domain')} help={t('setup.domain.help')} value={domain} onInput={change(setDomain)}
        placeholder="example.org" inputmode="url" required />
      <TextField label={t('setup.hostname')} help={t('setup.hostname.help')} value={hostname}
        onInput={change(setHostname)} placeholder="mail.example.org" inputmode="url" required />
      <Failure text={action.error} />
      {checks && <Checks checks={checks} />}
      <div class="form-end">
        <Button submit kind={checks ? 'plain' : 'main'} busy={action.busy}>{checks ? t('setup.check_again') : t('setup.check')}</Button>
        {checks && <Button kind="main" busy={going.busy} onPress={() => void going.run(onDone)}>{t('setup.next')}</Button>}
      </div>
    </Form>
  )
}
