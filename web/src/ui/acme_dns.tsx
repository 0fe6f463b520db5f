// ui/acme_dns.tsx: who sets the records of dns-01: a name server that takes updates, or a hook.
import { t } from '../text/t'
import { TextField } from './field'

export interface DnsUpdate { server: string, key_name: string, key_secret: string }

interface DnsProps {
  value: DnsUpdate
  onChange: (d: DnsUpdate) => void
  hook: string
  onHook: (url: string) => void
}

export function DnsUpdateFields({ value, onChange, hook, onHook }: DnsProps) {
  const set = (part: Partial<DnsUpdate>) => onChange({ ...value, ...part })
  return (
    <div class="indented">
      <TextField label={t('acme.dns.server')} value={value.server} onInput={(server) => set({ server })} required={hook === ''} />
      <TextField label={t('acme.dns.key_name')} value={value.key_name} onInput={(key_name) => set({ key_name })} />
      <TextField label={t('acme.dns.key_secret')} help={t('acme.dns.key_secret.help')} type="password"
        value={value.key_secret} onInput={(key_secret) => set({ key_secret })} />
      <TextField label={t('acme.hook')} help={t('acme.hook.help')} value={hook} onInput={onHook} inputmode="url" />
    </div>
  )
}
