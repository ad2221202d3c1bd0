import * as Schema from "effect/Schema"
import { fn } from "../../Fn.ts"
import { Millis, NodeId, Perms } from "./shapes.ts"

const addresses = (maxItems: number, description: string) =>
  Schema.Array(Schema.String).check(Schema.isMaxLength(maxItems)).annotate({ description })

/** Most nodes, and most callables, that a credential can name. */
const maxNamed = 32

const Scope = Schema.Struct({
  nodes: Schema.optionalKey(addresses(maxNamed, "only these nodes and what is below them")),
  perms: Schema.optionalKey(Perms),
  functions: Schema.optionalKey(
    addresses(maxNamed, "only these callables may be called, or those below these nodes; get and the like as well")
  )
})

const mintDelegationCredential = fn({
  needs: 0,
  description:
    "A credential with a part of the caller's own authority, for somebody else. SHARE is left out unless perms names it.",
  params: {
    audience: Schema.optional(
      Schema.String.annotate({
        description:
          "for whom: address of an identity, which shows it with a key that it registered; the URL of another service; this instance unless given, from whoever holds it"
      })
    ),
    scope: Schema.optional(Scope),
    exact: Schema.optional(
      Schema.Boolean.annotate({
        description:
          "refuse with PERMISSION_DENIED where scope.perms names bits that the caller's own credential, or what it holds on one of scope.nodes, does not reach; otherwise the new credential is worth less than it names"
      })
    ),
    ttl: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 31_536_000 })).annotate({
      description: "seconds; less where the caller's own credential ends sooner"
    }),
    cnf: Schema.optional(
      Schema.Struct({
        jkt: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{43}$/)).annotate({
          description: "SHA-256 thumbprint (RFC 7638) of the key with which it has to be shown (RFC 9449)"
        })
      })
    )
  },
  returns: Schema.Struct({
    id: Schema.String,
    credential: Schema.String,
    tokenType: Schema.Literals(["Bearer", "DPoP"]),
    audience: Schema.String,
    expiresAt: Millis,
    chain: Schema.Array(Schema.String).annotate({
      description: "ids of the credentials that it was narrowed from, the first one first, and its own"
    })
  })
})

/** An Ed25519 public key (RFC 8037). */
const PublicKey = Schema.Struct({
  kty: Schema.Literal("OKP"),
  crv: Schema.Literal("Ed25519"),
  x: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{43}$/))
})

const registerIdentity = fn({
  needs: 0,
  description: "Binds a key to this identity, which proves to hold it.",
  params: {
    signingKey: Schema.Struct({
      publicKey: PublicKey,
      proof: Schema.String.check(Schema.isMaxLength(2_048)).annotate({
        description:
          "JWT by that key: typ portico-key-proof+jwt, aud this instance, sub the node id of the identity, iat now"
      })
    })
  },
  returns: Schema.Struct({
    iss: Schema.String.annotate({ description: "this instance" }),
    sub: NodeId,
    jkt: Schema.String.annotate({ description: "thumbprint of the key (RFC 7638)" })
  })
})

/** How identities pass authority on, and bind keys. Implemented by the auth module. */
export const credentialMethods = { mintDelegationCredential, registerIdentity }
