// ui/pop3.tsx: what POP3 shows of an account.
import { t } from '../text/t'
import { SelectField } from './field'

export function Pop3Field({ value, onInput }: { value: string, onInput: (value: string) => void }) {
  const choices = [
    { value: 'all', label: t('pop3.all') },
    { value: 'new', label: t('pop3.new') },
    { value: 'off', label: t('pop3.off') },
  ]
  return <SelectField label={t('pop3.shows')} help={t('pop3.help')} value={value} choices={choices} onInput={onInput} />
}
