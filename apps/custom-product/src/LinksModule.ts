import { Gateway } from "@portico/gate"
import { Kernel, SchemaInstaller } from "@portico/kernel"
import { go, handlers } from "./http.ts"
import { Links } from "./Links.ts"
import { LinksApi } from "./LinksApi.ts"
import { Titles } from "./Titles.ts"

/** Short links over the graph. */
export const LinksModule = Gateway.module.define({
  id: "links",
  displayName: "Short links",
  version: "1.0.0",
  requires: [Kernel, SchemaInstaller, Titles],
  provides: [Links],
  layer: Links.layer,
  routes: [
    { id: "route:links", scope: "public", mountPath: "/links", api: LinksApi, handlers },
    { id: "route:go", scope: "public", mountPath: "/go/:slug", auth: "public", handle: go }
  ]
})

/** Reads the titles of pages elsewhere. */
export const TitlesModule = Gateway.module.define({
  id: "titles",
  displayName: "Page titles",
  version: "1.0.0",
  provides: [Titles],
  layer: Titles.layer
})
