// text/t.ts: the sentences of the interface in the reader's language; so far English.
import { en } from './en'

export type Key = keyof typeof en

/** The text of a key with {name} replaced. "one thing|{n} things": the first when n is 1. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const forms = (en[key] as string).split('|')
  const form = forms.length > 1 && values.n !== 1 ? forms[1]! : forms[0]!
  return form.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** The text of a key made at run time, or what to say when there is none. */
export function tOr(key: string, otherwise: string): string {
  return key in en ? t(key as Key) : otherwise
}

/** The server's reasons and advice begin small and end bare. */
export function sentence(text: string): string {
  const ended = /[.?:]$/.test(text) ? text : text + '.'
  return ended.charAt(0).toUpperCase() + ended.slice(1)
}
