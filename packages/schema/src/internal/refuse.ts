import { fromInput } from "../Mask.ts"

/** Thrown by `defineSchema` and its parts: the schema as written cannot be. The message names what and where. */
export class SchemaDefinitionError extends Error {
  override readonly name = "SchemaDefinitionError"
}

/** Refuses a definition. `where` is read first: `Contact.email: …`. */
export const refuse = (where: string, problem: string): never => {
  throw new SchemaDefinitionError(where === "" ? problem : `${where}: ${problem}`)
}

/** The mask an author wrote, or a refusal. */
export const maskOf = (input: unknown, where: string): number =>
  fromInput(input) ?? refuse(where, "a mask is a whole number from 0 to 15, or an array of READ, EDIT, USE, SHARE")
