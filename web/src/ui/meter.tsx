// ui/meter.tsx: how much of something is used, or done.
export function Meter({ value, max, label }: { value: number, max: number, label: string }) {
  const share = max > 0 ? Math.min(1, value / max) : 0
  return (
    <div class="meter" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class={share > 0.9 ? 'full' : 'used'} width={Math.max(share * 100, value > 0 ? 1 : 0)} height="6" />
      </svg>
    </div>
  )
}

/** How far something is that goes on by itself. */
export function Progress({ value, max, label }: { value: number, max: number, label: string }) {
  const share = max > 0 ? Math.min(1, value / max) : 0
  return (
    <div class="meter" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="used" width={share * 100} height="6" />
      </svg>
    </div>
  )
}
