// ui/field.tsx: form fields with label, help and error, tied together for screen readers.
import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Edits } from './notice'

interface FieldProps {
  label: string
  help?: string | undefined
  error?: string | undefined
}

function Field(p: FieldProps & { id: string, children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={p.id}>{p.label}</label>
      {p.children}
      {p.help && <p class="help" id={`${p.id}-help`}>{p.help}</p>}
      {p.error && <p class="field-error" id={`${p.id}-error`}>{p.error}</p>}
    </div>
  )
}

function described(p: FieldProps, id: string): string | undefined {
  const ids = [p.help && `${id}-help`, p.error && `${id}-error`].filter(Boolean)
  return ids.length > 0 ? ids.join(' ') : undefined
}

interface TextProps extends FieldProps {
  value: string
  onInput: (value: string) => void
  type?: 'text' | 'email' | 'password' | 'search' | 'number' | 'date' | 'datetime-local'
  autocomplete?: string
  inputmode?: 'numeric' | 'email' | 'url'
  required?: boolean
  disabled?: boolean
  placeholder?: string
  mono?: boolean
  autofocus?: boolean
}

export function TextField(p: TextProps) {
  const id = useId()
  return (
    <Field {...p} id={id}>
      <input id={id} type={(p.type ?? 'text') as 'text' /* Preact's types want it known */} value={p.value} class={p.mono ? 'mono' : undefined}
        autocomplete={p.autocomplete ?? 'off'} inputmode={p.inputmode} required={p.required}
        disabled={p.disabled} placeholder={p.placeholder} spellcheck={false} autocapitalize="none"
        aria-describedby={described(p, id)} aria-invalid={p.error ? true : undefined}
        ref={(e) => { if (p.autofocus && e && !e.dataset.focused) { e.dataset.focused = '1'; e.focus() } }}
        onInput={(e) => p.onInput(e.currentTarget.value)} />
    </Field>
  )
}

export function TextArea(p: FieldProps & { value: string, rows?: number, mono?: boolean, onInput: (v: string) => void }) {
  const id = useId()
  return (
    <Field {...p} id={id}>
      <textarea id={id} rows={p.rows ?? 4} value={p.value} spellcheck={false} class={p.mono ? 'mono' : undefined}
        aria-describedby={described(p, id)} onInput={(e) => p.onInput(e.currentTarget.value)} />
    </Field>
  )
}

export function FileField(p: FieldProps & { accept?: string, onFiles: (files: File[]) => void }) {
  const id = useId()
  return (
    <Field {...p} id={id}>
      <input id={id} type="file" multiple accept={p.accept} aria-describedby={described(p, id)}
        onChange={(e) => p.onFiles([...(e.currentTarget.files ?? [])])} />
    </Field>
  )
}

interface Choice { value: string, label: string }

export function SelectField(p: FieldProps & {
  value: string, choices: Choice[], disabled?: boolean, onInput: (v: string) => void
}) {
  const id = useId()
  return (
    <Field {...p} id={id}>
      <select id={id} value={p.value} disabled={p.disabled} aria-describedby={described(p, id)}
        onChange={(e) => p.onInput(e.currentTarget.value)}>
        {p.choices.map((c) => <option key={c.value} value={c.value}>{c.label}</option>)}
      </select>
    </Field>
  )
}

export function CheckField(p: {
  label: ComponentChildren, help?: string, checked: boolean, disabled?: boolean, onInput: (on: boolean) => void
}) {
  const id = useId()
  return (
    <div class="check-field">
      <input id={id} type="checkbox" checked={p.checked} disabled={p.disabled}
        aria-describedby={p.help ? `${id}-help` : undefined}
        onChange={(e) => p.onInput(e.currentTarget.checked)} />
      <div>
        <label for={id}>{p.label}</label>
        {p.help && <p class="help" id={`${id}-help`}>{p.help}</p>}
      </div>
    </div>
  )
}

export interface RadioChoice extends Choice { help: string }

export function RadioCards(p: {
  legend: string, name: string, value: string, choices: RadioChoice[], onInput: (v: string) => void
}) {
  return (
    <fieldset class="radio-cards">
      <legend>{p.legend}</legend>
      {p.choices.map((c) => (
        <label key={c.value} class="radio-card">
          <input type="radio" name={p.name} value={c.value} checked={p.value === c.value}
            onChange={() => p.onInput(c.value)} />
          <span><strong>{c.label}</strong><small>{c.help}</small></span>
        </label>
      ))}
    </fieldset>
  )
}

/** A form whose submission is ours: nothing is ever sent by the browser itself. */
export function Form(p: { onSubmit: () => void, class?: string, children: ComponentChildren, label?: string }) {
  const [edits, setEdits] = useState(0)
  const edited = () => setEdits((n) => n + 1)
  return (
    <form class={p.class ?? 'form'} aria-label={p.label} onInput={edited} onChange={edited}
      onSubmit={(e) => { e.preventDefault(); p.onSubmit() }}>
      <Edits.Provider value={edits}>{p.children}</Edits.Provider>
    </form>
  )
}
