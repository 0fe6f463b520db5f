// views/me/programs.tsx: setting up a mail program.
import { get, query } from '../../api/client'
import type { ClientSettings } from '../../api/types'
import { useLoad } from '../../state/load'
import { session } from '../../state/session'
import { t } from '../../text/t'
import { Card, Page } from '../../ui/page'
import { ClientSettingsView } from '../client_settings'

export function ProgramsPage() {
  const address = session.get()?.address ?? ''
  const settings = useLoad((signal) => get<ClientSettings>(`/client-settings${query({ address })}`, signal), [address])
  return (
    <Page title={t('nav.programs')} intro={t('client.intro')}>
      <Card title={t('client.title')}><ClientSettingsView of={settings} address={address} /></Card>
    </Page>
  )
}
