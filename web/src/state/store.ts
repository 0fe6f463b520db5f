// state/store.ts: a value that several views watch.
import { useEffect, useState } from 'preact/hooks'

export interface Store<T> {
  get(): T
  set(value: T): void
  watch(called: () => void): () => void
}

export function store<T>(initial: T): Store<T> {
  let value = initial
  const watchers = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      value = next
      for (const called of watchers) called()
    },
    watch(called) {
      watchers.add(called)
      return () => watchers.delete(called)
    },
  }
}

export function useStore<T>(of: Store<T>): T {
  const [value, setValue] = useState(of.get())
  useEffect(() => {
    setValue(of.get())
    return of.watch(() => setValue(of.get()))
  }, [of])
  return value
}
