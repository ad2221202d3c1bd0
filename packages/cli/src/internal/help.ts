/**
 * Help at 80 columns, and usage errors in a few lines.
 */
import type * as CliError from "effect/cli/CliError"
import type { ArgDoc, ExampleDoc, FlagDoc, HelpDoc, SubcommandDoc } from "effect/cli/HelpDoc"
import * as Option from "effect/Option"
import type { Io, Output } from "../Io.ts"
import { pad, printable, type Style, styleFor, width, wrap } from "./text.ts"

interface Row {
  readonly name: string
  readonly text: string
}

// Names longer than this stand on a line of their own.
const widestName = 28

const table = (rows: ReadonlyArray<Row>, columns: number, paint: (text: string) => string): ReadonlyArray<string> => {
  const fitting = rows.map((row) => width(row.name)).filter((cells) => cells <= widestName)
  const left = Math.max(0, ...fitting)
  const right = columns - left - 4
  return rows.flatMap(({ name, text }) => {
    const [first = "", ...rest] = wrap(text, right)
    const indent = " ".repeat(left + 4)
    const below = rest.map((line) => indent + line)
    return width(name) <= widestName
      ? [`  ${paint(pad(name, left))}  ${first}`.trimEnd(), ...below]
      : [`  ${paint(name)}`, indent + first, ...below]
  })
}

const section = (title: string, lines: ReadonlyArray<string>, style: Style): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [style.bold(title), ...lines, ""]

const flagRow = (flag: FlagDoc): Row => {
  const short = flag.aliases.find((alias) => /^-[^-]$/.test(alias))
  const long = flag.type === "boolean" ? `--${flag.name}` : `--${flag.name} ${flag.type}`
  return {
    name: short === undefined ? `    ${long}` : `${short}, ${long}`,
    text: Option.getOrElse(flag.description, () => "")
  }
}

const argumentRow = (argument: ArgDoc): Row => ({
  name: argument.name,
  text: Option.getOrElse(argument.description, () => "")
})

const commandRow = (command: SubcommandDoc): Row => ({
  name: command.alias === undefined ? command.name : `${command.name}, ${command.alias}`,
  text: command.shortDescription ?? command.description
})

const exampleLines = (examples: ReadonlyArray<ExampleDoc>, columns: number, style: Style): ReadonlyArray<string> =>
  examples.flatMap(({ command, description }) => [
    ...(description === undefined ? [] : wrap(`# ${description}`, columns - 2).map((line) => `  ${style.dim(line)}`)),
    `  ${style.cyan(command)}`
  ])

// What is the same everywhere comes last; what concerns the program as a whole is in its own help only.
const ranks: Readonly<Record<string, number>> = { quiet: 1, debug: 1, help: 2, version: 3, completions: 3 }
const rank = (flag: FlagDoc): number => ranks[flag.name] ?? 0

const flagsOf = (doc: HelpDoc): ReadonlyArray<FlagDoc> => {
  const ofProgram = doc.commandPath?.length === 1
  return [...doc.flags, ...(doc.globalFlags ?? [])]
    .filter((flag) => ofProgram || rank(flag) < 3)
    .toSorted((a, b) => rank(a) - rank(b))
}

/** Help for a command: what it does, how it is called, examples, arguments and flags. */
export const formatHelp = (io: Pick<Io, "env">, output: Output, doc: HelpDoc): string => {
  const style = styleFor(io, output)
  const columns = Math.max(40, Math.min(80, output.columns))
  const commands = (doc.subcommands ?? []).flatMap((group) => group.commands)
  const paragraphs = doc.description.split("\n\n").flatMap((text) => [...wrap(text.replaceAll("\n", " "), columns), ""])
  return [
    ...paragraphs,
    ...section(
      "Usage",
      wrap(doc.usage, columns - 2).map((line) => `  ${line}`),
      style
    ),
    ...section("Examples", exampleLines(doc.examples ?? [], columns, style), style),
    ...section("Commands", table(commands.map(commandRow), columns, style.cyan), style),
    ...section("Arguments", table((doc.args ?? []).map(argumentRow), columns, style.cyan), style),
    ...section("Flags", table(flagsOf(doc).map(flagRow), columns, style.cyan), style)
  ]
    .join("\n")
    .concat(commands.length > 0 ? `\nHelp on one command: ${(doc.commandPath ?? []).join(" ")} COMMAND --help\n` : "")
}

const takesFlagsOfStart = /^portico config (?:show|check)$/

/** Usage errors: one line each, and where to read on. */
export const formatUsageErrors = (
  io: Pick<Io, "env" | "err">,
  commandPath: ReadonlyArray<string>,
  errors: ReadonlyArray<CliError.CliError>
): string => {
  const { red } = styleFor(io, io.err)
  const lines = errors.map((error) => `portico: ${red("USAGE")}: ${oneLine(error.message)}`)
  const command = commandPath.join(" ")
  const isOfStart = takesFlagsOfStart.test(command) && errors.some(({ _tag }) => _tag === "UnrecognizedOption")
  const hint = isOfStart ? [`Flags of portico start go behind --, for example: ${command} -- --port=4010`] : []
  return `${[...new Set(lines), ...hint, `See: ${command} --help`].join("\n")}\n`
}

/** effect/cli puts suggestions on lines of their own. */
const oneLine = (message: string): string => {
  const [problem = "", suggestions] = message.split(/\s*Did you mean this\?\s*/)
  const meant = suggestions === undefined ? "" : `; did you mean ${suggestions.trim().split(/\s+/).join(" or ")}?`
  return printable(problem.replace(/\s*\n\s*/g, " ") + meant)
}
