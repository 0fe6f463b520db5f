// harness/mail.mjs: as much SMTP as it takes to bring a message.
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/** Sends one message; login (address and password) for submission; rest: its last fields, an empty
 * line and its body. */
export async function sendMail(port, { from, to, subject, login, rest = '\r\nHello.\r\n' }) {
  const socket = connect(port, '127.0.0.1')
  const lines = createInterface(socket)[Symbol.asyncIterator]()
  async function reply(wanted) {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error('the server hung up')
      if (value[3] === '-') continue
      if (!value.startsWith(wanted)) throw new Error(value)
      return
    }
  }
  async function say(text, wanted) {
    socket.write(text + '\r\n')
    await reply(wanted)
  }
  await reply('220')
  await say('EHLO client.example.net', '250')
  if (login) {
    const secret = Buffer.from(`\0${login.address}\0${login.password}`).toString('base64')
    await say(`AUTH PLAIN ${secret}`, '235')
  }
  await say(`MAIL FROM:<${from}>`, '250')
  await say(`RCPT TO:<${to}>`, '250')
  await say('DATA', '354')
  await say(`From: <${from}>\r\nTo: <${to}>\r\nSubject: ${subject}\r\n` +
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n` +
    `Message-ID: <${Date.now()}.${Math.floor(Math.random() * 1e6)}@example.net>\r\n${rest}.`, '250')
  await say('QUIT', '221')
  socket.destroy()
}
