import { Authority, type KernelService } from "@portico/kernel"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { identityPaths } from "./identities.ts"

/** Ids of all members of the Role of operators, through groups too. */
export type OperatorIds = ReadonlySet<string>

const Members = Schema.Struct({
  members: Schema.Array(Schema.Struct({ id: Schema.String, class: Schema.String })),
  next: Schema.optionalKey(Schema.String)
})

const decodeMembers = Schema.decodeUnknownEffect(Members)
const groups: ReadonlySet<string> = new Set([K.Group.ref, K.Role.ref])

/** Reads who is an operator now. Groups in groups are followed; cycles do no harm. */
export const readOperators = (kernel: KernelService): Effect.Effect<OperatorIds, PorticoError> =>
  Effect.gen(function* () {
    const found = new Set<string>()
    const open: Array<string> = [identityPaths.operators]
    for (const group of open) {
      let cursor: string | undefined
      do {
        const params = cursor === undefined ? { limit: 1_000 } : { limit: 1_000, cursor }
        const answer = yield* kernel.call(Authority.system, { path: `${group}::listMembers`, params })
        const page = yield* Effect.orDie(decodeMembers(answer.result))
        for (const member of page.members) {
          if (found.has(member.id)) continue
          found.add(member.id)
          if (groups.has(member.class)) open.push(`@${member.id}`)
        }
        cursor = page.next
      } while (cursor !== undefined)
    }
    return found
  })
