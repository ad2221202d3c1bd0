/**
 * The flags that mean the same on every command that has them. They may stand
 * before or behind the command's name.
 */
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"

const isSet = (name: string, description: string, ...aliases: ReadonlyArray<string>) =>
  aliases.reduce<Flag.Flag<boolean>>(
    (flag, alias) => Flag.withAlias(flag, alias),
    Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))
  )

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))

export const Quiet = GlobalFlag.Setting("quiet")({ flag: isSet("quiet", "No words on stderr but errors", "q") })

export const Debug = GlobalFlag.Setting("debug")({ flag: isSet("debug", "Show details and causes of an error") })

export const Json = GlobalFlag.Setting("json")({ flag: isSet("json", "Print JSON") })

export const Instance = GlobalFlag.Setting("instance")({
  flag: text("instance", "URL", "The instance (PORTICO_URL; default http://localhost:4000)").pipe(
    Flag.withAlias("i"),
    Flag.optional
  )
})

export const TokenFile = GlobalFlag.Setting("token-file")({
  flag: text("token-file", "FILE", "Read the token from FILE (else PORTICO_TOKEN, else DIR/operator.token)").pipe(
    Flag.optional
  )
})

export const DataFolder = GlobalFlag.Setting("data")({
  flag: text("data", "DIR", "The instance's data folder (PORTICO_DATA; default ./.portico)").pipe(Flag.optional)
})

export const NoInput = GlobalFlag.Setting("no-input")({
  flag: isSet("no-input", "Never ask; fail where a yes is needed")
})

/** On every command. */
export const everywhere = [Quiet, Debug] as const

/** On every command that talks to an instance. */
export const ofInstance = [Json, Instance, TokenFile, DataFolder] as const

/** A flag of one command that is either there or not. */
export const flag = isSet

/** A flag of one command with a text behind it. */
export const value = text
