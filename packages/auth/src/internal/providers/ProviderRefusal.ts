import * as Data from "effect/Data"

/** Why somebody is not let in. The person is told nothing of it, the audit log everything. */
export class ProviderRefusal extends Data.TaggedError("ProviderRefusal")<{
  /** How far it has come: `state`, `provider`, `answer`, `token`, `trust`, `identity`. */
  readonly step: string
  /** In words for the audit log; never a secret. */
  readonly reason: string
  /** What the provider has said, where its word was good. */
  readonly account?: { readonly issuer: string; readonly subject: string; readonly email: string | undefined }
}> {}

/** The refusal as an effect. */
export const refuse = (step: string, reason: string) => new ProviderRefusal({ step, reason })
