// views/login.tsx: address and password, and the code of the second factor when there is one; or a
// passkey instead of all of them.
import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../api/client'
import { useAction } from '../state/load'
import { passkeysWork } from '../api/passkey'
import { login, loginWithPasskey } from '../state/session'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { Form, TextField } from '../ui/field'
import { Logo } from '../ui/logo'
import { Failure } from '../ui/notice'

export function LoginPage() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [wantsCode, setWantsCode] = useState(false)
  const action = useAction()
  const passkey = useAction()
  useEffect(() => { document.title = `${t('login.title')} · Roost` }, [])

  async function enter() {
    try {
      await login(name.trim(), password, code.trim())
    } catch (e) {
      if (e instanceof ApiError && e.code === 'totp_needed' && !wantsCode) setWantsCode(true)
      else throw e
    }
  }

  return (
    <main class="narrow">
      <div class="narrow-head"><Logo /><h1>{t('login.title')}</h1></div>
      <section class="card">
        <Form onSubmit={() => void action.run(enter)}>
          {wantsCode ? (
            <TextField label={t('login.code')} help={t('login.code.help')} value={code} onInput={setCode}
              autocomplete="one-time-code" required autofocus mono />
          ) : (
            <>
              <TextField label={t('login.address')} value={name} onInput={setName} inputmode="email"
                autocomplete="username" required autofocus />
              <TextField label={t('login.password')} type="password" value={password} onInput={setPassword}
                autocomplete="current-password" required />
            </>
          )}
          <Failure text={action.error} />
          <Button submit kind="main" busy={action.busy}>{t('login.enter')}</Button>
        </Form>
        {passkeysWork() && (
          <div class="form">
            <p class="soft small">{t('login.or')}</p>
            <Failure text={passkey.error} />
            <Button icon="key" busy={passkey.busy} onPress={() => void passkey.run(loginWithPasskey)}>{t('login.passkey')}</Button>
          </div>
        )}
      </section>
      <p class="soft small">{t('login.lost')} <code>roost account passwd</code></p>
    </main>
  )
}
