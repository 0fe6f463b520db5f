// openapi.mjs: prints what the built server says of its API.
import { startOwned } from './harness/server.mjs'

const server = await startOwned()
process.stdout.write(await (await fetch(`${server.url}/api/openapi.json`)).text())
await server.stop()
