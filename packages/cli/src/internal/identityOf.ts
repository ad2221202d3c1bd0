const isId = /^@[0-9a-f]{8}-[0-9a-f]{4}-/
const name = /^@?([^/@:]+)$/

/** The address of an identity as people write it: `@ada` and `ada` are `/identities/ada`; paths and ids are themselves. */
export const identityOf = (handle: string): string => {
  const named = isId.test(handle) ? null : name.exec(handle)
  return named === null ? handle : `/identities/${named[1]}`
}
