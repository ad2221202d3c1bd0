/** A JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/**
 * A JSON Schema of draft 2020-12 in Portico's normalised form: no `$schema`, `$id`, titles, descriptions or
 * examples; definitions inlined, except those that refer to themselves, which are at the root under `$defs`.
 */
export type JsonSchema = JsonObject
