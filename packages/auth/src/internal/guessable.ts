/** Words that passwords are made of by whoever does not want to think of one. */
const common: ReadonlySet<string> = new Set([
  "admin",
  "administrator",
  "changeme",
  "changeit",
  "default",
  "dragon",
  "football",
  "iloveyou",
  "letmein",
  "login",
  "master",
  "monkey",
  "passw0rd",
  "password",
  "passwort",
  "portico",
  "princess",
  "qwertz",
  "qwerty",
  "qwertyuiop",
  "secret",
  "sunshine",
  "superman",
  "test",
  "welcome"
])

const leastDifferent = 5

/** What is repeated to make a password has to be as long as one itself. */
const shortest = 12

/** Whether each character is one step from the one before, up or down: `abcdefghijkl`, `9876543210`. */
const isRun = (text: string): boolean => {
  const steps = Array.from(text.slice(1), (character, at) => character.charCodeAt(0) - text.charCodeAt(at))
  return steps.every((step) => step === steps[0] && Math.abs(step) <= 1)
}

/** `abc` of `abcabcabc`. */
const period = (text: string): string => text.slice(0, (text + text).indexOf(text, 1))

/** What is left of a password without digits and punctuation around it, which add nothing that is not tried. */
const core = (text: string): string => text.replace(/^[\d\W_]+|[\d\W_]+$/g, "")

/**
 * Why a password of good length would be among the first that are tried, or nothing. `names` are what its person is
 * called. It finds what is plainly weak (NIST SP 800-63B, section 3.1.1.2), and says nothing of how strong the rest is.
 */
export const guessable = (password: string, names: ReadonlyArray<string> = []): string | undefined => {
  const text = password.normalize("NFKC").toLowerCase()
  if (new Set(text).size < leastDifferent) return `has fewer than ${leastDifferent} different characters`
  if (isRun(text)) return "is a run of neighbouring characters"
  const repeated = period(text)
  if (repeated.length < text.length && repeated.length < shortest) return "repeats a few characters"
  const word = period(core(text))
  if (common.has(word)) return "is one of the first that everybody tries"
  if (names.some((name) => name !== "" && word === name.normalize("NFKC").toLowerCase())) return "is its person's name"
  return undefined
}
