import { createHmac, timingSafeEqual } from "node:crypto"
import { PorticoError } from "@portico/schema"

/** Where a page ended. */
export type Position = ReadonlyArray<string | number>

/** Signs and reads cursors. */
export interface Cursors {
  readonly sign: (scope: string, position: Position) => string
  /** Fails with CURSOR_INVALID for a cursor that was not signed by this instance for just this scope. */
  readonly read: (scope: string, cursor: string) => Position
}

const macBytes = 16

/**
 * Cursors are `base64url(mac ‖ position)`. The mac covers a scope of callable, caller and every param but `limit`
 * and `cursor`, so a cursor works only for the call that it continues.
 */
export const makeCursors = (secret: Uint8Array): Cursors => {
  const mac = (scope: string, payload: Buffer): Buffer =>
    createHmac("sha256", secret).update(scope).update("\0").update(payload).digest().subarray(0, macBytes)

  const sign = (scope: string, position: Position): string => {
    const payload = Buffer.from(JSON.stringify(position))
    return Buffer.concat([mac(scope, payload), payload]).toString("base64url")
  }

  const read = (scope: string, cursor: string): Position => {
    const bytes = Buffer.from(cursor, "base64url")
    const payload = bytes.subarray(macBytes)
    if (bytes.length <= macBytes || !timingSafeEqual(bytes.subarray(0, macBytes), mac(scope, payload))) {
      throw PorticoError.make("CURSOR_INVALID", "the cursor does not continue this call: begin again without one")
    }
    // Signed by us, so it is what `sign` wrote.
    return JSON.parse(payload.toString()) as Position
  }
  return { sign, read }
}
