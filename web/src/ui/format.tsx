// ui/format.tsx: numbers and times for people, in the browser's language and time zone.
import { t } from '../text/t'

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

export function bytes(n: number): string {
  let unit = 0
  while (n >= 1024 && unit < UNITS.length - 1) {
    n /= 1024
    unit++
  }
  return `${n < 10 && unit > 0 ? n.toFixed(1) : Math.round(n)} ${UNITS[unit]}`
}

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const utcDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' })
const utcDayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

const valid = (time: string | null | undefined): time is string => !!time && !isNaN(Date.parse(time))

export const date = (time: string | null | undefined) =>
  valid(time) ? dateOnly.format(new Date(time)) : t('never')
/** A day that the server counts, which is one of UTC. */
export const utcDay = (time: string | null) => valid(time) ? utcDate.format(new Date(time)) : ''
export const utcShort = (time: string | null) => valid(time) ? utcDayMonth.format(new Date(time)) : ''
export const time = (when: string | null | undefined) =>
  valid(when) ? dateTime.format(new Date(when)) : t('never')
export const second = (when: string | null) => valid(when) ? clock.format(new Date(when)) : ''
export const minute = (when: string | null) => valid(when) ? hour.format(new Date(when)) : ''

const STEPS: [Intl.RelativeTimeFormatUnit, number][] =
  [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]]

/** "5 minutes ago", "in 2 days". */
export function ago(when: string | null | undefined, now = Date.now()): string {
  if (!valid(when)) return t('never')
  const s = Math.round((Date.parse(when) - now) / 1000)
  const [unit, length] = STEPS.find(([, n]) => Math.abs(s) >= n) ?? STEPS[3]!
  return relative.format(Math.round(s / length), unit)
}

/** The same as an element that shows the exact time when pointed at. */
export function Ago({ time: when }: { time: string | null | undefined }) {
  return valid(when) ? <time dateTime={when} title={time(when)}>{ago(when)}</time> : <span class="soft">{t('never')}</span>
}

export function duration(s: number): string {
  if (s < 3600) return t('minutes', { n: Math.max(1, Math.round(s / 60)) })
  if (s < 86400 * 2) return t('hours', { n: Math.round(s / 3600) })
  return t('days', { n: Math.round(s / 86400) })
}

export const count = (n: number) => n.toLocaleString()
