import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { ofInstance } from "../flags.ts"

export const backup = Command.make(
  "backup",
  {
    file: Argument.String("FILE").pipe(
      Argument.withDescription("Where to; a file in backups/ of the data folder if left out"),
      Argument.optional
    )
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/backup.ts")),
      (module) => module.backup(input)
    )
).pipe(
  Command.withShortDescription("Copy the database while the instance runs"),
  Command.withDescription(
    "Copies the database of the data folder as of one moment, whether or not an instance runs on it, and checks the copy. There is no file under that name until the copy is whole and on the disk. With --instance a running instance makes the copy in its own data folder, which needs an operator's token. For an instance on PostgreSQL use pg_dump. Exits with 1 if the check finds something."
  ),
  Command.withExamples([
    { command: "portico backup" },
    { command: "portico backup /mnt/backup/monday.db --data /var/lib/portico" },
    { command: "portico backup -i https://portico.example.com", description: "In the folder of that instance" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
