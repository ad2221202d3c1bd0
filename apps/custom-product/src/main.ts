// PORTICO_EDITORS_TOKEN=at-least-sixteen-characters node apps/custom-product/src/main.ts --port 4020 --data /tmp/links
import { runMain } from "@portico/gate/node"
import { product } from "./product.ts"

runMain(product, { argv: process.argv.slice(2), env: process.env })
