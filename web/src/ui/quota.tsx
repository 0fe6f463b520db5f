// ui/quota.tsx: a size in bytes, as a number that may have a fraction and a unit.
import { useState } from 'preact/hooks'
import { t } from '../text/t'
import { SelectField, TextField } from './field'

const UNITS = { MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const
type Unit = keyof typeof UNITS
const DIGITS = 3 // behind the point, of what is shown

/** The largest unit in which it is at least one. */
function unitOf(size: number): Unit {
  if (size === 0) return 'GB'
  return size >= UNITS.TB ? 'TB' : size >= UNITS.GB ? 'GB' : 'MB'
}

const shown = (size: number, unit: Unit) => size === 0 ? '' : String(Number((size / UNITS[unit]).toFixed(DIGITS)))

/** NaN for what is no size; people write a fraction with a point or a comma. */
export function sizeOf(text: string, unit: Unit): number {
  const plain = text.trim().replace(',', '.')
  return plain === '' ? 0 : /^\d+(\.\d*)?$|^\.\d+$/.test(plain) ? Math.round(Number(plain) * UNITS[unit]) : NaN
}

/** What is not edited stays exactly as it is, also a size that no unit shows whole. */
export function QuotaField({ value, onInput }: { value: number, onInput: (size: number) => void }) {
  const [unit, setUnit] = useState<Unit>(unitOf(value))
  const [text, setText] = useState(shown(value, unit))
  return (
    <div class="side-by-side">
      <TextField label={t('account.quota')} help={t('account.quota.help')} value={text} error={Number.isNaN(value) ? t('account.quota.wrong') : undefined}
        onInput={(now) => { setText(now); onInput(sizeOf(now, unit)) }} />
      <SelectField label={t('account.quota.unit')} value={unit} choices={Object.keys(UNITS).map((u) => ({ value: u, label: u }))}
        onInput={(now) => { setUnit(now as Unit); onInput(sizeOf(text, now as Unit)) }} />
    </div>
  )
}
