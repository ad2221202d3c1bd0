import type { InstalledDomain, KernelService, SchemaInstallerService } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Acts } from "./halves.ts"

/** What of an installed domain each call needs. */
export interface InstalledDomains {
  /** By the id of its Domain node. Fails with NOT_FOUND once it is uninstalled. */
  readonly byId: (domainId: string) => Effect.Effect<InstalledDomain, PorticoError>
  /** Its `acts`, the paths looked up as they are now. A path that leads nowhere gives nothing. */
  readonly acts: (domain: InstalledDomain) => Effect.Effect<Acts | null, PorticoError>
}

/** Reads what is installed once for each revision of a Domain node. */
export const makeInstalledDomains = (kernel: KernelService, installer: SchemaInstallerService): InstalledDomains => {
  const known = new Map<string, { readonly rev: number; readonly domain: InstalledDomain }>()

  const gone = (domainId: string) =>
    Effect.suspend(() => {
      known.delete(domainId)
      return Effect.fail(PorticoError.make("NOT_FOUND", "This domain is not installed any more."))
    })

  const byId = (domainId: string) =>
    Effect.gen(function* () {
      const node = yield* kernel.node(`@${domainId}`)
      if (Option.isNone(node)) return yield* gone(domainId)
      const before = known.get(domainId)
      if (before !== undefined && before.rev === node.value.rev) return before.domain
      const domain = (yield* installer.installed).find(({ id }) => id === domainId)
      if (domain === undefined) return yield* gone(domainId)
      known.set(domainId, { rev: node.value.rev, domain })
      return domain
    })

  return {
    byId,
    acts: ({ acts }): Effect.Effect<Acts | null, PorticoError> => {
      if (acts === null) return Effect.succeed(null)
      return Effect.map(
        Effect.forEach(acts.nodes, (path) => kernel.node(path)),
        (nodes) => ({ nodes: nodes.flatMap((node) => (Option.isSome(node) ? [node.value.id] : [])), perms: acts.perms })
      )
    }
  }
}
