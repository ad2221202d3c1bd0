import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url")
const sha256 = (bytes: Uint8Array | string): Buffer => createHash("sha256").update(bytes).digest()

const head = (major: number, length: number): Buffer =>
  length < 24
    ? Buffer.from([(major << 5) | length])
    : length < 256
      ? Buffer.from([(major << 5) | 24, length])
      : Buffer.from([(major << 5) | 25, length >> 8, length & 255])

/** CBOR (RFC 8949), as far as an authenticator writes it. */
export const cbor = {
  int: (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value)),
  bytes: (value: Uint8Array): Buffer => Buffer.concat([head(2, value.length), value]),
  text: (value: string): Buffer => Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]),
  map: (entries: ReadonlyArray<readonly [Buffer, Buffer]>): Buffer =>
    Buffer.concat([head(5, entries.length), ...entries.flat()])
}

/** What a test lies about. */
export interface Lies {
  readonly origin?: string
  readonly rpId?: string
  readonly counter?: number
  readonly flags?: number
  readonly userHandle?: string
  readonly type?: string
  readonly attestationObject?: Uint8Array
  readonly attestation?: { readonly fmt: string; readonly attStmt: Buffer }
}

const userPresent = 0x01
const userVerified = 0x04
const attested = 0x40

/** A passkey in software (WebAuthn Level 3, section 6): ES256, at the origin `http://localhost`. */
export class Authenticator {
  readonly id = base64url(randomBytes(16))
  counter = 0
  userHandle = ""
  private readonly privateKey: KeyObject
  private readonly publicKey: KeyObject

  constructor() {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" })
    this.privateKey = pair.privateKey
    this.publicKey = pair.publicKey
  }

  private data(flags: number, lies: Lies): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(lies.counter ?? ++this.counter)
    return Buffer.concat([sha256(lies.rpId ?? "localhost"), Buffer.from([lies.flags ?? flags]), counter])
  }

  private client(type: string, challenge: string, lies: Lies): Buffer {
    const said = { type: lies.type ?? type, challenge, origin: lies.origin ?? "http://localhost", crossOrigin: false }
    return Buffer.from(JSON.stringify(said))
  }

  /** The answer to options for a new passkey. */
  create(options: { readonly challenge: string; readonly user: { readonly id: string } }, lies: Lies = {}) {
    this.userHandle = options.user.id
    const { x = "", y = "" } = this.publicKey.export({ format: "jwk" })
    const key = cbor.map([
      [cbor.int(1), cbor.int(2)],
      [cbor.int(3), cbor.int(-7)],
      [cbor.int(-1), cbor.int(1)],
      [cbor.int(-2), cbor.bytes(Buffer.from(x, "base64url"))],
      [cbor.int(-3), cbor.bytes(Buffer.from(y, "base64url"))]
    ])
    const id = Buffer.from(this.id, "base64url")
    const length = Buffer.from([id.length >> 8, id.length & 255])
    const flags = userPresent | userVerified | attested
    const data = Buffer.concat([this.data(flags, { counter: 0, ...lies }), Buffer.alloc(16), length, id, key])
    const { attStmt, fmt } = lies.attestation ?? { fmt: "none", attStmt: cbor.map([]) }
    const attestationObject =
      lies.attestationObject ??
      cbor.map([
        [cbor.text("fmt"), cbor.text(fmt)],
        [cbor.text("attStmt"), attStmt],
        [cbor.text("authData"), cbor.bytes(data)]
      ])
    return {
      id: this.id,
      rawId: this.id,
      type: "public-key",
      response: {
        clientDataJSON: base64url(this.client("webauthn.create", options.challenge, lies)),
        attestationObject: base64url(attestationObject),
        transports: ["internal"]
      }
    }
  }

  /** The answer to options for signing in. */
  get(options: { readonly challenge: string }, lies: Lies = {}) {
    const data = this.data(userPresent | userVerified, lies)
    const client = this.client("webauthn.get", options.challenge, lies)
    return {
      id: this.id,
      rawId: this.id,
      type: "public-key",
      response: {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(sign("sha256", Buffer.concat([data, sha256(client)]), this.privateKey)),
        userHandle: lies.userHandle ?? this.userHandle
      }
    }
  }
}
