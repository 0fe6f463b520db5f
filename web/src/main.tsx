import { render } from 'preact'
render(<p>Roost</p>, document.getElementById('app')!)
