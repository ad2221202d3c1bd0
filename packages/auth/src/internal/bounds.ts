import type { Bound } from "@portico/kernel"
import * as Predicate from "effect/Predicate"

/** Whether what a token says narrows it in a way that is known. */
export const isBound = (u: unknown): u is Bound =>
  Predicate.hasProperty(u, "nodes") &&
  (u.nodes === "all" || (Array.isArray(u.nodes) && u.nodes.every((id) => typeof id === "string"))) &&
  Predicate.hasProperty(u, "perms") &&
  Number.isInteger(u.perms)
