// views/logins.tsx: who has logged in to an account, or tried to; for its user and for who
// looks after it.
import type { LoginSeen } from '../api/types'
import { useList } from '../state/load'
import { t } from '../text/t'
import { Ago } from '../ui/format'
import { Badge } from '../ui/notice'
import { ListTable } from '../ui/table'

function Result({ seen }: { seen: LoginSeen }) {
  return (
    <Badge state={seen.ok ? 'ok' : 'fail'}>
      {seen.ok ? t('login.ok') : t('login.refused')}{seen.count > 1 && ` × ${seen.count}`}
    </Badge>
  )
}

/** path: where the API has them. */
export function Logins({ path }: { path: string }) {
  const list = useList<LoginSeen>(path)
  return (
    <ListTable label={t('me.logins')} list={list} icon="person" empty={t('me.logins.empty')}
      id={(l) => `${l.time} ${l.peer} ${l.service} ${l.app_password} ${l.ok}`}
      columns={[
        { title: t('login.service'), cell: (l) => <span class="two-lines">{l.service}<small>{l.app_password || l.passkey}</small></span> },
        { title: t('login.peer'), cell: (l) => <span class="two-lines"><code>{l.peer}</code><small>{l.client}</small></span> },
        { title: t('login.result'), cell: (l) => <Result seen={l} /> },
        { title: t('time'), cell: (l) => <Ago time={l.time} />, end: true },
      ]} />
  )
}
