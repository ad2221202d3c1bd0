import type { Caller, Credential } from "@portico/gate"
import type { KernelService } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { kindOf, nameOf } from "./identities.ts"
import { type OperatorIds, readOperators } from "./operators.ts"

/** A credential that was verified, before anybody asked whether its identity still exists. */
export interface Shown {
  /** Node id. */
  readonly identity: string
  readonly credential: Credential
}

/** Turns credentials into callers, as the graph is at a commit. */
export interface Callers {
  /** `None` where the identity does not exist (any more). `seq` is the number of a commit that was seen before. */
  readonly at: (shown: Shown, seq: number) => Effect.Effect<Option.Option<Caller>, PorticoError>
}

export const makeCallers = (kernel: KernelService): Callers => {
  // One reading of the operators serves everybody until the next commit.
  let known: { readonly seq: number; readonly ids: OperatorIds } | undefined

  const operators = (seq: number): Effect.Effect<OperatorIds, PorticoError> =>
    known?.seq === seq
      ? Effect.succeed(known.ids)
      : Effect.map(readOperators(kernel), (ids) => {
          known = { seq, ids }
          return ids
        })

  return {
    at: ({ identity, credential }, seq) =>
      Effect.flatMap(
        kernel.node(`@${identity}`),
        Option.match({
          onNone: () => Effect.succeedNone,
          onSome: (node) =>
            Effect.map(operators(seq), (ids) =>
              Option.some<Caller>({
                id: identity,
                kind: kindOf(node),
                name: nameOf(node),
                operator: ids.has(identity),
                credential
              })
            )
        })
      )
  }
}
