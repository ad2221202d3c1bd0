import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import { type GateErrorCode, type HttpFailure, transportErrors } from "../../GateError.ts"

const codeOfStatus = new Map<number, GateErrorCode>()
for (const code of Object.keys(transportErrors)) {
  // The keys of the catalogue are its codes.
  const known = code as GateErrorCode
  const { status } = transportErrors[known]
  if (!codeOfStatus.has(status)) codeOfStatus.set(status, known)
}
codeOfStatus.set(400, "INVALID_PARAMS").set(413, "PAYLOAD_TOO_LARGE")

const decoder = new TextDecoder()

const stringOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

/**
 * The failure that an error answer of some other shape stands for, or `undefined` if its shape is to stay: it has an
 * `error` of its own (ours, or OAuth's), or is not JSON at all, like an HTML page.
 */
export const failureIn = (response: HttpServerResponse.HttpServerResponse): HttpFailure | undefined => {
  const code = codeOfStatus.get(response.status) ?? (response.status < 500 ? "INVALID_PARAMS" : "INTERNAL")
  const plain = { code, status: response.status, message: transportErrors[code].meaning }
  const { body } = response
  if (body._tag === "Empty") return plain
  if (body._tag !== "Uint8Array") return undefined
  const type = body.contentType.split(";")[0]
  const text = decoder.decode(body.body)
  if (type === "text/plain") return text === "" ? plain : { ...plain, message: text }
  if (type !== "application/json") return undefined
  return failureInJson(text, plain)
}

const failureInJson = (text: string, plain: HttpFailure): HttpFailure | undefined => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof json !== "object" || json === null) return plain
  if ("error" in json) return undefined
  const { _tag, code, message, ...rest } = { _tag: undefined, code: undefined, message: undefined, ...json }
  return {
    code: stringOf(code) ?? stringOf(_tag) ?? plain.code,
    status: plain.status,
    message: stringOf(message) ?? plain.message,
    ...(Object.keys(rest).length === 0 ? {} : { details: rest })
  }
}
