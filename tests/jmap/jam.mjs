// tests/jmap/jam.mjs SESSION-URL TOKEN TO: a whole session of a mail program made with jmap-jam:
// list, read, send, search, push. Prints what it saw as one line of JSON; an error ends it.
import { JamClient } from 'jmap-jam'

const [sessionUrl, bearerToken, to] = process.argv.slice(2)
const jam = new JamClient({ sessionUrl, bearerToken })
const accountId = await jam.getPrimaryAccount()
const seen = {}

// The mailboxes, and one page of the inbox in one request.
const [{ list: mailboxes }] = await jam.api.Mailbox.get({ accountId })
const boxes = Object.fromEntries(mailboxes.map(m => [m.role, m.id]))
const [page] = await jam.requestMany(r => {
	const query = r.Email.query({ accountId, filter: { inMailbox: boxes.inbox }, limit: 50,
		sort: [{ property: 'receivedAt', isAscending: false }], collapseThreads: true })
	const first = r.Email.get({ accountId, ids: query.$ref('/ids'), properties: ['threadId'] })
	const threads = r.Thread.get({ accountId, ids: first.$ref('/list/*/threadId') })
	const emails = r.Email.get({ accountId, ids: threads.$ref('/list/*/emailIds'),
		properties: ['subject', 'from', 'preview', 'keywords', 'receivedAt'] })
	return { query, first, threads, emails }
})
seen.subjects = page.emails.list.map(e => e.subject)

// One of them, with its text; it is then read.
const id = page.query.ids[0]
const [{ list: [email] }] = await jam.api.Email.get({ accountId, ids: [id],
	properties: ['subject', 'textBody', 'bodyValues'], fetchTextBodyValues: true })
seen.text = email.bodyValues[email.textBody[0].partId].value
const [set] = await jam.api.Email.set({ accountId, update: { [id]: { 'keywords/$seen': true } } })
seen.read = Object.keys(set.updated)

// Push: the stream of events, before something happens.
const session = await jam.session
const url = session.eventSourceUrl.replace('{types}', '*').replace('{closeafter}', 'state')
	.replace('{ping}', '0')
const events = await fetch(url, { headers: { authorization: `Bearer ${bearerToken}` } })

// A message with an attachment, from a draft to the mailbox of sent mail.
const blob = await jam.uploadBlob(accountId, new Blob(['attached'], { type: 'text/x-notes' }))
const [{ list: [identity] }] = await jam.api.Identity.get({ accountId })
const [sent] = await jam.requestMany(r => {
	const draft = r.Email.set({ accountId, create: { draft: {
		mailboxIds: { [boxes.drafts]: true }, keywords: { $draft: true, $seen: true },
		from: [{ name: identity.name, email: identity.email }], to: [{ email: to }],
		subject: 'Sent with a library', textBody: [{ partId: 'a', type: 'text/plain' }],
		bodyValues: { a: { value: 'Rare word: quixotically.\n' } },
		attachments: [{ blobId: blob.blobId, type: blob.type, name: 'notes.txt' }] } } })
	const submission = r.EmailSubmission.set({ accountId,
		create: { s: { identityId: identity.id, emailId: '#draft' } },
		onSuccessUpdateEmail: { '#s': { [`mailboxIds/${boxes.drafts}`]: null,
			[`mailboxIds/${boxes.sent}`]: true, 'keywords/$draft': null } } })
	return { draft, submission }
})
// Both responses have one call id (RFC 8621 7.5); the library keeps the later one, Email/set's.
seen.submitted = Object.keys(sent.submission.updated ?? {}).includes(sent.draft.created.draft.id)

// closeafter=state: the stream ends after one event.
const text = await events.text()
seen.changed = Object.keys(JSON.parse(text.match(/^data: (.*)$/m)[1]).changed[accountId])

// The sent message is found by a word of its text.
const [{ ids: found }] = await jam.api.Email.query({ accountId, filter: { text: 'quixotically' } })
const [{ list: hits }] = await jam.api.Email.get({ accountId, ids: found,
	properties: ['subject', 'mailboxIds', 'attachments'] })
seen.found = hits.map(e => [e.subject, boxes.sent in e.mailboxIds, e.attachments[0].name])
seen.attachment = await (await jam.downloadBlob({ accountId, blobId: hits[0].attachments[0].blobId,
	mimeType: 'text/plain', fileName: 'notes.txt' })).text()
console.log(JSON.stringify(seen))
