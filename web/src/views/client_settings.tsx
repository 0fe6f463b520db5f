// views/client_settings.tsx: what a mail program has to be told; here and in setup.
import { query } from '../api/client'
import type { ClientServer, ClientSettings } from '../api/types'
import type { Loaded } from '../state/load'
import { mayBe } from '../state/session'
import { t } from '../text/t'
import { DownloadLink, Link } from '../ui/button'
import { CopyIcon } from '../ui/copy'
import { Await, Notice } from '../ui/notice'
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
            <dd><code>{value}</code><CopyIcon text={value} what={t('client.copy', { what: `${title}: ${name}` })} /></dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** A server that listens to nobody outside, or on no known port, cannot be told to a program. */
function Missing({ what }: { what: string[] }) {
  if (what.length === 0) return null
  return (
    <Notice state="warn">
      <p>{t('client.missing', { what: what.join(', ') })}</p>
      <p>{mayBe('owner')
        ? <Link to={`/settings${query({ q: 'LISTEN' })}`}>{t('client.missing.owner')}</Link>
        : t('client.missing.user')}</p>
    </Notice>
  )
}

export function ClientSettingsView({ of, address }: { of: Loaded<ClientSettings>, address: string }) {
  return (
    <Await of={of}>
      {(c) => (
        <>
          <Missing what={[c.imap ? '' : t('client.imap'), c.smtp ? '' : t('client.smtp')].filter(Boolean)} />
          {(c.imap || c.smtp) && <p>{t('client.text')}</p>}
          <div class="columns">
            {c.imap && <ServerFacts title={t('client.imap')} server={c.imap} />}
            {c.smtp && <ServerFacts title={t('client.smtp')} server={c.smtp} />}
          </div>
          {c.imap && c.smtp && <div class="client-apple">
            {c.qr && <QrCode svg={c.qr} label={t('client.qr')} />}
            <div>
              <h3>{t('client.apple')}</h3>
              <p>{t('client.apple.text')}</p>
              <DownloadLink href={`/apple.mobileconfig?address=${encodeURIComponent(address)}`}
                name="roost.mobileconfig">{t('client.profile')}</DownloadLink>
            </div>
          </div>}
        </>
      )}
    </Await>
  )
}
