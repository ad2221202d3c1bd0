/**
 * Where the distro's settings come from, as `portico start` reads them.
 */
import type { Product, SettingsSources } from "@portico/gate"
import { readFlags, readSettingsFile } from "@portico/gate/node"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { CurrentIo } from "../Io.ts"
import { usage } from "./failure.ts"
import { DataFolder } from "./flags.ts"

/** The environment, and the settings file: the one that is named, or `portico.toml` if it is there. */
export const settingsSources = Effect.fnUntraced(function* (config: Option.Option<string>) {
  const io = yield* CurrentIo
  const file = yield* readSettingsFile(process.cwd(), Option.getOrUndefined(config)).pipe(
    Effect.mapError(({ message, line }) => {
      // Behind the first line the parser draws the place.
      const [first = ""] = message.split("\n")
      return usage(line === undefined ? first : `${first} (line ${line})`)
    })
  )
  const sources: SettingsSources = { env: io.env, file }
  return sources
})

/** The same, and the flags that `start` would be called with: `--data`, and words such as `--port=4010`. */
export const settingsSourcesWithFlags = Effect.fnUntraced(function* (
  product: Product,
  config: Option.Option<string>,
  words: ReadonlyArray<string>
) {
  const data = Option.match(yield* DataFolder, { onNone: () => [], onSome: (folder) => [`--data=${folder}`] })
  const flags = yield* Result.match(readFlags(product, [...data, ...words]), {
    onFailure: (sentence) => Effect.fail(usage(sentence)),
    onSuccess: Effect.succeed
  })
  const sources: SettingsSources = { ...(yield* settingsSources(config)), flags }
  return sources
})
