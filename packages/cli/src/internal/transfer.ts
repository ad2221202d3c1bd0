import * as Option from "effect/Option"

/** The options that were given, by their names. */
export const given = <A extends Readonly<Record<string, Option.Option<unknown>>>>(
  options: A
): { readonly [K in keyof A]?: A[K] extends Option.Option<infer V> ? V : never } =>
  // Boundary: built of just these keys.
  Object.fromEntries(
    Object.entries(options).flatMap(([name, option]) => (Option.isSome(option) ? [[name, option.value]] : []))
  ) as { readonly [K in keyof A]?: A[K] extends Option.Option<infer V> ? V : never }
