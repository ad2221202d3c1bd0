import { isPorticoError, PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type { DomainDefinition, EnvSchema } from "../Domain.ts"
import type { DepsMaker } from "../Handler.ts"
import { settle } from "./settle.ts"

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

type Env = Readonly<Record<string, string | undefined>>

/** Decodes the environment. The failure says which variables, never what they hold. */
export const makeCheckEnv =
  (origin: string, schema: EnvSchema | undefined): DomainDefinition["checkEnv"] =>
  (env: Env) => {
    if (schema === undefined) return Effect.succeed({})
    const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
    return Effect.mapError(Schema.decodeUnknownEffect(schema)(present, { errors: "all" }), (error) => {
      const variables = variablesOf(error, env)
      return PorticoError.make("UNAVAILABLE", `${origin} is not configured: ${variables.join(", ")}.`, { variables })
    })
  }

/** Names of the variables that an error is about. Its own text is left out, since it repeats values. */
const variablesOf = (error: Schema.SchemaError, env: Env): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (const { path } of issuesOf(error.issue).issues) {
    const [first] = path ?? []
    const name = String(typeof first === "object" ? first.key : (first ?? "its environment"))
    names.add(`${name} is ${env[name] === undefined ? "missing" : "not what it should be"}`)
  }
  return [...names]
}

/** Checks the environment and makes the deps; a maker that fails is UNAVAILABLE, with its cause in the log only. */
export const makeMakeDeps = (
  origin: string,
  schema: EnvSchema | undefined,
  // biome-ignore lint/suspicious/noExplicitAny: a maker takes whatever environment its domain declares
  maker: DepsMaker<any, unknown> | undefined
): DomainDefinition["makeDeps"] => {
  const checkEnv = makeCheckEnv(origin, schema)
  return (env) =>
    Effect.gen(function* () {
      const decoded = yield* checkEnv(env)
      if (maker === undefined) return undefined
      return yield* settle(() => maker(decoded)).pipe(
        Effect.catchCause((cause) => {
          const error = Cause.squash(cause)
          if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
          if (isPorticoError(error)) return Effect.fail(error)
          return Effect.andThen(
            Effect.logError(`The deps of ${origin} could not be made.`, cause),
            Effect.fail(PorticoError.make("UNAVAILABLE", `${origin} could not start what it works with.`))
          )
        })
      )
    })
}
