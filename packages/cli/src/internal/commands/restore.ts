import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { DataFolder, flag, Json, NoInput } from "../flags.ts"

export const restore = Command.make(
  "restore",
  {
    file: Argument.String("FILE").pipe(Argument.withDescription("A backup")),
    yes: flag("yes", "Do not ask", "y")
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/restore.ts")),
      (module) => module.restore(input)
    )
).pipe(
  Command.withShortDescription("Put a backup in the place of the database"),
  Command.withDescription(
    "Puts a backup in the place of the database of the data folder. What was there is kept in backups/. Refused while an instance runs on it, and for a backup that is damaged or was made by a later version; then nothing has changed. A backup of an earlier version is brought up to date by the next start."
  ),
  Command.withExamples([
    { command: "portico restore .portico/backups/portico-2026-01-31T12-00-00-000Z.db" },
    { command: "portico restore /mnt/backup/monday.db --data /var/lib/portico --yes", description: "In a script" }
  ]),
  Command.withGlobalFlags([Json, DataFolder, NoInput])
)
