import type { SettingsSources } from "@portico/gate"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { CurrentIo } from "../Io.ts"

/** Where the distro's settings come from: flags, the environment and the settings file. */
export const settingsSources = Effect.fnUntraced(function* (
  flags: NonNullable<SettingsSources["flags"]>,
  _config: Option.Option<string>
) {
  const io = yield* CurrentIo
  const sources: SettingsSources = { flags, env: io.env }
  return sources
})
