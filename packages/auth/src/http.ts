import { delegationRoutes } from "./internal/delegation/routes.ts"
import { administratorRoutes } from "./internal/routes/administratorRoutes.ts"
import { auditRoutes } from "./internal/routes/auditRoutes.ts"
import { authorizeRoutes } from "./internal/routes/authorizeRoutes.ts"
import { clientRoutes } from "./internal/routes/clientRoutes.ts"
import { credentialRoutes } from "./internal/routes/credentialRoutes.ts"
import { deviceRoutes } from "./internal/routes/deviceRoutes.ts"
import { issuerRoutes } from "./internal/routes/issuerRoutes.ts"
import { keyRoutes } from "./internal/routes/keyRoutes.ts"
import { linkRoutes } from "./internal/routes/linkRoutes.ts"
import { passkeyRoutes } from "./internal/routes/passkeyRoutes.ts"
import { passwordRoutes } from "./internal/routes/passwordRoutes.ts"
import { providerRoutes } from "./internal/routes/providerRoutes.ts"
import { secondFactorRoutes } from "./internal/routes/secondFactorRoutes.ts"
import { sessionRoutes } from "./internal/routes/sessionRoutes.ts"
import { tokenRoutes } from "./internal/routes/tokenRoutes.ts"
import { trustRoutes } from "./internal/trust/routes.ts"
import { viewRoutes } from "./internal/views/routes.ts"

/** The routes of the module. */
export const routes = [
  ...keyRoutes,
  ...credentialRoutes,
  ...sessionRoutes,
  ...providerRoutes,
  ...linkRoutes,
  ...passwordRoutes,
  ...passkeyRoutes,
  ...secondFactorRoutes,
  ...authorizeRoutes,
  ...tokenRoutes,
  ...deviceRoutes,
  ...clientRoutes,
  ...issuerRoutes,
  ...delegationRoutes,
  ...trustRoutes,
  ...viewRoutes,
  ...administratorRoutes,
  ...auditRoutes
] as const
