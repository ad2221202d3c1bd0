import type { DatabaseError } from "@portico/gate/database"
import { Authority, type KernelService, type NodeView } from "@portico/kernel"
import { K, type PorticoError, Slug } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import type { Enrolment } from "../../Enrolment.ts"
import { jwkOf } from "../../TrustKey.ts"
import { makeIdentity } from "../identities.ts"
import type { IdentityKeys } from "../identityKeys/identityKeys.ts"
import type { Admitted, Refusal } from "./admit.ts"
import type { TrustStore } from "./trustStore.ts"

/** Where the Services of those are who came in, and the Roles that credentials can name. */
const folders = { producer: "/identities/producers", consumer: "/identities/consumers" } as const
const roles = "/identities/roles"

/** Turns somebody who was admitted into an identity. */
export interface Enrolled {
  /** The Service, made if need be, with its roles and its key. */
  readonly identityOf: (
    admitted: Admitted
  ) => Effect.Effect<{ readonly id: string; readonly path: string }, Refusal | PorticoError | DatabaseError>
}

export interface EnrolledOptions {
  readonly kernel: KernelService
  readonly store: TrustStore
  readonly keys: IdentityKeys
}

/** Where an enrolment's Service is: the same name is the same Service, whichever root and node it is of. */
export const pathOf = ({ attributes, endpointId, nonce, role }: Enrolment): string =>
  `${folders[role]}/${Slug.from(attributes.name ?? endpointId ?? nonce)}`

/** Paths of the Roles that an enrolment names, and of the one that all of its kind have. */
const rolesOf = ({ attributes, role }: Enrolment): ReadonlyArray<string> => {
  const named = (attributes.roles ?? "").split(",").map((name) => name.trim())
  return named.flatMap((name) => (name === "" ? [] : [`${roles}/${name}`])).concat(`${roles}/${role}s`)
}

export const makeEnrolled = ({ kernel, keys, store }: EnrolledOptions): Effect.Effect<Enrolled> =>
  Effect.map(Semaphore.make(1), (turns) => {
    const refuse = (reason: string, said: Enrolment): Effect.Effect<never, Refusal> =>
      Effect.fail({ step: "identity", reason, said })

    const makeFolders = Effect.fnUntraced(function* (said: Enrolment) {
      const folder = { class: K.Folder.ref, description: "Made for enrolments." }
      yield* makeIdentity(kernel, { ...folder, path: folders[said.role], name: `${said.role}s` })
      yield* makeIdentity(kernel, { ...folder, path: roles, name: "Roles" })
      yield* makeIdentity(kernel, {
        class: K.Role.ref,
        path: `${roles}/${said.role}s`,
        name: `All ${said.role}s`,
        description: `Whoever enrolled as a ${said.role}.`
      })
    })

    const roleAt = (path: string, said: Enrolment): Effect.Effect<NodeView, Refusal | PorticoError> =>
      Effect.flatMap(kernel.node(path), (found) =>
        Option.isSome(found) && found.value.class === K.Role.ref
          ? Effect.succeed(found.value)
          : refuse(`${path} is no Role`, said)
      )

    /** One whose Service was taken away stays out: that is how somebody is shut out who holds a good credential. */
    const serviceOf = Effect.fnUntraced(function* (said: Enrolment) {
      const path = pathOf(said)
      const before = yield* store.identityAt(path)
      if (before !== undefined) {
        const known = yield* kernel.node(`@${before}`)
        return Option.isSome(known) ? known.value : yield* refuse("its identity was taken away", said)
      }
      const name = said.attributes.name ?? path.slice(path.lastIndexOf("/") + 1)
      const id = yield* makeIdentity(kernel, {
        class: K.Service.ref,
        path,
        name,
        description: `Enrolled ${said.role}.`
      })
      const made = Option.getOrUndefined(yield* kernel.node(`@${id}`))
      if (made?.class !== K.Service.ref) return yield* refuse(`${path} is no Service`, said)
      yield* store.remember(path, id)
      return made
    })

    /** A node that takes another one's name does not get what that one has, unless who signed it says so. */
    const bindKey = Effect.fnUntraced(function* ({ enrolment, jkt }: Admitted, identity: string) {
      if (jkt === undefined || enrolment.endpointId === undefined) return
      const known = yield* keys.list(identity)
      if (known.some((key) => key.jkt === jkt)) return
      if (known.length > 0 && enrolment.attributes.replaceKey !== "true") {
        return yield* refuse("it has another key than before", enrolment)
      }
      for (const before of known) yield* keys.remove(identity, before.jkt)
      yield* keys.add({ jkt, identity, x: jwkOf(enrolment.endpointId).x })
    })

    return {
      identityOf: (admitted) =>
        turns.withPermit(
          Effect.gen(function* () {
            const said = admitted.enrolment
            yield* makeFolders(said)
            const named = yield* Effect.forEach(rolesOf(said), (path) => roleAt(path, said))
            const { id, path } = yield* serviceOf(said)
            yield* bindKey(admitted, id)
            for (const role of named) {
              const params = { member: `@${id}` }
              yield* kernel.call(Authority.system, { path: `@${role.id}::addMember`, params })
            }
            return { id, path }
          })
        )
    }
  })
