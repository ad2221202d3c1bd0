import { frameworkPoint } from "./internal/frameworkPoint.ts"

/** Contributes a word to `features` of `GET /meta`, so that a client knows what it may use: `Feature.of("change-feed")`. */
export const Feature = frameworkPoint<string>("gate.features", {
  description: "What this instance can do, as GET /meta tells clients.",
  identityOf: (feature) => feature
})
