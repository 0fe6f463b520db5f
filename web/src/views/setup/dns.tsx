// views/setup/dns.tsx: step 5: the records that make mail for the domain come here.
import { useState } from 'preact/hooks'
import { get } from '../../api/client'
import type { DnsReport } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { DnsRecords } from '../dns'
import type { StepProps } from './wizard'

export function StepDns({ onDone }: StepProps) {
  const [turn, setTurn] = useState(0)
  const report = useLoad((signal) => get<DnsReport>(`/setup/dns${turn > 0 ? '?fresh=1' : ''}`, signal), [turn])
  const going = useAction()
  return (
    <>
      <p>{t('setup.dns.text')}</p>
      <DnsRecords report={report} fresh={() => setTurn(turn + 1)} />
      <div class="form-end">
        <Button kind="main" busy={going.busy} onPress={() => void going.run(onDone)}>{t('setup.next')}</Button>
      </div>
    </>
  )
}
