/**
 * Method names that domains may not use, because every node or every identity has, or will have, a method of the
 * kernel with that name. Static methods of single kernel classes (`install`, `list`) are not among them, nor are `import`
 * and `export`: they are static, and a class with one of its own has that.
 */
export const reservedMethodNames: ReadonlySet<string> = new Set([
  // Node
  "createNode",
  "get",
  "update",
  "delete",
  "restore",
  "move",
  "link",
  "unlink",
  "getLink",
  "updateLink",
  "getLinks",
  "countLinks",
  "listChildren",
  "countChildren",
  "getTree",
  "query",
  "mutate",
  "changes",
  "history",
  "listTrash",
  "describe",
  "listHolders",
  // Identity
  "whoami",
  "grantPerm",
  "revokePerm",
  "listPerms",
  "checkPerm",
  "explainPerm",
  "listAccessible",
  "registerIdentity",
  "mintDelegationCredential"
])
