// ui/password.tsx: choosing a password: it can be shown, and a good one suggested.
import { useState } from 'preact/hooks'
import { t } from '../text/t'
import { Button } from './button'
import { TextField } from './field'

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789' // 32, without those that look alike

/** Four groups of five: 100 bits from the browser's own source of chance. */
function suggestion(): string {
  const chance = crypto.getRandomValues(new Uint8Array(20))
  const letters = Array.from(chance, (n) => LETTERS[n % LETTERS.length]!).join('')
  return letters.match(/.{5}/g)!.join('-')
}

export function PasswordField(p: {
  label: string, value: string, onInput: (v: string) => void, suggest?: boolean,
  help?: string, autocomplete?: string, optional?: boolean
}) {
  const [shown, setShown] = useState(false)
  return (
    <div class="password">
      <TextField label={p.label} help={p.help} value={p.value} onInput={p.onInput} required={!p.optional} mono={shown}
        type={shown ? 'text' : 'password'} autocomplete={p.autocomplete ?? 'new-password'} />
      <div class="password-tools">
        <Button kind="quiet" pressed={shown} onPress={() => setShown(!shown)}>{t('password.show')}</Button>
        {p.suggest && (
          <Button kind="quiet" onPress={() => { p.onInput(suggestion()); setShown(true) }}>{t('password.suggest')}</Button>
        )}
      </div>
    </div>
  )
}
