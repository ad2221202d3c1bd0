import { type Caller, GateError, RequestOrigin } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import { Authority, type KernelService, type NodeView } from "@portico/kernel"
import { EDIT, K, Mask, type PorticoError, SHARE } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Audit } from "../audit.ts"
import type { Callers } from "../callers.ts"
import { callableIds, nodeIds } from "../delegation/areas.ts"
import { boundOf } from "../delegation/chain.ts"
import type { Refusals } from "../limits/refusals.ts"
import type { ViewTokens } from "./viewTokens.ts"

/** What a View's token is wanted for. */
export interface ViewWish {
  /** Address of the View. */
  readonly view: string
  /** Addresses of all that may be called with it. */
  readonly paths: ReadonlyArray<string>
  /** Addresses of the nodes that it reaches, with all below them; every node where they are left out. */
  readonly nodes?: ReadonlyArray<string> | undefined
  /** Seconds. */
  readonly ttl: number
}

/** A token, and whose it is. */
export interface IssuedViewToken {
  readonly id: string
  readonly view: string
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * The identities of public Views. Whoever serves one has it rendered with the View's own standing, as far as the listed
 * paths go: everybody who looks at it shares that standing, so nobody's browser gets to hold it.
 */
export interface Views {
  /** For whoever has EDIT and SHARE on the View. Fails with PERMISSION_DENIED, NOT_FOUND and INVALID_PARAMS. */
  readonly issue: (caller: Caller, wish: ViewWish) => Effect.Effect<IssuedViewToken, GateError | PorticoError>
  /** The View behind a token. Fails with UNAUTHENTICATED, and with PERMISSION_DENIED for a browser. */
  readonly authenticate: (
    token: string,
    request: HttpServerRequest.HttpServerRequest
  ) => Effect.Effect<Caller, GateError>
}

export interface ViewsOptions {
  readonly kernel: KernelService
  readonly callers: Callers
  readonly refusals: Refusals
  readonly audit: Audit
  readonly tokens: ViewTokens
  /** Of the module. Requests are authenticated before they get any module's services. */
  readonly clock: Clock.Clock
}

const refused = GateError.make("UNAUTHENTICATED", "The credential is not valid.", {
  headers: { "www-authenticate": 'Bearer error="invalid_token"' }
})
const inBrowser = GateError.make(
  "PERMISSION_DENIED",
  "A view's token is for whoever serves the view, not for browsers."
)
const unavailable = GateError.make("UNAVAILABLE", "Credentials cannot be checked just now.")
const noPublicView = GateError.make("INVALID_PARAMS", "This is no view that everybody may look at.", {
  details: { issues: [{ path: ["view"], code: "view", message: "has to be a View whose auth is public" }] }
})

/** Longest token that is looked at, in characters. */
const longest = 8_192

const needs = EDIT | SHARE

/** What no program sends by itself, and every browser does that asks for more than a page. */
const isBrowser = ({ headers }: HttpServerRequest.HttpServerRequest): boolean =>
  headers.origin !== undefined || headers["sec-fetch-site"] !== undefined

const isPublic = ({ class: ref, props }: NodeView): boolean => {
  const contract = props[K.View.contract.key]
  return ref === K.View.ref && Predicate.hasProperty(contract, "auth") && contract.auth === "public"
}

export const makeViews = (options: ViewsOptions): Views => {
  const { audit, callers, kernel, refusals, tokens } = options

  const callerOf = (
    token: string,
    request: HttpServerRequest.HttpServerRequest
  ): Effect.Effect<Caller, string | GateError | DatabaseError | PorticoError> =>
    Effect.gen(function* () {
      if (token.length > longest) return yield* Effect.fail("too long")
      const { bound, expiresAt, id, view } = yield* tokens.verify(token)
      if (isBrowser(request)) return yield* Effect.fail(inBrowser)
      const node = yield* kernel.node(`@${view}`)
      if (Option.isNone(node) || !isPublic(node.value))
        return yield* Effect.fail("its view is not there, or not public")
      const credential = { kind: "view-token", id, expiresAt }
      const caller = yield* callers.at({ identity: view, credential }, yield* kernel.seq)
      if (Option.isNone(caller)) return yield* Effect.fail("its view is not there")
      return { ...caller.value, operator: false, scope: { bounds: [bound] } }
    })

  return {
    issue: (caller, { nodes, paths, ttl, view }) =>
      Effect.gen(function* () {
        const authority = Authority.fromCaller(caller)
        const node = yield* kernel.resolve(authority, view)
        if (!Mask.has(yield* kernel.mask(authority, node.path), needs)) {
          const details = { needs: Mask.names(needs), on: node.path, phase: "resource" }
          return yield* GateError.make("PERMISSION_DENIED", `This needs ${Mask.format(needs)} on the view.`, {
            details
          })
        }
        if (!isPublic(node)) return yield* noPublicView
        const bound = boundOf({
          nodes: yield* nodeIds(kernel, authority, nodes),
          functions: yield* callableIds(kernel, authority, paths)
        })
        return { view: node.id, ...(yield* tokens.issue(node.id, bound, ttl)) }
      }),

    authenticate: (token, request) => {
      const from = RequestOrigin.of(request)
      const block = refusals.reasonNot(from)
      if (block !== undefined) return Effect.fail(block)
      const refuse = (reason: string, error: GateError) => {
        const event = { event: "credential.refused", from, details: { kind: "view-token", reason } }
        return Effect.andThen(
          Effect.andThen(Effect.ignore(audit.writeRefusal(event)), refusals.count(from)),
          Effect.fail(error)
        )
      }
      return callerOf(token, request).pipe(
        Effect.catch((error) => {
          if (typeof error === "string") return refuse(error, refused)
          if (error === inBrowser) return refuse("shown by a browser", inBrowser)
          return Effect.andThen(Effect.logError("A credential could not be checked.", error), Effect.fail(unavailable))
        }),
        Effect.provideService(Clock.Clock, options.clock)
      )
    }
  }
}
