import { GateError } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import type { KernelService, NodeView } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON
} from "@simplewebauthn/server"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Origin } from "../../AuditEvent.ts"
import type { Audit } from "../audit.ts"
import type { Challenges } from "../challenges.ts"
import { holdsCredentials, nameOf } from "../identities.ts"
import type { Passkey, PasskeyStore } from "./passkeyStore.ts"
import type { RelyingParty } from "./relyingParty.ts"
import { type Assertion, challengeIn, type NewCredential } from "./responses.ts"

/** Milliseconds for somebody to find their key and touch it. */
const patience = 300_000

/** EdDSA, ES256 and RS256 (RFC 9053): what every authenticator has one of. */
const algorithms = [-8, -7, -257]

/** Whose passkey is made, in which session. */
export interface Adding {
  readonly node: NodeView
  readonly session: string
}

/** Signing in with a passkey, and one's own passkeys. */
export interface Passkeys {
  /** Missing where browsers have no passkeys for the public URL. */
  readonly party: RelyingParty | undefined
  readonly askToAdd: (
    adding: Adding
  ) => Effect.Effect<PublicKeyCredentialCreationOptionsJSON, GateError | DatabaseError>
  /** Fails with INVALID_PARAMS for what does not answer a question that this session was asked. */
  readonly add: (
    adding: Adding,
    answer: { readonly credential: NewCredential; readonly name: string | undefined; readonly from: Origin }
  ) => Effect.Effect<Passkey, GateError | PorticoError | DatabaseError>
  /** `browser` is what only this browser can show. Nobody has to say who they are. */
  readonly askWho: (browser: string) => Effect.Effect<PublicKeyCredentialRequestOptionsJSON, GateError | DatabaseError>
  /** Whose passkey it is. Fails with UNAUTHENTICATED, alike whatever was wrong. */
  readonly who: (
    assertion: Assertion,
    asked: { readonly browser: string; readonly from: Origin }
  ) => Effect.Effect<NodeView, GateError | PorticoError | DatabaseError>
}

export interface PasskeysOptions {
  readonly party: RelyingParty | undefined
  readonly kernel: KernelService
  readonly store: PasskeyStore
  readonly challenges: Challenges
  readonly audit: Audit
}

// Loaded when somebody has a passkey: it brings a reader of certificates along.
const library = Effect.promise(() => import("@simplewebauthn/server"))
const readers = Effect.promise(() => import("@simplewebauthn/server/helpers"))

const noPasskeys = GateError.make("NOT_IMPLEMENTED", "Browsers have no passkeys for the address of this instance.")
const notNew = GateError.make("INVALID_PARAMS", "This passkey could not be taken. Try again.")
const notWho = GateError.make("UNAUTHENTICATED", "This passkey was not accepted. Try again, or sign in another way.")

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message.slice(0, 200) : "unreadable")

/** A user handle holds nothing but the node's id, which is no secret. */
const handleOf = (identity: string): string => Buffer.from(identity).toString("base64url")

