// state/events.ts: the server's log as it happens: each question waits until there is more.
import { useEffect, useState } from 'preact/hooks'
import { get, query } from '../api/client'
import type { Event, Events } from '../api/types'

const KEPT = 500
const WAIT_S = 20
const PAUSE_MS = 3000 // after a failure

export interface EventFilter {
  [name: string]: string
  level: string
  session: string
  address: string
  account: string
}

export function useEvents(filter: EventFilter, running: boolean): { events: Event[], error: string } {
  const [state, setState] = useState<{ events: Event[], error: string }>({ events: [], error: '' })
  const key = JSON.stringify(filter)

  useEffect(() => setState({ events: [], error: '' }), [key])
  useEffect(() => {
    if (!running) return
    const abort = new AbortController()
    void follow(filter, abort.signal, (more, error) => setState((s) => ({
      events: merge(s.events, more), error,
    })))
    return () => abort.abort()
  }, [key, running])
  return state
}

function merge(old: Event[], more: Event[]): Event[] {
  const last = old[old.length - 1]?.seq ?? -1
  return [...old, ...more.filter((e) => e.seq > last)].slice(-KEPT)
}

async function follow(filter: EventFilter, signal: AbortSignal,
  on: (more: Event[], error: string) => void) {
  let after: number | null = null
  while (!signal.aborted) {
    try {
      const answer: Events = await get<Events>(
        `/events${query({ ...filter, after, wait: after === null ? null : WAIT_S })}`, signal)
      if (signal.aborted) return
      on(answer.events, '')
      after = answer.next
    } catch (e) {
      if (signal.aborted) return
      on([], e instanceof Error ? e.message : String(e))
      await new Promise((done) => setTimeout(done, PAUSE_MS))
    }
  }
}
