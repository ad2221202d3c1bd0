type Names = ReadonlyArray<readonly [pattern: RegExp, name: string]>

// Most say that they are several others as well: who says the most comes first.
const browsers: Names = [
  [/\bEdgA?\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\bSamsungBrowser\/(\d+)/, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\b(?:Headless)?Chrom(?:e|ium)\/(\d+)/, "Chrome"],
  [/\bCriOS\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+).*\bSafari\//, "Safari"]
]
const systems: Names = [
  [/\b(?:iPhone|iPad)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"]
]

const first = (names: Names, text: string): string | undefined => {
  for (const [pattern, name] of names) {
    const found = pattern.exec(text)
    if (found !== null) return found[1] === undefined ? name : `${name} ${found[1]}`
  }
  return undefined
}

/** What people call the browser behind a `User-Agent`: `Firefox 140 on Linux`. One that is not known is as it says. */
export const browserName = (userAgent: string | null): string => {
  if (userAgent === null) return "unknown browser"
  const browser = first(browsers, userAgent)
  const system = first(systems, userAgent)
  if (browser === undefined) return userAgent
  return system === undefined ? browser : `${browser} on ${system}`
}
