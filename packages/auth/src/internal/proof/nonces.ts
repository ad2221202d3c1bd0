import { createHmac } from "node:crypto"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomSecret, sameBytes } from "../secrets.ts"
import { stored } from "../store.ts"

/** Milliseconds that a nonce is given out; the one before counts as well. */
export const nonceWindow = 300_000

/** Nonces that proofs have to hold (RFC 9449, section 8), so that none can be made long before it is used. */
export interface Nonces {
  /** The one that is given out now. */
  readonly current: Effect.Effect<string>
  readonly isGood: (nonce: unknown) => Effect.Effect<boolean>
}

const name = "dpop-nonces"

/** All processes on one database give out and know the same ones, also after a restart. */
export const makeNonces = ({ sql }: DatabaseService): Effect.Effect<Nonces, DatabaseError> =>
  Effect.gen(function* () {
    const value = randomSecret()
    yield* stored(sql`INSERT INTO auth_state ${sql.insert({ name, value })} ON CONFLICT (name) DO NOTHING`)
    const [row] = yield* stored(sql<{ readonly value: string }>`SELECT value FROM auth_state WHERE name = ${name}`)
    const secret = row?.value ?? value

    const at = (window: number): string =>
      createHmac("sha256", secret).update(String(window)).digest("base64url").slice(0, 22)

    const window = Effect.map(Clock.currentTimeMillis, (now) => Math.floor(now / nonceWindow))
    return {
      current: Effect.map(window, at),
      isGood: (nonce) =>
        Effect.map(
          window,
          (now) =>
            typeof nonce === "string" &&
            [now, now - 1].some((each) => sameBytes(Buffer.from(nonce), Buffer.from(at(each))))
        )
    }
  })
