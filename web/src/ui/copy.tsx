// ui/copy.tsx: a value to take along.
import { useState } from 'preact/hooks'
import { t } from '../text/t'
import { Button, IconButton } from './button'

/** Without TLS the browser offers no clipboard; the old way works there. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch { /* not allowed: the old way may be */ }
  }
  const area = document.createElement('textarea')
  const place = document.querySelector('dialog[open]') ?? document.body
  area.value = text
  area.className = 'unseen'
  place.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}

/** What to say after a press, for a moment, and the press. */
function useCopy(text: string): [string, () => void] {
  const [said, setSaid] = useState('')
  async function press() {
    setSaid((await copy(text)) ? t('copied') : t('copy.failed'))
    setTimeout(() => setSaid(''), 2500)
  }
  return [said, () => void press()]
}

/** Only the sign, beside a value that stands in a line; what says it all. */
export function CopyIcon({ text, what }: { text: string, what: string }) {
  const [said, press] = useCopy(text)
  return (
    <>
      <IconButton icon={said ? 'check' : 'copy'} label={what} onPress={press} />
      <span class="unseen" aria-live="polite">{said}</span>
    </>
  )
}

export function CopyButton({ text, what }: { text: string, what?: string }) {
  const [said, press] = useCopy(text)
  return (
    <Button kind="quiet" icon={said ? 'check' : 'copy'} onPress={press}>
      <span aria-live="polite">{said || t('copy')}</span>
      {what && <span class="unseen"> {what}</span>}
    </Button>
  )
}

/** A value in a box with its copy button. */
export function CopyBox({ text, what }: { text: string, what: string }) {
  return (
    <div class="copy-box">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  )
}
