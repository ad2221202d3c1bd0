import { Slug } from "@portico/schema"

/** The address by which a person is known: domains are case-insensitive, and in practice so is all of it. */
export const canonicalEmail = (email: string): string => email.normalize("NFC").toLowerCase()

/** Where the contact with this e-mail address is. The same address is always the same path, another one never. */
export const contactPath = (email: string): string => `/contacts/${Slug.from(canonicalEmail(email))}`
