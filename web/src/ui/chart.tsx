// ui/chart.tsx: counts over time as bars, one on the other, told apart by colour and by pattern. The
// same figures stand in a table below, for who cannot see them or wants them exactly.
import { useId, useState } from 'preact/hooks'
import { t } from '../text/t'
import { count } from './format'

export type Tone = 'tone-a' | 'tone-b' | 'tone-c'
export interface Series { name: string, tone: Tone }
/** span: the whole of what it counts, where the label is only its begin. */
export interface Point { label: string, span?: string, values: number[] }

const WIDE = 720
const NARROW = 360 // of the same height: words stay as large as beside it
const HEIGHT = 180
const LEFT = 44 // at least: there stand the numbers
const DIGIT = 6.5
const TOP = 16
const BOTTOM = 30

/** The next round number, whose half is one as well. */
export function roundUp(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)))
  for (const step of [1, 2, 3, 4, 5, 6, 8, 10]) if (n <= step * power) return Math.max(step * power, 4)
  return n
}

/** At most so many points: neighbours are added up, from the first one's time to the last one's. */
export function joined(points: Point[], max: number): Point[] {
  const size = Math.ceil(points.length / max)
  const spanOf = (p: Point) => p.span ?? p.label
  return points.filter((_, i) => i % size === 0).map((first, i) => {
    const all = points.slice(i * size, (i + 1) * size)
    return {
      label: first.label,
      span: all.length === 1 ? spanOf(first) : `${spanOf(first)} – ${spanOf(all.at(-1)!)}`,
      values: first.values.map((_, v) => all.reduce((n, p) => n + p.values[v]!, 0)),
    }
  })
}

/** What lies over a tone, for who cannot tell it from the others. */
function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}-tone-b`} width="5" height="5" patternUnits="userSpaceOnUse"><circle class="mark-dot" cx="2.500" cy="2.500" r="1.100" /></pattern>
      <pattern id={`${id}-tone-c`} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="mark-line" x1="0" y1="0" x2="0" y2="5" /></pattern>
    </defs>
  )
}

function Bars(p: { point: Point, x: number, width: number, top: number, series: Series[], dim: boolean, id: string }) {
  let y = HEIGHT - BOTTOM
  return (
    <g class={p.dim ? 'dim' : undefined}>
      {p.point.values.map((value, i) => {
        const height = value / p.top * (HEIGHT - BOTTOM - TOP)
        y -= height
        const { tone } = p.series[i]!
        const box = { x: p.x, y, width: p.width, height, rx: 1.5 }
        return <g key={i}><rect class={tone} {...box} />{tone !== 'tone-a' && <rect {...box} fill={`url(#${p.id}-${tone})`} />}</g>
      })}
    </g>
  )
}

function Axis({ top, left, width }: { top: number, left: number, width: number }) {
  const level = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
  return (
    <>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line x1={left} x2={width} y1={level(share)} y2={level(share)} />
          <text x={left - 6} y={level(share) + 4} text-anchor="end">{count(top * share)}</text>
        </g>
      ))}
    </>
  )
}

function Figures(p: ChartProps) {
  return (
    <details class="chart-figures">
      <summary>{t('chart.table')}</summary>
      <table>
        <caption class="unseen">{p.title}</caption>
        <thead><tr><th scope="col">{p.time ?? t('chart.time')}</th>{p.series.map((s) => <th key={s.name} scope="col">{s.name}</th>)}</tr></thead>
        <tbody>
          {p.points.map((point, i) => (
            <tr key={i}><th scope="row">{point.span ?? point.label}</th>{point.values.map((v, j) => <td key={j}>{count(v)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

/** time: what the labels of the points are; the time of day when absent. */
interface ChartProps { title: string, series: Series[], points: Point[], time?: string }

export function BarChart(p: ChartProps) {
  const id = useId()
  const [chosen, setChosen] = useState<number | null>(null)
  const sums = p.points.map((point) => point.values.reduce((a, b) => a + b, 0))
  const top = roundUp(Math.max(...sums, 1))
  const width = matchMedia('(max-width: 50rem)').matches ? NARROW : WIDE
  const left = Math.max(LEFT, 10 + DIGIT * count(top).length)
  const step = (width - left) / Math.max(p.points.length, 1)
  const point = chosen === null ? null : p.points[chosen]
  const every = Math.max(1, Math.ceil(p.points.length * 110 / width))
  return (
    <figure class="chart">
      <figcaption>
        <span class="legend">
          {p.series.map((s, i) => (
            <span key={s.name}><i class={s.tone} />{s.name}{point && <b> {count(point.values[i]!)}</b>}</span>
          ))}
        </span>
        <span class="chart-at">{point?.span ?? point?.label ?? ''}</span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" onPointerLeave={() => setChosen(null)}>
        <Patterns id={id} />
        <Axis top={top} left={left} width={width} />
        {p.points.map((each, i) => (
          <g key={i} onPointerEnter={() => setChosen(i)}>
            <rect class="hit" x={left + i * step} y="0" width={step} height={HEIGHT} />
            <Bars point={each} x={left + i * step + step * 0.15} width={step * 0.7} top={top}
              series={p.series} dim={chosen !== null && chosen !== i} id={id} />
            {i % every === 0 && (
              <text x={left + i * step + step / 2} y={HEIGHT - 7} text-anchor="middle">{each.label}</text>
            )}
          </g>
        ))}
      </svg>
      <Figures {...p} />
    </figure>
  )
}
