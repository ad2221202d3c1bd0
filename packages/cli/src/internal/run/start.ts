import * as Effect from "effect/Effect"
export const start = (_input: unknown) => Effect.void
