import { BlockList, isIP } from "node:net"

type Network = readonly [address: string, prefix: number]

const loopback: ReadonlyArray<Network> = [
  ["127.0.0.0", 8],
  ["::1", 128]
]

/** Networks that are nobody's on the internet (RFC 6890 and the registries of IANA that it began). */
const special: ReadonlyArray<Network> = [
  ...loopback,
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["::", 96],
  // Each of these can hold an IPv4 address that a gateway leads to.
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2002::", 16],
  ["2001::", 23],
  ["100::", 64],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8]
]

const listOf = (networks: ReadonlyArray<Network>): BlockList => {
  const list = new BlockList()
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, address.includes(":") ? "ipv6" : "ipv4")
  return list
}

const privateList = listOf(special)

// `BlockList` looks at an IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`) as what it is.
const has = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")

/** Whether an address is of this machine or of a network that is not the internet. */
export const isPrivateAddress = (address: string): boolean => isIP(address) === 0 || has(privateList, address)

const network = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i

/** The network that a text names, `undefined` where it names none: an address, `10.0.0.0/8`, or the word `loopback`. */
export const networksOf = (text: string): ReadonlyArray<Network> | undefined => {
  if (text === "loopback") return loopback
  const [, address = "", prefix] = network.exec(text.replace(/^\[(.*)\]$/, "$1")) ?? []
  const version = isIP(address)
  if (version === 0) return undefined
  const longest = version === 4 ? 32 : 128
  const length = prefix === undefined ? longest : Number(prefix)
  return length <= longest ? [[address, length]] : undefined
}

/** Whether one of the networks holds the address. */
export const holds = (networks: ReadonlyArray<Network>): ((address: string) => boolean) => {
  const list = listOf(networks)
  return (address) => has(list, address)
}
