import { PorticoError, READ, SHARE } from "@portico/schema"
import { Authority } from "../../Authority.ts"
import { Standing } from "../permission/Standing.ts"
import { everyonePath, identityInterface } from "../schema/wellKnown.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Op } from "./Op.ts"
import { classOf } from "./types.ts"

/** Whose permissions a question is about. */
export interface Asked {
  readonly standing: Standing
  /** Whether it is the caller. About others one has to hold SHARE on the nodes that the answer tells of. */
  readonly own: boolean
}

/** Whether an identity is one that the caller acts as. */
export const isOwn = (op: Op, identity: NodeRecord): boolean =>
  op.authority.halves.some((half) => half.identity === identity.id || half.also.includes(identity.id))

/**
 * The standing that a question is about. About oneself it is the call's own, so a narrowed credential asks about its
 * narrowed standing; about another identity, on which the caller needs READ, it is all that the identity has.
 */
export const askedAbout = (op: Op, address: string | undefined): Asked => {
  if (address === undefined) return { standing: op.standing, own: true }
  const identity = op.node(address, READ, "param")
  if (isOwn(op, identity)) return { standing: op.standing, own: true }
  if (!classOf(op.graph, identity).fits.has(identityInterface)) {
    const message = `${op.path(identity)} is no identity`
    throw PorticoError.make("INVALID_PARAMS", `identity: ${message}`, {
      issues: [{ path: ["identity"], code: "class", message }]
    })
  }
  // Everyone is whoever shows no credential, too, and has no more than that.
  const authority = op.path(identity) === everyonePath ? Authority.anonymous : Authority.identity(identity.id)
  return { standing: new Standing(op.graph, authority), own: false }
}

/** The node that a question is about. */
export const askedNode = (op: Op, { own }: Asked, address: string): NodeRecord =>
  op.node(address, own ? 0 : SHARE, "param")
