import { run } from "./Cli.ts"
import { processIo } from "./internal/processIo.ts"

process.exitCode = await run(process.argv.slice(2), processIo())
