/** The instance as authenticators know it (WebAuthn Level 3, section 5.1.3). */
export interface RelyingParty {
  /** Host name of the public URL: passkeys are for it alone. */
  readonly id: string
  /** Pages that may ask for one of its passkeys. */
  readonly origin: string
}

/** Browsers have passkeys for names, not for addresses, and only where nobody is in between. */
export const relyingPartyOf = (publicUrl: string): RelyingParty | undefined => {
  const { hostname, origin, protocol } = new URL(publicUrl)
  const isLocal = hostname === "localhost" || hostname.endsWith(".localhost")
  const isAddress = hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname)
  return (protocol === "https:" || isLocal) && !isAddress ? { id: hostname, origin } : undefined
}
