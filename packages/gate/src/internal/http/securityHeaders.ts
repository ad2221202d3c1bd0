/**
 * Headers of every answer, unless the handler sets them itself. What is served to a browser as a page loosens them.
 * Source: OWASP REST security cheat sheet.
 */
export const securityHeaders = (publicUrl: string | undefined): Readonly<Record<string, string>> => ({
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  ...(publicUrl?.startsWith("https:") ? { "strict-transport-security": "max-age=31536000" } : {})
})
