// state/load.ts: hooks for what comes from the server and what goes to it.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { get, query, type Page } from '../api/client'

export interface Loaded<T> {
  data: T | undefined
  error: string
  busy: boolean
  reload: () => void
}

function reason(e: unknown): string {
  return e instanceof Error ? e.message : String(e)
}

/** What load answers; asked again when a dependency changes, or every repeat_s seconds. The
 * last answer stays while the next one is under way. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, dependencies: unknown[],
  repeat_s = 0): Loaded<T> {
  const [state, setState] = useState<{ data?: T, error: string, busy: boolean }>(
    { error: '', busy: true })
  const [turn, setTurn] = useState(0)

  useEffect(() => {
    const abort = new AbortController()
    setState((s) => ({ ...s, busy: true }))
    load(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ data, error: '', busy: false }),
      (e) => !abort.signal.aborted && setState((s) => ({ ...s, error: reason(e), busy: false })))
    return () => abort.abort()
  }, [...dependencies, turn])
  useEffect(() => {
    if (repeat_s === 0) return
    const timer = setInterval(() => document.hidden || setTurn((n) => n + 1), repeat_s * 1000)
    return () => clearInterval(timer)
  }, [repeat_s])
  return { ...state, data: state.data, reload: useCallback(() => setTurn((n) => n + 1), []) }
}

export interface Listed<T> extends Loaded<T[]> {
  more: (() => void) | null
}

/** A list of the API, part by part: more fetches the next part. */
export function useList<T>(path: string, filter: Record<string, string> = {}): Listed<T> {
  const [extra, setExtra] = useState<T[]>([])
  const [next, setNext] = useState<string | null>(null)
  const [busyMore, setBusyMore] = useState(false)
  const [errorMore, setErrorMore] = useState('')
  const key = path + query(filter)
  const current = useRef(key)
  current.current = key
  const first = useLoad(async (signal) => {
    const page = await get<Page<T>>(key, signal)
    setExtra([])
    setNext(page.next)
    return page.items
  }, [key])

  async function more() {
    setBusyMore(true)
    try {
      const page = await get<Page<T>>(path + query({ ...filter, after: next }))
      if (current.current !== key) return
      setExtra((all) => [...all, ...page.items])
      setNext(page.next)
      setErrorMore('')
    } catch (e) {
      setErrorMore(reason(e))
    } finally {
      setBusyMore(false)
    }
  }
  return {
    data: first.data && [...first.data, ...extra],
    error: first.error || errorMore, busy: first.busy || busyMore,
    reload: first.reload, more: next === null ? null : () => void more(),
  }
}

export interface Action {
  busy: boolean
  error: string
  run: (what: () => Promise<unknown>) => Promise<boolean>
}

/** Something a person started: whether it still runs, and why it failed. */
export function useAction(): Action {
  const [state, setState] = useState({ busy: false, error: '' })
  async function run(what: () => Promise<unknown>): Promise<boolean> {
    setState({ busy: true, error: '' })
    try {
      await what()
      setState({ busy: false, error: '' })
      return true
    } catch (e) {
      setState({ busy: false, error: reason(e) })
      return false
    }
  }
  return { ...state, run }
}
