import type { DatabaseError } from "@portico/gate/database"
import { Authority, type KernelService, type NodeView } from "@portico/kernel"
import { isPorticoError, K, PorticoError, Slug } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import { holdsCredentials, identityPaths, makeIdentity, nameOf } from "../identities.ts"
import { randomName } from "../secrets.ts"
import { type Claims, emailOf } from "./claims.ts"
import type { Invitation } from "./invitations.ts"
import { type Link, type Links, linkWithin } from "./links.ts"
import { type ProviderRefusal, refuse } from "./ProviderRefusal.ts"
import type { Provider } from "./profiles.ts"
import { filled } from "./template.ts"

/** How an account may become somebody's, besides having been linked before. */
export interface Entry {
  /** Node id of whoever is signed in and wants to link it to themselves. */
  readonly linkTo?: string | undefined
  readonly invitation?: Invitation | undefined
}

/** Turns accounts at providers into identities. */
export interface Provision {
  /** Who an account is, linked or made now if that may be. Fails with a refusal of the step `identity`. */
  readonly identityOf: (
    provider: Provider,
    claims: Claims,
    entry: Entry
  ) => Effect.Effect<
    { readonly node: NodeView; readonly link: Link; readonly how: How },
    ProviderRefusal | PorticoError | DatabaseError
  >
}

/** What came about: the account was known, somebody linked it, was invited, or is new. */
export type How = "known" | "linked" | "invited" | "made"

export interface ProvisionOptions {
  readonly kernel: KernelService
  readonly links: Links
}

/** Places that mean something to the instance before anything is there: nobody from elsewhere may be first at them. */
const reserved: ReadonlySet<string> = new Set([
  ...Object.values(identityPaths),
  "/identities/roles",
  "/identities/producers",
  "/identities/consumers",
  "/identities/everyone",
  "/identities/authenticated"
])

const shownOf = (provider: Provider, claims: Claims) => ({
  name: Result.getOrElse(filled(provider.identity.name, claims), () => claims.sub).slice(0, 200),
  email: emailOf(claims).address ?? null
})

const accountOf = (provider: Provider, claims: Claims) => ({
  issuer: claims.iss,
  subject: claims.sub,
  provider: provider.id,
  ...shownOf(provider, claims)
})

const linkedMeanwhile = PorticoError.make("CONSTRAINT_VIOLATED", "the account was linked in the meantime")

const idIn = (result: unknown): string => {
  if (Predicate.hasProperty(result, "id") && typeof result.id === "string") return result.id
  throw new Error("createNode gave no id")
}

/** The path that a template makes of claims: what stands in braces never adds a segment of its own. */
export const pathFor = (template: string, claims: Claims): Result.Result<string, string> => {
  const segments: Array<string> = []
  for (const part of template.split("/").slice(1)) {
    const text = filled(part, claims)
    if (Result.isFailure(text)) return Result.fail(`there is no claim for ${text.failure} of its path`)
    segments.push(Slug.from(text.success))
  }
  const path = `/${segments.join("/")}`
  return reserved.has(path.toLowerCase()) ? Result.fail(`${path} is reserved`) : Result.succeed(path)
}

