import { isPorticoError, itemsOf, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CallRequest } from "../../Kernel.ts"
import type { CallableInfo } from "../schema/types.ts"
import { jsonItems } from "../transfer/jsonItems.ts"

type Input = Stream.Stream<unknown, unknown>

/** What a call reads, as its callable wants it: items of bytes that are lines of JSON, where it reads items. */
export const inputOf = ({ contract, path }: CallableInfo, { input, inputType }: CallRequest): Input | undefined => {
  if (input === undefined) return undefined
  if (contract.input === "value") {
    throw PorticoError.make("INVALID_PARAMS", `${path} reads no stream: give it all in params`, {
      issues: [{ path: ["input"], code: "input", message: "nothing is read" }]
    })
  }
  const items = itemsOf(input)
  if (items === undefined) throw new Error("the input of a call is neither a stream nor an async iterable")
  return contract.input === "stream" && inputType !== undefined ? jsonItems(bytesOnly(path, items)) : items
}

const gives = { value: "a value", stream: "values one after another", binary: "bytes" } as const
const ways = { value: "call()", stream: "stream()", binary: "bytes()" } as const

/** Whoever means to get something else is told before anything runs. */
export const checkWants = ({ contract: { output }, path }: CallableInfo, { wants = output }: CallRequest): void => {
  if (wants === output) return
  throw PorticoError.make(
    "INVALID_PARAMS",
    `${path} gives ${gives[output]}, and was called for ${gives[wants]}: use ${ways[output]}`,
    { output, wants }
  )
}

/** What a callable of the kernel reads that reads bytes. */
export const bytesOf = ({ path }: CallableInfo, input: Input | undefined): Stream.Stream<Uint8Array, PorticoError> => {
  if (input !== undefined) return bytesOnly(path, input)
  throw PorticoError.make(
    "INVALID_PARAMS",
    `${path} reads a file: send it as the body, and path and params in the query`,
    {
      issues: [{ path: ["input"], code: "required", message: "is required" }]
    }
  )
}

const bytesOnly = (path: string, input: Input): Stream.Stream<Uint8Array, PorticoError> =>
  Stream.mapError(input, brokenOff).pipe(
    Stream.mapEffect((piece) => (piece instanceof Uint8Array ? Effect.succeed(piece) : Effect.fail(notBytes(path))))
  )

const notBytes = (path: string): PorticoError =>
  PorticoError.make("INVALID_PARAMS", `${path} reads bytes, and was given something else`, {
    issues: [{ path: ["input"], code: "bytes", message: "has to be bytes" }]
  })

const brokenOff = (cause: unknown): PorticoError =>
  isPorticoError(cause) ? cause : PorticoError.make("INVALID_BODY", "what was sent broke off")
