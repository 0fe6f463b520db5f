// ui/chart.tsx: counts over time as bars, one on the other. The same figures stand in a table
// for who cannot see them.
import { useState } from 'preact/hooks'
import { t } from '../text/t'

export interface Series { name: string, tone: string }
export interface Point { label: string, values: number[] }

const WIDE = 720
const NARROW = 360 // of the same height: words stay as large as beside it
const HEIGHT = 180
const LEFT = 44
const TOP = 16
const BOTTOM = 30

/** The next round number: 1, 2 or 5 times a power of ten. */
export function roundUp(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)))
  for (const step of [1, 2, 5, 10]) if (n <= step * power) return Math.max(step * power, 4)
  return n
}

function Bars(p: { point: Point, x: number, width: number, top: number, series: Series[], dim: boolean }) {
  let y = HEIGHT - BOTTOM
  return (
    <g class={p.dim ? 'dim' : undefined}>
      {p.point.values.map((value, i) => {
        const height = value / p.top * (HEIGHT - BOTTOM - TOP)
        y -= height
        return <rect key={i} class={p.series[i]!.tone} x={p.x} y={y} width={p.width} height={height} rx="1.500" />
      })}
    </g>
  )
}

function Axis({ top, width }: { top: number, width: number }) {
  const level = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
  return (
    <>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line x1={LEFT} x2={width} y1={level(share)} y2={level(share)} />
          <text x={LEFT - 6} y={level(share) + 4} text-anchor="end">{top * share}</text>
        </g>
      ))}
    </>
  )
}

function Figures(p: { title: string, series: Series[], points: Point[] }) {
  return (
    <div class="unseen">
      <table>
        <caption>{p.title}</caption>
        <thead><tr><th>{t('chart.time')}</th>{p.series.map((s) => <th key={s.name}>{s.name}</th>)}</tr></thead>
        <tbody>
          {p.points.map((point, i) => (
            <tr key={i}><th>{point.label}</th>{point.values.map((v, j) => <td key={j}>{v}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function BarChart(p: { title: string, series: Series[], points: Point[] }) {
  const [chosen, setChosen] = useState<number | null>(null)
  const sums = p.points.map((point) => point.values.reduce((a, b) => a + b, 0))
  const top = roundUp(Math.max(...sums, 1))
  const width = matchMedia('(max-width: 50rem)').matches ? NARROW : WIDE
  const step = (width - LEFT) / Math.max(p.points.length, 1)
  const point = chosen === null ? null : p.points[chosen]
  const every = Math.max(1, Math.ceil(p.points.length * 110 / width))
  return (
    <figure class="chart">
      <figcaption>
        <span class="legend">
          {p.series.map((s, i) => (
            <span key={s.name}><i class={s.tone} />{s.name}{point && <b> {point.values[i]}</b>}</span>
          ))}
        </span>
        <span class="chart-at">{point?.label ?? ''}</span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" onPointerLeave={() => setChosen(null)}>
        <Axis top={top} width={width} />
        {p.points.map((each, i) => (
          <g key={i} onPointerEnter={() => setChosen(i)}>
            <rect class="hit" x={LEFT + i * step} y="0" width={step} height={HEIGHT} />
            <Bars point={each} x={LEFT + i * step + step * 0.15} width={step * 0.7} top={top}
              series={p.series} dim={chosen !== null && chosen !== i} />
            {i % every === 0 && (
              <text x={LEFT + i * step + step / 2} y={HEIGHT - 7} text-anchor="middle">{each.label}</text>
            )}
          </g>
        ))}
      </svg>
      <Figures {...p} />
    </figure>
  )
}
