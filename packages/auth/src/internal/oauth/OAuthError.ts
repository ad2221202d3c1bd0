import * as Data from "effect/Data"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

/** Codes of RFC 6749 (4.1.2.1, 5.2), 7009, 7591, 8628, 8693, 8707, 9449 and OpenID Connect. */
export type OAuthErrorCode =
  | "access_denied"
  | "authorization_pending"
  | "expired_token"
  | "invalid_client"
  | "invalid_client_metadata"
  | "invalid_dpop_proof"
  | "invalid_grant"
  | "invalid_redirect_uri"
  | "invalid_request"
  | "invalid_scope"
  | "invalid_target"
  | "login_required"
  | "request_not_supported"
  | "request_uri_not_supported"
  | "slow_down"
  | "temporarily_unavailable"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "use_dpop_nonce"

/** A refusal in the words of OAuth. `reason` is for the audit log and is told to nobody. */
export class OAuthError extends Data.TaggedError("OAuthError")<{
  readonly error: OAuthErrorCode
  readonly description: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly reason?: string | undefined
}> {
  static make(
    error: OAuthErrorCode,
    description: string,
    options: {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      readonly reason?: string
    } = {}
  ): OAuthError {
    return new OAuthError({ error, description, status: 400, ...options })
  }
}

/** The answer that OAuth clients understand (RFC 6749, section 5.2). */
export const oauthAnswer = ({ description, error, headers, status }: OAuthError) =>
  HttpServerResponse.jsonUnsafe(
    { error, error_description: description },
    { status, headers: { "cache-control": "no-store", ...headers } }
  )
