/** Whether a text may stand as a property name without quotes. */
const isIdentifier = (text: string): boolean => /^[A-Za-z_$][\w$]*$/.test(text)

/** A property name as it stands in source. */
export const propertyKey = (name: string): string => (isIdentifier(name) ? name : JSON.stringify(name))

/** `.name`, or `["na-me"]`. */
export const member = (name: string): string => (isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`)

const words = (text: string): ReadonlyArray<string> => text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "")

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** `auth.keys_create` as `AuthKeysCreate`. */
export const pascalCase = (text: string): string => {
  const name = words(text).map(capital).join("")
  return /^[A-Z]/.test(name) ? name : `_${name}`
}

/** `auth.keys_create` as `authKeysCreate`. */
export const camelCase = (text: string): string => {
  const name = pascalCase(text)
  return name.slice(0, 1).toLowerCase() + name.slice(1)
}

/** Gives each asker a name of its own. */
export class Names {
  readonly #taken: Set<string>

  constructor(reserved: Iterable<string>) {
    this.#taken = new Set(reserved)
  }

  /** `wanted`, or else `wanted2`, `wanted3`, … The name is free with all of these endings as well, and they are taken. */
  take(wanted: string, endings: ReadonlyArray<string> = [""]): string {
    let name = wanted
    for (let n = 2; endings.some((ending) => this.#taken.has(name + ending)); n++) name = `${wanted}${n}`
    for (const ending of endings) this.#taken.add(name + ending)
    return name
  }
}
