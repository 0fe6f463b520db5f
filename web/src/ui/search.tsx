// ui/search.tsx: a search box; what is typed counts a moment after the last key.
import { useEffect, useState } from 'preact/hooks'
import { TextField } from './field'

const PAUSE_MS = 300

export function Search(p: { label: string, value: string, onSearch: (text: string) => void, placeholder?: string }) {
  const [text, setText] = useState(p.value)
  useEffect(() => setText(p.value), [p.value]) // changed from elsewhere
  useEffect(() => {
    if (text === p.value) return
    const timer = setTimeout(() => p.onSearch(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div class="search">
      <TextField type="search" label={p.label} value={text} onInput={setText}
        {...(p.placeholder ? { placeholder: p.placeholder } : {})} />
    </div>
  )
}
