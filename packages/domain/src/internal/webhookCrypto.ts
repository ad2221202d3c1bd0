// Web Crypto only, so that a domain verifies webhooks on any web-standard host.

const encoder = new TextEncoder()

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("")

/** HMAC-SHA-256 in lower-case hex over `prefix` + `body`, keyed by the UTF-8 bytes of `secret`. */
export const hmacSha256 = async (secret: string, prefix: string, body: Uint8Array): Promise<string> => {
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign"
  ])
  const head = encoder.encode(prefix)
  const signed = new Uint8Array(head.length + body.length)
  signed.set(head)
  signed.set(body, head.length)
  return hex(await crypto.subtle.sign("HMAC", key, signed))
}

export const sha256Hex = async (body: Uint8Array): Promise<string> =>
  hex(await crypto.subtle.digest("SHA-256", Uint8Array.from(body)))

/** Takes as long for a wrong first byte as for a wrong last one. Lengths are no secret. */
export const equalInConstantTime = (left: string, right: string): boolean => {
  const a = encoder.encode(left)
  const b = encoder.encode(right)
  if (a.length !== b.length) return false
  let difference = 0
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0)
  return difference === 0
}

/** The body as text; bytes that are not UTF-8 would be replaced silently, and then two bodies had one signature. */
export const utf8OrRefuse = <E>(body: Uint8Array, refuse: (message: string) => E): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    throw refuse("The webhook's body is not UTF-8.")
  }
}
