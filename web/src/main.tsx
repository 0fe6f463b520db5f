// main.tsx: starts the interface. App chooses between setup, login and the console.
import { render } from 'preact'
import { App } from './views/app'

render(<App />, document.getElementById('app')!)
