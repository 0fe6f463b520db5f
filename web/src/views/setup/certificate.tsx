// views/setup/certificate.tsx: step 4: what proves to others that this server is itself.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import { useAction } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { CheckField, Form, RadioCards, SelectField, TextField } from '../../ui/field'
import { Failure, Notice } from '../../ui/notice'
import type { StepProps } from './wizard'

export function StepCertificate({ known, onDone }: StepProps) {
  const [mode, setMode] = useState('acme')
  const [email, setEmail] = useState(known.owner ?? '')
  const [challenge, setChallenge] = useState('http-01')
  const [terms, setTerms] = useState(false)
  const action = useAction()
  const save = () => void action.run(async () => {
    await call('PUT', '/setup/certificate', mode === 'acme'
      ? { mode, terms, challenge, ...(email.trim() ? { email: email.trim() } : {}) } : { mode, terms: false })
    await onDone()
  })
  return (
    <Form onSubmit={save}>
      <p>{t('setup.certificate.text')}</p>
      <RadioCards legend={t('setup.certificate')} name="certificate" value={mode} onInput={setMode} choices={[
        { value: 'acme', label: t('certificate.source.acme'), help: t('setup.acme.help') },
        { value: 'files', label: t('certificate.source.files'), help: t('setup.files.help') },
        { value: 'self', label: t('setup.self'), help: t('setup.self.help') },
      ]} />
      {mode === 'acme' && (
        <div class="indented">
          <TextField label={t('acme.email')} help={t('acme.email.help')} value={email} onInput={setEmail} inputmode="email" />
          <SelectField label={t('acme.challenge')} value={challenge} onInput={setChallenge}
            help={challenge === 'http-01' ? t('acme.http.help') : t('acme.alpn.help')}
            choices={[{ value: 'http-01', label: 'http-01' }, { value: 'tls-alpn-01', label: 'tls-alpn-01' }]} />
          <CheckField label={t('setup.terms')} checked={terms} onInput={setTerms} />
        </div>
      )}
      {mode === 'files' && <Notice state="unknown">{t('setup.files.how')} <code>ROOST_TLS_CERT</code>, <code>ROOST_TLS_KEY</code></Notice>}
      <Failure text={action.error} />
      <div class="form-end"><Button submit kind="main" busy={action.busy} disabled={mode === 'acme' && !terms}>{t('setup.next')}</Button></div>
    </Form>
  )
}
