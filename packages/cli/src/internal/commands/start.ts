import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { DataFolder, value } from "../flags.ts"

export const start = Command.make(
  "start",
  {
    settings: Argument.String("SETTINGS").pipe(
      Argument.withDescription("Behind --: a flag for any other setting, e.g. --log-level=Debug"),
      Argument.variadic()
    ),
    host: value("host", "HOST", "Address to bind (PORTICO_HOST; default: loopback only)").pipe(Flag.optional),
    port: Flag.Int("port").pipe(
      Flag.withMetavar("PORT"),
      Flag.withDescription("Port to bind, 0 for a free one (PORTICO_PORT; default 4000)"),
      Flag.filter(
        (port) => port >= 0 && port <= 65_535,
        (port) => `${port} is not a port: 0 to 65535`
      ),
      Flag.optional
    ),
    databaseUrl: value(
      "database-url",
      "URL",
      "PostgreSQL database, as postgres://user@host:5432/name (PORTICO_DATABASE_URL, which may hold a password; default: SQLite in the data folder)"
    ).pipe(Flag.optional),
    config: value("config", "FILE", "Read settings from FILE (default: portico.toml, if it is there)").pipe(
      Flag.optional
    )
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/start.ts")),
      (module) => module.start(input)
    )
).pipe(
  Command.withShortDescription("Run the default distro"),
  Command.withDescription(
    "Runs the default distro in this process until it is stopped with Ctrl-C. Settings come from flags, then PORTICO_* in the environment, then the settings file, then defaults."
  ),
  Command.withExamples([
    { command: "portico start" },
    { command: "portico start --port 4010 --data ./elsewhere", description: "A second instance" },
    {
      command: "portico start --database-url postgres://portico@localhost/portico",
      description: "On PostgreSQL; any number of instances may share a database"
    },
    { command: "portico start -- --log-level=Debug --no-access-log", description: "Any setting that there is" },
    { command: "PORTICO_BUNDLED_DOMAINS=none portico start", description: "Without the example domains" }
  ]),
  Command.withGlobalFlags([DataFolder])
)
