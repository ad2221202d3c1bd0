import type { Keyring } from "../../src/keyring/internal/Keyring.ts"

/** A keyring in memory that notices when it is asked two things at once. */
export const memoryKeyring = (): { readonly keyring: Keyring; readonly atOnce: () => number } => {
  const secrets = new Map<string, string>()
  let asking = 0
  let most = 0
  const answer = async <A>(work: () => A): Promise<A> => {
    most = Math.max(most, ++asking)
    // The answer of a real one takes a turn of the event loop, too.
    await Promise.resolve()
    asking--
    return work()
  }
  return {
    keyring: {
      get: (name) => answer(() => secrets.get(name) ?? null),
      set: (name, secret) => answer(() => void secrets.set(name, secret)),
      delete: (name) => answer(() => secrets.delete(name)),
      // Others keep things there, too.
      names: () => answer(() => ["Not Ours", ...secrets.keys()])
    },
    atOnce: () => most
  }
}
