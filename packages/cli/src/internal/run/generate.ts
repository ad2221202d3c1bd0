import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { generate as filesOf, staleFiles, writeFiles } from "@portico/gate/generate"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import { ExitCode } from "../../ExitCode.ts"
import { CliFailure } from "../failure.ts"
import { printed, say } from "../print.ts"
import { planned } from "./plan.ts"

interface Input {
  readonly out: string
  readonly check: boolean
  readonly config: Option.Option<string>
}

const cannot = (what: string, folder: string) => (cause: PlatformError) =>
  new CliFailure({
    exit: ExitCode.failed,
    code: "FILE_SYSTEM",
    message: `cannot ${what} ${folder}: ${cause.reason._tag}`,
    next: "Name another folder with --out DIR",
    cause
  })

const isStale = (folder: string, count: number) =>
  new CliFailure({
    exit: ExitCode.failed,
    code: "GENERATED_STALE",
    message: `${count === 1 ? "1 file" : `${count} files`} in ${folder} would be written anew`,
    next: `If the change is meant: portico generate --out ${folder}`
  })

/** `portico generate [--out DIR] [--check]` */
export const generate = Effect.fnUntraced(function* ({ check, config, out }: Input) {
  const files = filesOf(yield* planned(config))
  if (check) {
    const stale = yield* Effect.mapError(staleFiles(out, files), cannot("read", out))
    yield* printed(stale, () => stale.map(({ path, problem }) => `${join(out, path)}\t${problem}\n`).join(""))
    return yield* stale.length === 0 ? say(`the files in ${out} are as they should be`) : isStale(out, stale.length)
  }
  const written = yield* Effect.mapError(writeFiles(out, files), cannot("write to", out))
  yield* printed(written, () => written.map((path) => `${join(out, path)}\n`).join(""))
  return written.length === 0 ? yield* say(`the files in ${out} were as they should be`) : undefined
}, Effect.provide(NodeFileSystem.layer))
