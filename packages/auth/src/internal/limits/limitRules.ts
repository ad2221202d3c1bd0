import type { AuthConfig } from "../../AuthConfig.ts"

/** How often something may be done within a time. */
export interface LimitRule {
  /** In answers, too. */
  readonly name: string
  /** 0 is as often as anybody likes. */
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
  /** What its keys are; addresses unless it says so. */
  readonly by?: "identity" | "client"
}

const minute = 60_000

/** What is limited, and how. */
export const limitRules = (config: typeof AuthConfig.Type) =>
  ({
    /** By identity. */
    calls: { name: "calls", limit: config.callsPerIdentity, window: minute, by: "identity" },
    /** By address, for nobody in particular. */
    anonymous: { name: "anonymous-calls", limit: config.callsPerAddress, window: minute },
    /** By address. */
    refused: { name: "refused-credentials", limit: config.refusalsPerAddress, window: minute },
    signIn: { name: "sign-in", limit: config.signInsPerAddress, window: minute },
    /** Coming back from a provider, which is not trying again. */
    comeBack: { name: "come-back", limit: config.signInsPerAddress, window: minute },
    token: { name: "token", limit: config.tokensPerAddress, window: minute },
    /** By client that has proved who it is: whoever only says so could use up what is another's. */
    client: { name: "token-client", limit: config.tokensPerClient, window: minute, by: "client" },
    register: { name: "register", limit: config.registrationsPerAddress, window: 60 * minute },
    /** By address. A code is good for ten minutes. */
    userCode: { name: "user-code", limit: 10, window: 10 * minute }
  }) satisfies Readonly<Record<string, LimitRule>>

export type LimitRules = Readonly<Record<keyof ReturnType<typeof limitRules>, LimitRule>>
