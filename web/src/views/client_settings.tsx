// views/client_settings.tsx: what a mail program has to be told; here and in setup.
import type { ClientServer, ClientSettings } from '../api/types'
import type { Loaded } from '../state/load'
import { t } from '../text/t'
import { DownloadLink } from '../ui/button'
import { CopyButton } from '../ui/copy'
import { Await } from '../ui/notice'
import { QrCode } from '../ui/qr'

function ServerFacts({ title, server }: { title: string, server: ClientServer }) {
  const rows: [string, string][] = [
    [t('client.host'), server.host], [t('client.port'), String(server.port)],
    [t('client.security'), server.security], [t('client.user'), server.user],
  ]
  return (
    <div class="client-server">
      <h3>{title}</h3>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd><code>{value}</code><CopyButton text={value} what={`${title}: ${name}`} /></dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

export function ClientSettingsView({ of, address }: { of: Loaded<ClientSettings>, address: string }) {
  return (
    <Await of={of}>
      {(c) => (
        <>
          {(c.imap || c.smtp) && <p>{t('client.text')}</p>}
          <div class="columns">
            {c.imap && <ServerFacts title={t('client.imap')} server={c.imap} />}
            {c.smtp && <ServerFacts title={t('client.smtp')} server={c.smtp} />}
          </div>
          <div class="client-apple">
            {c.qr && <QrCode svg={c.qr} label={t('client.qr')} />}
            <div>
              <h3>{t('client.apple')}</h3>
              <p>{t('client.apple.text')}</p>
              <DownloadLink href={`/apple.mobileconfig?address=${encodeURIComponent(address)}`}
                name="roost.mobileconfig">{t('client.profile')}</DownloadLink>
            </div>
          </div>
        </>
      )}
    </Await>
  )
}