export const makePasskeys = ({ audit, challenges, kernel, party, store }: PasskeysOptions): Passkeys => {
  const here = party === undefined ? Effect.fail(noPasskeys) : Effect.succeed(party)

  /**
   * We ask for no attestation, so a certificate in the answer is of no use, and reading it could lead to places that its
   * maker chose.
   */
  const withoutCertificates = (credential: NewCredential) =>
    Effect.flatMap(readers, ({ decodeAttestationObject, isoBase64URL }) =>
      Effect.try({
        try: () => {
          const read = decodeAttestationObject(isoBase64URL.toBuffer(credential.response.attestationObject))
          const format = read.get("fmt")
          const isPlain = format === "none" || (format === "packed" && read.get("attStmt").get("x5c") === undefined)
          if (!isPlain) throw new Error("it comes with an attestation")
        },
        catch: reasonOf
      })
    )

  const verifiedNew = (credential: NewCredential, adding: Adding) =>
    Effect.gen(function* () {
      const { id, origin } = yield* here
      const challenge = Option.getOrUndefined(challengeIn(credential.response.clientDataJSON)) ?? { challenge: "" }
      const asked = { purpose: "passkey.add", browser: adding.session } as const
      const taken = yield* challenges.take(challenge.challenge, asked)
      if (taken?.identity !== adding.node.id) return yield* Effect.fail("no such challenge")
      yield* withoutCertificates(credential)
      const { verifyRegistrationResponse } = yield* library
      const { response, ...rest } = credential
      const { transports: _, ...readable } = response
      const verified = yield* Effect.tryPromise({
        try: () =>
          verifyRegistrationResponse({
            response: { ...rest, response: readable, clientExtensionResults: {} },
            expectedChallenge: challenge.challenge,
            expectedOrigin: origin,
            expectedRPID: id,
            requireUserVerification: true,
            supportedAlgorithmIDs: algorithms
          }),
        catch: reasonOf
      })
      return verified.verified ? verified.registrationInfo : yield* Effect.fail("its signature")
    })

  const verifiedAssertion = (assertion: Assertion, browser: string) =>
    Effect.gen(function* () {
      const { id, origin } = yield* here
      const { challenge } = Option.getOrUndefined(challengeIn(assertion.response.clientDataJSON)) ?? { challenge: "" }
      const taken = yield* challenges.take(challenge, { purpose: "passkey.sign-in", browser })
      if (taken === undefined) return yield* Effect.fail("no such challenge")
      const passkey = yield* store.find(assertion.id)
      if (passkey === undefined) return yield* Effect.fail("an unknown passkey")
      if (assertion.response.userHandle !== handleOf(passkey.identity))
        return yield* Effect.fail("somebody else's name")
      const { verifyAuthenticationResponse } = yield* library
      const { counter, publicKey } = passkey
      const verified = yield* Effect.tryPromise({
        try: () =>
          verifyAuthenticationResponse({
            response: { ...assertion, clientExtensionResults: {} },
            expectedChallenge: challenge,
            expectedOrigin: origin,
            expectedRPID: id,
            credential: { id: passkey.id, publicKey, counter },
            requireUserVerification: true
          }),
        catch: reasonOf
      })
      if (!verified.verified) return yield* Effect.fail("its signature")
      const { credentialBackedUp, newCounter } = verified.authenticationInfo
      const isCounted = yield* store.used(passkey.id, newCounter, credentialBackedUp)
      return isCounted ? passkey : yield* Effect.fail("its counter went back")
    })

  return {
    party,

    askToAdd: ({ node, session }) =>
      Effect.gen(function* () {
        const { id } = yield* here
        const { generateRegistrationOptions } = yield* library
        const asked = { purpose: "passkey.add", browser: session, identity: node.id, lifetime: patience } as const
        const challenge = yield* challenges.make(asked)
        const known = yield* store.list(node.id)
        return yield* Effect.promise(() =>
          generateRegistrationOptions({
            rpName: id,
            rpID: id,
            userName: node.slug,
            userDisplayName: nameOf(node),
            userID: new TextEncoder().encode(node.id),
            challenge: new Uint8Array(Buffer.from(challenge, "base64url")),
            timeout: patience,
            attestationType: "none",
            excludeCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] })),
            authenticatorSelection: { residentKey: "required", userVerification: "required" },
            supportedAlgorithmIDs: algorithms
          })
        )
      }),

    add: (adding, { credential, from, name }) =>
      Effect.gen(function* () {
        const identity = adding.node.id
        const info = yield* Effect.catchIf(
          verifiedNew(credential, adding),
          (error) => typeof error === "string",
          (reason) =>
            Effect.andThen(
              Effect.ignore(audit.writeRefusal({ event: "passkey.refused", identity, from, details: { reason } })),
              Effect.fail(notNew)
            )
        )
        const today = new Date(yield* Clock.currentTimeMillis).toISOString().slice(0, 10)
        const passkey = yield* store.add({
          id: info.credential.id,
          identity,
          name: name ?? `Passkey of ${today}`,
          publicKey: info.credential.publicKey,
          counter: info.credential.counter,
          transports: credential.response.transports ?? [],
          isSynced: info.credentialBackedUp
        })
        const details = { passkey: passkey.id, name: passkey.name }
        yield* audit.write({ event: "passkey.added", identity, from, details })
        return passkey
      }),

    askWho: (browser) =>
      Effect.gen(function* () {
        const { id } = yield* here
        const { generateAuthenticationOptions } = yield* library
        const challenge = yield* challenges.make({ purpose: "passkey.sign-in", browser, lifetime: patience })
        return yield* Effect.promise(() =>
          generateAuthenticationOptions({
            rpID: id,
            challenge: new Uint8Array(Buffer.from(challenge, "base64url")),
            timeout: patience,
            userVerification: "required"
          })
        )
      }),

    who: (assertion, { browser, from }) =>
      Effect.gen(function* () {
        const found = yield* Effect.flatMap(verifiedAssertion(assertion, browser), (passkey) =>
          Effect.flatMap(kernel.node(`@${passkey.identity}`), (node) =>
            Option.isSome(node) && holdsCredentials(node.value)
              ? Effect.succeed({ node: node.value, passkey })
              : Effect.fail("nobody is there any more")
          )
        ).pipe(
          Effect.catchIf(
            (error) => typeof error === "string",
            (reason) => {
              const details = { with: "passkey", reason, passkey: assertion.id.slice(0, 100) }
              const refusal = audit.writeRefusal({ event: "sign-in.refused", from, details })
              return Effect.andThen(Effect.ignore(refusal), Effect.fail(notWho))
            }
          )
        )
        return found.node
      })
  }
}
