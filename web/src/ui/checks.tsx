// ui/checks.tsx: what the server found out, one line each, with what to do about it.
import type { Check } from '../api/types'
import { sentence, t } from '../text/t'
import { StateBadge } from './notice'

export function Checks({ checks }: { checks: Check[] }) {
  return (
    <ul class="checks">
      {checks.map((c) => (
        <li key={c.id}>
          <div class="check-head"><strong>{c.title}</strong><StateBadge state={c.state} /></div>
          {c.seen !== '' && <p><span class="soft">{t('check.seen')}</span> {c.seen}</p>}
          {c.state !== 'ok' && c.expected !== '' && <p><span class="soft">{t('check.expected')}</span> {c.expected}</p>}
          {c.state !== 'ok' && c.advice !== '' && <p class="advice">{sentence(c.advice)}</p>}
        </li>
      ))}
    </ul>
  )
}
