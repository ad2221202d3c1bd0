/** What an address counts as: whoever has one IPv6 address has all of its /64. */
export const addressKey = (address: string | undefined): string => {
  if (address === undefined) return ""
  if (!address.includes(":")) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? network(address.split("%")[0] ?? "")
}

/** The first four of eight groups, each without leading zeros. */
const network = (address: string): string => {
  const [head = "", tail] = address.toLowerCase().split("::")
  const groups = head === "" ? [] : head.split(":")
  const last = tail === undefined || tail === "" ? [] : tail.split(":")
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - last.length)
  const all = [...groups, ...Array.from({ length: missing }, () => "0"), ...last]
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")
}
