// views/events.tsx: the log, live, newest first.
import { useState } from 'preact/hooks'
import type { Event } from '../api/types'
import { useEvents } from '../state/events'
import { useFields } from '../state/route'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { SelectField } from '../ui/field'
import { second } from '../ui/format'
import { Empty, Failure } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'

const FILTERS = ['level', 'session', 'address', 'account'] as const

function Line({ e, onSession }: { e: Event, onSession: (id: string) => void }) {
  return (
    <li class={`event ${e.level}`}>
      <time dateTime={e.time}>{second(e.time)}</time>
      <span class="event-level">{t(`level.${e.level}`)}</span>
      <strong>{e.name}</strong>
      {e.session && <button type="button" class="event-session" onClick={() => onSession(e.session)}
        aria-label={t('events.only', { session: e.session })}>{e.session}</button>}
      <span class="event-fields">
        {Object.entries(e.fields).map(([name, value]) => (
          <span key={name}><i>{name}</i> {String(value)}</span>
        ))}
      </span>
    </li>
  )
}

export function EventsPage() {
  const [filter, change] = useFields(FILTERS)
  const [running, setRunning] = useState(true)
  const { events, error } = useEvents(filter, running)
  const levels = ['debug', 'info', 'warn', 'error'] as const
  return (
    <Page title={t('nav.events')} intro={t('events.intro')} actions={
      <Button icon={running ? 'pause' : 'play'} onPress={() => setRunning(!running)}>
        {running ? t('events.pause') : t('events.go_on')}
      </Button>
    }>
      <Card>
        <div class="filters even">
          <SelectField label={t('events.level')} value={filter.level} onInput={(level) => change({ level })}
            choices={[{ value: '', label: t('all') }, ...levels.map((value) => ({ value, label: t(`level.${value}`) }))]} />
          <Search label={t('events.session')} value={filter.session} onSearch={(session) => change({ session })} />
          <Search label={t('events.address')} value={filter.address} onSearch={(address) => change({ address })} />
          <Search label={t('events.account')} value={filter.account} onSearch={(account) => change({ account })} />
        </div>
        <Failure text={error} />
        {events.length === 0 ? <Empty icon="pulse" text={running ? t('events.waiting') : t('events.paused')} /> : (
          <ol class="events" aria-label={t('nav.events')}>
            {events.slice().reverse().map((e) => <Line key={e.seq} e={e} onSession={(session) => change({ session })} />)}
          </ol>
        )}
      </Card>
    </Page>
  )
}
