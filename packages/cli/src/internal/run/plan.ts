import * as Effect from "effect/Effect"
export const plan = (_input: unknown) => Effect.void
