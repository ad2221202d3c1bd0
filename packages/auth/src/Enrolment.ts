import { createHash, randomBytes } from "node:crypto"
import { Settings } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { SignJWT } from "jose"
import { isHexKey, jwkOf, signingKeyOf, type TrustKeyPair } from "./TrustKey.ts"

/** `typ` of an enrolment credential. */
export const enrolmentType = "portico-enrolment+jwt"

/** `typ` of the proof that is shown with a credential that is bound to a node's key. */
export const enrolmentProofType = "portico-enrolment-proof+jwt"

/** Longest credential that is looked at, in characters. */
export const longestEnrolment = 8_192

/** What a root key says of somebody who may come in. */
export interface Enrolment {
  /** A worker that serves domains, or a client. */
  readonly role: "producer" | "consumer"
  /** `policy` is good again and again until it expires, `ott` once. */
  readonly type: "policy" | "ott"
  /** 32 hexadecimal digits: the nonce. */
  readonly nonce: string
  /** Public key of the root, in hexadecimal. */
  readonly root: string
  /** Milliseconds since the epoch, whole seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Among them `name`, and `roles` with commas. */
  readonly attributes: Readonly<Record<string, string>>
  /** Public key of the only node that may show it, in hexadecimal. */
  readonly endpointId?: string | undefined
}

/** What is asked of a new one. */
export type EnrolmentWish = Pick<Enrolment, "role" | "type" | "expiresAt" | "attributes" | "endpointId">

const Hex = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const Seconds = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 253_402_300_799 }))
const Attributes = Schema.Record(Schema.String, Schema.String.check(Schema.isMaxLength(512))).check(
  Schema.isMaxProperties(32),
  Schema.isPropertyNames(Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_.-]{1,64}$/)))
)

/** What is in the token. */
const Claims = Schema.Struct({
  iss: Hex,
  jti: Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)),
  iat: Seconds,
  exp: Seconds,
  role: Schema.Literals(["producer", "consumer"]),
  type: Schema.Literals(["policy", "ott"]),
  attributes: Attributes,
  endpoint_id: Schema.optionalKey(Hex)
})

const decodeClaims = Schema.decodeUnknownResult(Claims)
const decodeAttributes = Schema.decodeUnknownResult(Attributes)
const Header = Schema.Struct({ alg: Schema.Literal("EdDSA"), typ: Schema.Literal(enrolmentType) })
const decodeHeader = Schema.decodeUnknownResult(Header)

/**
 * When a credential ends: a time from now (`30d`, `24h`), or ISO 8601 with an offset. Milliseconds since the epoch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { parseExpiry } from "@portico/auth/trust"
 * import * as Result from "effect/Result"
 *
 * assert.deepEqual(parseExpiry("24h", 1_000), Result.succeed(86_401_000))
 * assert.deepEqual(parseExpiry("2030-01-01T00:00:00Z", 0), Result.succeed(1_893_456_000_000))
 * ```
 */
export const parseExpiry = (text: string, now: number): Result.Result<number, string> => {
  const at = isoTime.test(text) ? Date.parse(text) : now + Option.getOrElse(durationOf(text), () => Number.NaN)
  if (Number.isNaN(at)) return Result.fail("a time such as 30d or 24h, or ISO 8601 such as 2030-01-01T00:00:00Z")
  return at > now ? Result.succeed(at) : Result.fail("a time that is still to come")
}

const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

const decodeSpan = Schema.decodeUnknownOption(Settings.Millis)
const durationOf = (text: string): Option.Option<number> => (/[a-z]/i.test(text) ? decodeSpan(text) : Option.none())

/** Signs an enrolment credential. Fails with what is wrong with the wish. */
export const signEnrolment = (root: TrustKeyPair, wish: EnrolmentWish, now: number): Effect.Effect<string, string> =>
  Effect.suspend(() => {
    if (Result.isFailure(decodeAttributes(wish.attributes))) {
      return Effect.fail(
        "attributes: at most 32, their names of letters, digits, _ . and -, their values of at most 512 characters"
      )
    }
    if (wish.endpointId !== undefined && !isHexKey(wish.endpointId)) {
      return Effect.fail("endpoint id: 64 hexadecimal digits in lower case")
    }
    const { attributes, endpointId, expiresAt, role, type } = wish
    const bound = endpointId === undefined ? undefined : { endpoint_id: endpointId }
    return Effect.promise(() =>
      new SignJWT({ role, type, attributes, ...bound })
        .setProtectedHeader({ alg: "EdDSA", typ: enrolmentType })
        .setIssuer(root.publicKey)
        .setIssuedAt(Math.floor(now / 1_000))
        .setExpirationTime(Math.floor(expiresAt / 1_000))
        .setJti(randomBytes(16).toString("hex"))
        .sign(signingKeyOf(root))
    )
  })

/** The two parts of a credential that can be read, before anything in them is believed. */
export interface ParsedEnrolment {
  readonly claims: unknown
  /** What it says who signed it. */
  readonly root: unknown
}

/** Takes a credential apart. Believes nothing. */
export const parseEnrolment = (credential: string): Result.Result<ParsedEnrolment, string> => {
  if (credential.length > longestEnrolment) return Result.fail("too long")
  const parts = credential.split(".")
  if (parts.length !== 3) return Result.fail("not a JWT")
  const [header, claims] = parts.map((part) => jsonOf(part))
  if (Result.isFailure(decodeHeader(header))) return Result.fail("not an enrolment credential")
  if (typeof claims !== "object" || claims === null) return Result.fail("not a JWT")
  return Result.succeed({ claims, root: "iss" in claims ? claims.iss : undefined })
}

const jsonOf = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"))
  } catch {
    return undefined
  }
}

/** What a credential says, if it has the right structure. Nothing is verified. */
export const structureOf = ({ claims }: ParsedEnrolment): Result.Result<Enrolment, string> =>
  Result.mapBoth(decodeClaims(claims), {
    onFailure: () => "it does not have the structure of an enrolment credential",
    onSuccess: ({ attributes, endpoint_id, exp, iat, iss, jti, role, type }): Enrolment => ({
      role,
      type,
      nonce: jti,
      root: iss,
      issuedAt: iat * 1_000,
      expiresAt: exp * 1_000,
      attributes,
      ...(endpoint_id === undefined ? undefined : { endpointId: endpoint_id })
    })
  })

/** What a credential says. Nothing is verified: for looking at one, never for letting somebody in. */
export const inspectEnrolment = (credential: string): Result.Result<Enrolment, string> =>
  Result.flatMap(parseEnrolment(credential.trim()), structureOf)

/** The proof by a node's key that is shown with a credential: for one instance, good once and for five minutes. */
export const proveEnrolment = (
  node: TrustKeyPair,
  credential: string,
  audience: string,
  now: number
): Effect.Effect<string> =>
  Effect.promise(() =>
    new SignJWT({ ath: enrolmentHash(credential) })
      .setProtectedHeader({ alg: "EdDSA", typ: enrolmentProofType, jwk: jwkOf(node.publicKey) })
      .setAudience(audience)
      .setIssuedAt(Math.floor(now / 1_000))
      .setJti(randomBytes(16).toString("hex"))
      .sign(signingKeyOf(node))
  )

/** `ath` of a credential in the proof: base64url of its SHA-256. */
export const enrolmentHash = (credential: string): string => createHash("sha256").update(credential).digest("base64url")
