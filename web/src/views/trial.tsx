// views/trial.tsx: what waits to be confirmed, above whichever page the owner comes to.
import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../state/load'
import { useStore } from '../state/store'
import { say } from '../state/toast'
import { confirmTrial, findTrial, trial, undoTrial } from '../state/trial'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { Failure, Notice } from '../ui/notice'

/** Seconds until then, counted down. */
function useLeft(until: number): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    setNow(Date.now())
    if (until <= Date.now()) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [until])
  return Math.max(0, Math.ceil((until - now) / 1000))
}

export function Trial({ onEnd }: { onEnd: () => void }) {
  const { names, until } = useStore(trial)
  const left = useLeft(until)
  const keeping = useAction()
  const undoing = useAction()
  useEffect(() => { findTrial().catch(() => {}) }, []) // the page itself says what is wrong with the server
  if (names.length === 0 || left === 0) return null
  const end = (action: typeof keeping, what: () => Promise<void>, said: string) => void action.run(async () => {
    await what()
    say(said)
    onEnd()
  })
  return (
    <Notice state="warn">
      <p>{t('trial.text', { names: names.join(', ') })}</p>
      <p>{t('trial.left', { n: left })}</p>
      <div class="actions">
        <Button kind="main" busy={keeping.busy} onPress={() => end(keeping, confirmTrial, t('trial.kept'))}>{t('trial.keep')}</Button>
        <Button busy={undoing.busy} onPress={() => end(undoing, undoTrial, t('trial.undone'))}>{t('trial.undo')}</Button>
      </div>
      <Failure text={keeping.error || undoing.error} />
    </Notice>
  )
}
