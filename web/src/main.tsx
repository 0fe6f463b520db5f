// main.tsx: starts the interface. App chooses between setup, login and the console.
import { render } from 'preact'
import { App } from './views/app'

const place = document.getElementById('app')!
place.replaceChildren() // the frame that index.html has; App begins with the same
render(<App />, place)
