import * as HttpServerResponse from "effect/http/HttpServerResponse"
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

/** An answer as `{"result":…,"seq":…}`. */
export const answerText = ({ result, seq }: CallAnswer): string => `{"result":${textOf(result)},"seq":${seq}}`

const json = { contentType: "application/json" }

/** Text that is JSON, as a response. */
export const jsonText = (text: string): HttpServerResponse.HttpServerResponse => HttpServerResponse.text(text, json)

/** A node as `GET /api/nodes/*` gives it. */
export const nodeText = textOf
