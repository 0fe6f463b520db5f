// api/passkey.ts: between the browser's passkeys (Web Authentication) and the server, which wants
// their bytes in base64url.
import { ApiError, call } from './client'
import type { Passkey, PasskeyAnswer, PasskeyCreation, PasskeyNew, PasskeyRequest, Session } from './types'
import { t } from '../text/t'

/** Browsers know passkeys on pages that came over TLS, and on this machine itself. */
export const passkeysWork = () => 'credentials' in navigator && 'PublicKeyCredential' in window

function toText(bytes: ArrayBuffer): string {
  const chars = Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join('')
  return btoa(chars).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
}

/** Why the browser came back without one, for a person. */
function reason(e: unknown): ApiError {
  const name = e instanceof DOMException ? e.name : ''
  if (name === 'InvalidStateError') return new ApiError(0, 'passkey', t('passkey.have'))
  if (name === 'NotAllowedError' || name === 'AbortError') return new ApiError(0, 'passkey', t('passkey.stopped'))
  if (name === 'SecurityError') return new ApiError(0, 'passkey', t('passkey.insecure'))
  return new ApiError(0, 'passkey', t('passkey.failed', { why: e instanceof Error ? e.message : String(e) }))
}

async function asked(from: Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    return await from as PublicKeyCredential
  } catch (e) {
    throw reason(e)
  }
}

/** Makes a passkey on this device and tells the server of it. */
export async function addPasskey(label: string): Promise<Passkey> {
  const wanted = await call<PasskeyCreation>('POST', '/me/passkeys/begin')
  const made = await asked(navigator.credentials.create({
    publicKey: {
      challenge: toBytes(wanted.challenge),
      rp: { id: wanted.site, name: wanted.site },
      user: { id: toBytes(wanted.user), name: wanted.name, displayName: wanted.display_name },
      pubKeyCredParams: wanted.algorithms.map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: wanted.exclude.map((id) => ({ type: 'public-key', id: toBytes(id) })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
      timeout: wanted.timeout_ms,
    },
  }))
  const response = made.response as AuthenticatorAttestationResponse
  return call<Passkey>('POST', '/me/passkeys', {
    label, client_data: toText(response.clientDataJSON), attestation: toText(response.attestationObject),
  } satisfies PasskeyNew)
}

/** Logs in with whichever passkey the person chooses; no name is asked for. */
export async function loginByPasskey(): Promise<Session> {
  const wanted = await call<PasskeyRequest>('POST', '/login/passkey/begin')
  const used = await asked(navigator.credentials.get({
    publicKey: {
      challenge: toBytes(wanted.challenge), rpId: wanted.site, userVerification: 'required',
      timeout: wanted.timeout_ms,
    },
  }))
  const response = used.response as AuthenticatorAssertionResponse
  return call<Session>('POST', '/login/passkey', {
    id: toText(used.rawId),
    user: response.userHandle ? toText(response.userHandle) : '',
    client_data: toText(response.clientDataJSON),
    authenticator_data: toText(response.authenticatorData),
    signature: toText(response.signature),
  } satisfies PasskeyAnswer)
}
