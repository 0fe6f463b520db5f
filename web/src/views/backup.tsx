// views/backup.tsx: everything in one file.
import { t } from '../text/t'
import { DownloadLink } from '../ui/button'
import { Notice } from '../ui/notice'
import { Card, Page } from '../ui/page'

export function BackupPage() {
  return (
    <Page title={t('nav.backup')} intro={t('backup.intro')}>
      <Card title={t('backup.now')}>
        <p>{t('backup.text')}</p>
        <p><DownloadLink href="/api/backup" name="roost.backup" kind="main">{t('backup.download')}</DownloadLink></p>
        <Notice state="warn">{t('backup.secret')}</Notice>
      </Card>
      <Card title={t('backup.regular')}>
        <p>{t('backup.regular.text')}</p>
        <pre tabIndex={0}>{t('backup.command')}</pre>
        <p>{t('backup.restore')}</p>
        <pre tabIndex={0}>{t('backup.restore.command')}</pre>
      </Card>
    </Page>
  )
}
