import { extensionPoint } from "./ExtensionPoint.ts"
import { define, optional, when } from "./Module.ts"
import { plan } from "./Plan.ts"
import { make } from "./Product.ts"
import { auth } from "./Route.ts"
import { config, FrameworkSettings, setting } from "./Settings.ts"

/** Everything that a product and its modules are declared with, under one name. */
export const Gateway = {
  module: { define },
  optional,
  when,
  extensionPoint,
  make,
  plan,
  auth,
  setting,
  config,
  FrameworkSettings
} as const
