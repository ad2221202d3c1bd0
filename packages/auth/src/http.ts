import { delegationRoutes } from "./internal/delegation/routes.ts"
import { credentialRoutes } from "./internal/routes/credentialRoutes.ts"
import { keyRoutes } from "./internal/routes/keyRoutes.ts"
import { sessionRoutes } from "./internal/routes/sessionRoutes.ts"
import { trustRoutes } from "./internal/trust/routes.ts"

/** The routes of the module. */
export const routes = [
  ...keyRoutes,
  ...credentialRoutes,
  ...sessionRoutes,
  ...delegationRoutes,
  ...trustRoutes
] as const
