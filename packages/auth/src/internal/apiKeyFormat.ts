import { randomName, randomSecret } from "./secrets.ts"

// The word in front lets secret scanners find a key that was published by mistake.
const format = /^portico_([0-9a-f]{20})_[A-Za-z0-9_-]{43}$/

/** A new key and the part of it that is not secret. */
export const makeApiKey = (): { readonly id: string; readonly key: string } => {
  const id = randomName()
  return { id, key: `${apiKeyStart(id)}${randomSecret()}` }
}

/** How the key with an id begins. */
export const apiKeyStart = (id: string): string => `portico_${id}_`

/** The id of what has the form of an API key. */
export const apiKeyId = (text: string): string | undefined => format.exec(text)?.[1]
