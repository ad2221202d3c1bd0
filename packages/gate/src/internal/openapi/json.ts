/** A JSON object whose members are looked at one by one. */
export type JsonObject = { [key: string]: unknown }

/** Whether a value is an object with members, rather than a list or a plain value. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The member if it is an object, or an empty one. */
export const objectAt = (value: JsonObject, key: string): JsonObject => {
  const member = value[key]
  return isObject(member) ? member : {}
}
