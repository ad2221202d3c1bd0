/**
 * Files for those who use a product, made from its plan: OpenAPI documents, SDK metadata and a TypeScript client.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import { clientSource } from "./internal/generate/client.ts"
import { fileDocument } from "./internal/generate/documents.ts"
import { sdkMetadata } from "./internal/generate/sdk.ts"
import type { JsonObject } from "./internal/openapi/json.ts"
import { templateOf } from "./internal/openapi/operation.ts"
import type { Plan } from "./Plan.ts"

/** A file that was made and is not written yet. */
export interface GeneratedFile {
  /** Name below the folder that all of them are written to. */
  readonly path: string
  /** UTF-8, with a line break at the end. */
  readonly text: string
}

/** A generated file that is not on disk as it should be. */
export interface StaleFile {
  readonly path: string
  readonly problem: "missing" | "different"
}

const json = (value: JsonObject): string => `${JSON.stringify(value, null, 2)}\n`

/**
 * The files of a product, as values. Pure; one plan gives the same bytes on every machine and with every setting.
 *
 * - `openapi.json`, `openapi.internal.json`: OpenAPI 3.1 of the public and of the internal routes.
 * - `sdk.json`: product, modules, services, routes with their auth, features, and what modules contribute to
 *   `SdkMetadata`. Contributions made at start are not in it, since nothing is started.
 * - `client.ts`: a typed client of the public routes on `fetch`, without dependencies.
 *
 * @example
 * ```ts
 * import * as Result from "effect/Result"
 * import { Gateway } from "@portico/gate"
 * import { generate } from "@portico/gate/generate"
 *
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [] })
 * const files = generate(Result.getOrThrow(Gateway.plan(product)))
 * console.log(files.map(({ path }) => path))
 * ```
 */
export const generate = (plan: Plan): ReadonlyArray<GeneratedFile> => {
  const documents = { public: fileDocument(plan, "public"), internal: fileDocument(plan, "internal") }
  const wildcards = plan.routes.flatMap(({ path }) => (path.endsWith("/*") ? [templateOf(path).template] : []))
  return [
    { path: "client.ts", text: clientSource(documents.public, new Set(wildcards)) },
    { path: "openapi.internal.json", text: json(documents.internal) },
    { path: "openapi.json", text: json(documents.public) },
    { path: "sdk.json", text: json(sdkMetadata(plan, documents)) }
  ]
}

type Disk = FileSystem.FileSystem | Path.Path

/** Which of the files are not in the folder as they are here. Reads only. */
export const staleFiles = Effect.fn("generate.staleFiles")(function* (
  folder: string,
  files: ReadonlyArray<GeneratedFile>
): Effect.fn.Return<ReadonlyArray<StaleFile>, PlatformError, Disk> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const found = yield* Effect.forEach(files, (file) =>
    fs.readFileString(path.join(folder, file.path)).pipe(
      Effect.map(
        (text): ReadonlyArray<StaleFile> => (text === file.text ? [] : [{ path: file.path, problem: "different" }])
      ),
      Effect.catchIf(
        (error) => error.reason._tag === "NotFound",
        () => Effect.succeed<ReadonlyArray<StaleFile>>([{ path: file.path, problem: "missing" }])
      )
    )
  )
  return found.flat()
})

/** Writes those that are not there as they should be, and makes the folder if it has to. Gives what it wrote. */
export const writeFiles = Effect.fn("generate.writeFiles")(function* (
  folder: string,
  files: ReadonlyArray<GeneratedFile>
): Effect.fn.Return<ReadonlyArray<string>, PlatformError, Disk> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const stale = new Set((yield* staleFiles(folder, files)).map((file) => file.path))
  const written = files.filter((file) => stale.has(file.path))
  yield* fs.makeDirectory(folder, { recursive: true })
  yield* Effect.forEach(written, (file) => fs.writeFileString(path.join(folder, file.path), file.text))
  return written.map((file) => file.path)
})
