import type { Authority, Half, KernelService } from "@portico/kernel"
import { Mask, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { Wish } from "./chain.ts"

const denied = (message: string, needs: number, details: { readonly on?: string; readonly phase: string }) =>
  Effect.fail(PorticoError.make("PERMISSION_DENIED", message, { needs: Mask.names(needs), ...details }))

/** For whoever would rather have nothing than less: bits that are asked for and that the minter does not reach itself. */
export const refuseWider = Effect.fnUntraced(function* (
  kernel: KernelService,
  authority: Authority,
  half: Half,
  { nodes, perms = 0 }: Wish
) {
  const shown = Mask.intersect(...half.bounds.map((bound) => bound.perms))
  const beyond = Mask.missing(shown, perms)
  if (beyond !== 0) {
    const message = `The credential that was shown reaches ${Mask.format(shown)}, and not ${Mask.format(beyond)}.`
    return yield* denied(message, beyond, { phase: "credential" })
  }
  for (const id of nodes ?? []) {
    const missing = Mask.missing(yield* kernel.mask(authority, `@${id}`), perms)
    if (missing === 0) continue
    const { path } = yield* kernel.resolve(authority, `@${id}`)
    const message = `${Mask.format(missing)} on ${path} is more than the minter holds there.`
    return yield* denied(message, missing, { on: path, phase: "resource" })
  }
})
