import { PorticoError } from "@portico/schema"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import type { CallAnswer } from "../../Kernel.ts"

/** The text of results that are shared between answers: hot nodes are written out once. */
const texts = new WeakMap<object, string>()

const textOf = (result: unknown): string => {
  if (typeof result !== "object" || result === null || !Object.isFrozen(result)) return JSON.stringify(result ?? null)
  const known = texts.get(result)
  if (known !== undefined) return known
  const text = JSON.stringify(result)
  texts.set(result, text)
  return text
}

/** Whether a result has to be streamed, which these routes do not do. */
const isStreamed = (result: unknown): boolean =>
  result instanceof Uint8Array ||
  result instanceof ReadableStream ||
  Stream.isStream(result) ||
  (typeof result === "object" && result !== null && Symbol.asyncIterator in result)

/** An answer as `{"result":…,"seq":…}`. */
export const answerText = ({ result, seq }: CallAnswer): string => {
  if (isStreamed(result)) throw PorticoError.make("NOT_IMPLEMENTED", "streamed results are not served over HTTP yet")
  return `{"result":${textOf(result)},"seq":${seq}}`
}

const json = { contentType: "application/json" }

/** Text that is JSON, as a response. */
export const jsonText = (text: string): HttpServerResponse.HttpServerResponse => HttpServerResponse.text(text, json)

/** A node as `GET /api/nodes/*` gives it. */
export const nodeText = textOf
