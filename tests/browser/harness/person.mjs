// harness/person.mjs: what a page costs a person, by the keystroke-level model (Card, Moran and
// Newell 1980), with the waits as they were. Of words that a page shows for the first time people
// read 28 % at most (Nielsen 2008), each as fast as prose is read silently (Brysbaert 2019); no
// wait is used for reading. What it takes who reads every word is counted beside it.

export const COSTS_S = {
  key: 0.28,     // K: one character, average typist (40 words a minute)
  point: 1.1,    // P: to a target with the mouse
  click: 0.2,    // BB: press and release
  home: 0.4,     // H: hand between mouse and keyboard
  decide: 1.35,  // M: before each act
  word: 60 / 238, // of English prose, silently
}
const READ_SHARE = 0.28

const WAIT_STEP_MS = 20

export class Person {
  constructor(page, within = 'main') {
    this.page = page
    this.within = within
    this.spent = { typing: 0, pointing: 0, deciding: 0, reading: 0, waiting: 0 }
    this.words = this.keys = this.clicks = 0
    this.seen = new Set()
  }

  get seconds() {
    return Object.values(this.spent).reduce((a, b) => a + b)
  }

  /** Of somebody who reads every word. */
  get thoroughSeconds() {
    return this.seconds + this.words * COSTS_S.word * (1 - READ_SHARE)
  }

  /** Reads what is new, line by line. */
  async read() {
    const lines = (await this.page.locator(this.within).innerText()).split('\n')
    for (const line of lines.map((text) => text.trim())) {
      if (line === '' || this.seen.has(line)) continue
      this.seen.add(line)
      const words = line.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
      this.words += words
      this.spent.reading += words * COSTS_S.word * READ_SHARE
    }
  }

  async click(target) {
    await this.read()
    this.spent.deciding += COSTS_S.decide
    this.spent.pointing += COSTS_S.point + COSTS_S.click
    this.clicks += 1
    await target.click()
  }

  press(name) {
    return this.click(this.page.getByRole('button', { name, exact: true }))
  }

  check(label) {
    return this.click(this.page.getByLabel(label))
  }

  /** Into a field: to it, to the keyboard, the characters, and back to the mouse. */
  async type(label, text) {
    const field = this.page.getByLabel(label)
    await this.click(field)
    this.spent.pointing += 2 * COSTS_S.home
    this.spent.typing += [...text].length * COSTS_S.key
    this.keys += [...text].length
    await field.fill(text)
  }

  /** For something to be there, as long as it took. */
  async wait(target, timeout = 60000) {
    const began = Date.now()
    await target.waitFor({ timeout })
    const waited = Date.now() - began
    this.spent.waiting += waited > WAIT_STEP_MS ? waited / 1000 : 0
  }

  summary() {
    const parts = Object.entries(this.spent).map(([what, s]) => `${what} ${s.toFixed(1)}`)
    return `${this.seconds.toFixed(0)} s of a person's time: ${parts.join(', ')} ` +
      `(${this.words} words, ${this.keys} keys, ${this.clicks} clicks); ` +
      `${this.thoroughSeconds.toFixed(0)} s for who reads every word`
  }
}
