import type { Caller, Credential } from "@portico/gate"
import type { KernelService } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { TokenScope } from "./accessTokens.ts"
import { kindOf, nameOf } from "./identities.ts"
import { type OperatorIds, readOperators } from "./operators.ts"

/** A credential that was verified, before anybody asked whether its identity still exists. */
export interface Shown {
  /** Node id. */
  readonly identity: string
  readonly credential: Credential
  /** Missing where the credential stands for all that the identity may do. */
  readonly scope?: TokenScope | undefined
  /** Thumbprint of the key whose possession has to be shown with it. */
  readonly jkt?: string | undefined
}

/**
 * Turns credentials into callers, as the graph is at a commit. The one place where that happens: whatever kind of
 * credential is verified, it becomes a {@link Shown} first.
 */
export interface Callers {
  /** `None` where the identity does not exist (any more). `seq` is the number of a commit that was seen before. */
  readonly at: (shown: Shown, seq: number) => Effect.Effect<Option.Option<Caller>, PorticoError>
}

/** Whether a caller's credential stands for less than its identity may do. */
export const isNarrowed = ({ scope }: { readonly scope?: unknown }): boolean => scope !== undefined

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
    at: ({ identity, credential, scope }, seq) =>
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
                // Looking after the instance is beyond any area of the graph.
                operator: scope === undefined && ids.has(identity),
                credential,
                ...(scope === undefined ? undefined : { scope })
              })
            )
        })
      )
  }
}
