// state/route.ts: where in the interface we are: the path and query of the address bar.
import { query } from '../api/client'
import { store, useStore } from './store'

const place = store(location.pathname + location.search)

addEventListener('popstate', () => place.set(location.pathname + location.search))

export function navigate(to: string, replace = false) {
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  place.set(to)
  scrollTo(0, 0)
}

export function usePlace(): URL {
  return new URL(useStore(place), location.origin)
}

/** Filters of a page live in its query string: a reload, a bookmark and the way back keep them.
 * The setter changes some and leaves the rest. */
export function useFields<N extends string>(names: readonly N[]):
  [Record<N, string>, (change: Partial<Record<N, string>>) => void] {
  const read = (from: URL) =>
    Object.fromEntries(names.map((n) => [n, from.searchParams.get(n) ?? ''])) as Record<N, string>
  function set(change: Partial<Record<N, string>>) {
    const to = location.pathname + query({ ...read(new URL(location.href)), ...change })
    history.replaceState(null, '', to)
    place.set(to)
  }
  return [read(usePlace()), set]
}

/** The parts that ":name" of the pattern stand for; null when the path does not fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/')
  const have = path.split('/')
  if (want.length !== have.length) return null
  const found: Record<string, string> = {}
  for (let i = 0; i < want.length; i++) {
    const name = want[i]!
    if (name.startsWith(':') && have[i] !== '') found[name.slice(1)] = decode(have[i]!)
    else if (name !== have[i]) return null
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
