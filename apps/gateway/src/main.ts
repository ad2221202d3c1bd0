// The distro on Node, straight from its sources: what `pnpm dev` runs. `npm start` runs the same from a bundle.
import { porticoGateway } from "@portico/distro"
import { runMain } from "@portico/gate/node"

runMain(porticoGateway(), { argv: process.argv.slice(2), env: process.env })