export const makeProvision = ({ kernel, links }: ProvisionOptions): Effect.Effect<Provision> =>
  Effect.map(Semaphore.make(1), (turns) => {
    const personAt = (identity: string): Effect.Effect<NodeView, ProviderRefusal | PorticoError> =>
      Effect.flatMap(kernel.node(`@${identity}`), (found) =>
        Option.isSome(found) && holdsCredentials(found.value)
          ? Effect.succeed(found.value)
          : refuse("identity", "its identity was taken away")
      )

    /** Somebody who is here already, by an invitation or by themselves. */
    const linkUp = Effect.fnUntraced(function* (
      provider: Provider,
      claims: Claims,
      identity: string,
      invitation?: Invitation
    ) {
      const wanted = { ...accountOf(provider, claims), identity, made: false }
      const link = yield* invitation === undefined ? links.make(wanted) : links.redeem(wanted, invitation.id)
      if (link === "used") return yield* refuse("identity", "the invitation was used before")
      return link ?? (yield* refuse("identity", linkedMeanwhile.message))
    })

    const makeFolders = (path: string) =>
      Effect.forEach(
        path
          .split("/")
          .slice(2, -1)
          .map((_, index, all) => `/identities/${all.slice(0, index + 1).join("/")}`),
        (folder) =>
          makeIdentity(kernel, {
            class: K.Folder.ref,
            path: folder,
            name: folder.slice(folder.lastIndexOf("/") + 1),
            description: "Made for people who sign in elsewhere."
          }),
        { discard: true }
      )

    /** Never one that is there already: whoever may choose a name elsewhere would choose somebody's of ours. */
    const make = Effect.fnUntraced(function* (provider: Provider, claims: Claims) {
      const path = yield* pathFor(provider.identity.path, claims).pipe(
        Result.match({ onFailure: (reason) => Effect.fail(refuse("identity", reason)), onSuccess: Effect.succeed })
      )
      const { description } = provider.identity
      yield* makeFolders(path)
      const params = {
        class: K.User.ref,
        path,
        props: {
          [K.Named.name.key]: shownOf(provider, claims).name,
          ...(description === undefined
            ? {}
            : { [K.Descriptable.description.key]: Result.getOrElse(filled(description, claims), () => "") })
        }
      }
      const made = { id: randomName(), now: yield* Clock.currentTimeMillis }
      let link: Link | undefined
      // In one transaction: an identity without its account would be in the way of that account forever.
      yield* kernel
        .change(Authority.system, { path: K.Node.createNode.path, params }, (conn, result) => {
          link = linkWithin(conn, { ...accountOf(provider, claims), identity: idIn(result), made: true }, made)
          if (link === undefined) throw linkedMeanwhile
        })
        .pipe(
          Effect.catchIf(
            (error) => isPorticoError(error) && error.status < 500,
            (error) => refuse("identity", `${path} could not be made: ${error.message}`)
          )
        )
      return link ?? (yield* Effect.die(new Error(`${path} was made without its link`)))
    })

    const accept = Effect.fnUntraced(function* (provider: Provider, claims: Claims, invitation: Invitation) {
      if (invitation.provider !== undefined && invitation.provider !== provider.id) {
        return yield* refuse("identity", "the invitation is for another provider")
      }
      const node = yield* personAt(invitation.identity)
      return { node, link: yield* linkUp(provider, claims, node.id, invitation), how: "invited" as const }
    })

    const becomeKnown = Effect.fnUntraced(function* (
      provider: Provider,
      claims: Claims,
      { invitation, linkTo }: Entry
    ) {
      if (linkTo !== undefined) {
        const node = yield* personAt(linkTo)
        return { node, link: yield* linkUp(provider, claims, linkTo), how: "linked" as const }
      }
      if (invitation !== undefined && provider.provisioning !== "none") {
        return yield* accept(provider, claims, invitation)
      }
      if (provider.provisioning !== "create") return yield* refuse("identity", "it is nobody's here")
      const link = yield* make(provider, claims)
      return { node: yield* personAt(link.identity), link, how: "made" as const }
    })

    /** An identity that was made for an account is called as the account is. */
    const rename = Effect.fnUntraced(function* (node: NodeView, name: string) {
      if (nameOf(node) === name) return node
      const props = { [K.Named.name.key]: name }
      yield* kernel.call(Authority.system, { path: `@${node.id}::update`, params: { props } })
      return yield* personAt(node.id)
    })

    return {
      identityOf: (provider, claims, entry) =>
        turns.withPermit(
          Effect.gen(function* () {
            const link = yield* links.find(claims.iss, claims.sub)
            if (link === undefined) return yield* becomeKnown(provider, claims, entry)
            if (entry.linkTo !== undefined && entry.linkTo !== link.identity) {
              return yield* refuse("identity", "it is somebody else's here")
            }
            const node = yield* personAt(link.identity)
            const shown = shownOf(provider, claims)
            yield* links.used(link.id, shown)
            return { node: link.made ? yield* rename(node, shown.name) : node, link, how: "known" as const }
          })
        )
    }
  })
