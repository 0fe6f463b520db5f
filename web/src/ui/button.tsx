// ui/button.tsx: buttons and links. A busy button keeps its width and cannot be pressed again.
import type { ComponentChildren } from 'preact'
import { navigate } from '../state/route'
import { Icon, type IconName } from './icon'

interface Look {
  kind?: 'main' | 'plain' | 'quiet' | 'danger'
  icon?: IconName
  children: ComponentChildren
}

interface ButtonProps extends Look {
  onPress?: () => void
  submit?: boolean
  busy?: boolean
  disabled?: boolean
  pressed?: boolean
}

export function Button(p: ButtonProps) {
  return (
    <button type={p.submit ? 'submit' : 'button'} class={`button ${p.kind ?? 'plain'}`}
      disabled={p.disabled} aria-busy={p.busy} aria-pressed={p.pressed}
      onClick={() => p.busy || p.onPress?.()}>
      {p.busy ? <span class="spinner" aria-hidden="true" /> : p.icon && <Icon name={p.icon} />}
      <span>{p.children}</span>
    </button>
  )
}

export function IconButton(p: { icon: IconName, label: string, onPress: () => void, expanded?: boolean }) {
  return (
    <button type="button" class="icon-button" aria-label={p.label} title={p.label}
      aria-expanded={p.expanded} onClick={p.onPress}>
      <Icon name={p.icon} />
    </button>
  )
}

function follow(e: MouseEvent, to: string) {
  if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
  e.preventDefault()
  navigate(to)
}

export function Link(p: { to: string, class?: string, current?: boolean, children: ComponentChildren }) {
  return (
    <a href={p.to} class={p.class} aria-current={p.current ? 'page' : undefined}
      onClick={(e) => follow(e, p.to)}>
      {p.children}
    </a>
  )
}

export function LinkButton(p: Look & { to: string }) {
  return (
    <Link to={p.to} class={`button ${p.kind ?? 'plain'}`}>
      {p.icon && <Icon name={p.icon} />}
      <span>{p.children}</span>
    </Link>
  )
}

/** A link that the browser itself follows: a file to keep. */
export function DownloadLink(p: Look & { href: string, name?: string }) {
  return (
    <a href={p.href} download={p.name ?? ''} class={`button ${p.kind ?? 'plain'}`}>
      <Icon name="down" />
      <span>{p.children}</span>
    </a>
  )
}
