// views/setup/owner.tsx: step 2: the first account, which may do everything.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { Strength } from '../../api/types'
import { useAction } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Form, TextField } from '../../ui/field'
import { Failure, Notice } from '../../ui/notice'
import { PasswordField } from '../../ui/password'
import type { StepProps } from './wizard'

const GOOD = 2 // of 4

export function StepOwner({ known, onDone }: StepProps) {
  const [address, setAddress] = useState(known.owner || (known.domain ? `admin@${known.domain}` : ''))
  const [name, setName] = useState(known.owner_name ?? '')
  const [password, setPassword] = useState('')
  const [strength, setStrength] = useState<Strength | null>(null)
  const action = useAction()
  const save = () => void action.run(async () => {
    const found = await call<Strength>('PUT', '/setup/owner', { address: address.trim(), name: name.trim(), password })
    setStrength(found)
    if (found.strength >= GOOD) await onDone()
  })
  const weak = strength !== null && strength.strength < GOOD
  return (
    <Form onSubmit={save}>
      <p>{t('setup.owner.text')}</p>
      <TextField label={t('account.address')} value={address} onInput={setAddress} inputmode="email"
        autocomplete="username" required />
      <TextField label={t('account.name')} help={t('me.name.help')} value={name} onInput={setName} autocomplete="name" />
      <PasswordField label={t('login.password')} help={known.password_set ? t('setup.password.kept') : t('setup.password.help')} value={password} suggest optional={known.password_set === true}
        onInput={(v) => { setPassword(v); setStrength(null) }} />
      {weak && <Notice state="warn"><strong>{t('setup.weak')}</strong><p>{strength.advice}</p></Notice>}
      <Failure text={action.error} />
      <div class="form-end">
        <Button submit kind={weak ? 'plain' : 'main'} busy={action.busy}>{t('setup.next')}</Button>
        {weak && <Button kind="main" busy={action.busy} onPress={() => void action.run(onDone)}>{t('setup.weak.go_on')}</Button>}
      </div>
    </Form>
  )
}
