// ui/notice.tsx: what is going on: waiting, failed, empty, done.
import { createContext, type ComponentChildren } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import type { State } from '../api/types'
import type { Loaded } from '../state/load'
import { t } from '../text/t'
import { Button } from './button'
import { Icon, type IconName } from './icon'

export const ICONS: Record<State, IconName> = { ok: 'check', warn: 'warn', fail: 'fail', unknown: 'dots' }

export function Notice(p: { state: State, children: ComponentChildren }) {
  return (
    <div class={`notice ${p.state}`} role={p.state === 'fail' ? 'alert' : undefined}>
      <Icon name={ICONS[p.state]} />
      <div>{p.children}</div>
    </div>
  )
}

/** How often the fields of the form around were edited. */
export const Edits = createContext(0)

/** Why something failed. In a form it goes with the next edit: it is about what was sent. */
export function Failure({ text }: { text: string }) {
  const edits = useContext(Edits)
  const since = useRef({ text: '', edits })
  if (since.current.text !== text) since.current = { text, edits }
  return text === '' || since.current.edits !== edits ? null : <Notice state="fail">{text}</Notice>
}

/** A word with a mark of its colour; the word alone says it too. */
export function Badge(p: { state: State | 'none', children: ComponentChildren }) {
  return (
    <span class={`badge ${p.state}`}>
      {p.state !== 'none' && <Icon name={ICONS[p.state]} />}
      {p.children}
    </span>
  )
}

export function StateBadge({ state }: { state: State }) {
  return <Badge state={state}>{t(`state.${state}`)}</Badge>
}

const PATIENCE_MS = 400 // what is faster needs no sign

/** True when whoever asks has been there for a while. */
function useLate(): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return late
}

/** A line along the top while something that is shown already is fetched anew. */
function Underway() {
  return useLate() ? <div class="underway" role="progressbar" aria-label={t('wait')} /> : null
}

/** Says that something runs, when it has run for half a second. */
export function Waiting({ text }: { text?: string }) {
  const shown = useLate()
  return (
    <div class="waiting" role="status">
      {shown && <><span class="spinner" aria-hidden="true" />{text ?? t('wait')}</>}
    </div>
  )
}

/** Shows what has been loaded, or that it is on its way, or why it did not come. */
export function Await<T>(p: { of: Loaded<T>, text?: string, children: (data: T) => ComponentChildren }) {
  if (p.of.data !== undefined)
    return <><Failure text={p.of.error} />{p.children(p.of.data)}{p.of.busy && <Underway />}</>
  if (p.of.error === '') return p.text ? <Waiting text={p.text} /> : <Waiting />
  return (
    <Notice state="fail">
      <p>{p.of.error}</p>
      <Button icon="refresh" busy={p.of.busy} onPress={p.of.reload}>{t('again')}</Button>
    </Notice>
  )
}

export function Empty(p: { icon: IconName, text: string, children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={p.icon} />
      <p>{p.text}</p>
      {p.children}
    </div>
  )
}
