export { run } from "./Cli.ts"
export { ExitCode, exitCodeOf } from "./ExitCode.ts"
export { CurrentIo, type Input, type Io, type Output } from "./Io.ts"
export { formatAssignments, type JsonSchema, type ParamsProblem, parseAssignments } from "./Params.ts"
