// tests/jmap/client_ts.mjs SESSION-URL TOKEN TO: a session with jmap-client-ts, which makes one call in each
// request: list, write, follow the changes, search, read. Prints one line of JSON.
import { Client } from 'jmap-client-ts'
import { FetchTransport } from 'jmap-client-ts/lib/utils/fetch-transport.js'

const [sessionUrl, token, to] = process.argv.slice(2)
const client = new Client({ sessionUrl, accessToken: token,
	transport: new FetchTransport(fetch), httpHeaders: { 'Content-Type': 'application/json' } })
await client.fetchSession()
const accountId = client.getFirstAccountId()
const seen = {}

const { list: mailboxes } = await client.mailbox_get({ accountId, ids: null })
const drafts = mailboxes.find(m => m.role === 'drafts').id
const { state } = await client.email_get({ accountId, ids: [] })
const { created } = await client.email_set({ accountId, create: { d: {
	mailboxIds: { [drafts]: true }, keywords: { $draft: true }, subject: 'From TypeScript',
	to: [{ email: to }], from: [{ email: client.getSession().username }],
	textBody: [{ partId: '1' }], bodyValues: { 1: { value: 'typed text' } } } } })
const id = created.d.id
const changes = await client.email_changes({ accountId, sinceState: state })
seen.changed = changes.created.includes(id)
const { ids } = await client.email_query({ accountId, filter: { subject: 'TypeScript' } })
seen.found = ids.includes(id)
const { list: [email] } = await client.email_get({ accountId, ids: [id],
	properties: ['subject', 'preview', 'keywords'] })
seen.email = [email.subject, email.preview, Object.keys(email.keywords)]
const made = await client.mailbox_set({ accountId, create: { m: { name: 'Typed' } } })
seen.mailbox = Object.keys(made.created)
console.log(JSON.stringify(seen))
