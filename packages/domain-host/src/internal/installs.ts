import type { InstallPolicy, SchemaInstallerService } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { InstallReport, LocalDomain, PostInstallState } from "../DomainHost.ts"
import type { Catalogue } from "./catalogue.ts"
import type { makePostInstall } from "./postInstall.ts"
import type { PostInstallLog } from "./postInstallLog.ts"

export interface InstallTools {
  readonly installer: SchemaInstallerService
  readonly catalogue: Catalogue
  readonly postInstall: ReturnType<typeof makePostInstall>
  readonly log: PostInstallLog
}

export interface InstallOptions {
  readonly dryRun?: boolean
  readonly policy?: InstallPolicy
}

/** Install and uninstall of domains whose code runs here. */
export const makeInstalls = ({ catalogue, installer, log, postInstall }: InstallTools) => {
  const lock = installer.alone

  const find = (origin: string): Effect.Effect<LocalDomain, PorticoError> => {
    const local = catalogue.find(origin)
    if (local !== undefined) return Effect.succeed(local)
    const known = catalogue.all().map(({ definition }) => definition.origin)
    return Effect.fail(
      PorticoError.make(
        "NOT_FOUND",
        `No domain ${origin} runs in this process${known.length === 0 ? "." : `; there is ${known.join(", ")}.`}`,
        { origin, candidates: known }
      )
    )
  }

  const installedOf = (origin: string) =>
    Effect.map(installer.installed, (all) => all.find((domain) => domain.origin === origin))

  /** The schema alone, in one transaction. */
  const schema = (local: LocalDomain, policy?: InstallPolicy) => installer.install(local.definition.bundle, policy)

  /** `postInstall` alone, of what is installed. */
  const after = (origin: string): Effect.Effect<PostInstallState, PorticoError> =>
    Effect.gen(function* () {
      const domain = yield* installedOf(origin)
      return domain === undefined ? { status: "none" } : yield* postInstall(domain)
    })

  const install = (origin: string, { dryRun, policy }: InstallOptions = {}) =>
    Effect.gen(function* (): Effect.fn.Return<InstallReport, PorticoError> {
      const local = yield* find(origin)
      const { contractId } = local.definition.bundle
      if (dryRun === true) {
        const plan = yield* installer.plan(local.definition.bundle)
        return { origin, contractId, installed: false, plan, postInstall: { status: "none" } }
      }
      return yield* lock(
        origin,
        Effect.gen(function* () {
          const { plan } = yield* schema(local, policy)
          return { origin, contractId, installed: true, plan, postInstall: yield* after(origin) }
        })
      )
    })

  const uninstall = (origin: string): Effect.Effect<void, PorticoError> =>
    lock(origin, Effect.andThen(installer.uninstall(origin), log.forget(origin)))

  /** Whether an install would change anything. */
  const isCurrent = (local: LocalDomain) =>
    Effect.map(installer.plan(local.definition.bundle), (plan) => plan.unchanged)

  return { install, uninstall, schema, after, installedOf, isCurrent, lock }
}

export type Installs = ReturnType<typeof makeInstalls>
