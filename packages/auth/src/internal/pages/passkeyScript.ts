/**
 * What the pages do with passkeys. Whatever comes back is shown as text, never as markup. The conversions are those of
 * `parseCreationOptionsFromJSON` and `toJSON`, which not all browsers have yet.
 */
export const passkeyScript = `
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
const ask = async (path, body, csrf) => {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...(csrf ? { "x-csrf-token": csrf } : {}) },
    body: JSON.stringify(body)
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error.message)
  return answer
}
const shown = ({ id, rawId, type }, response) => ({ id, rawId: text(rawId), type, response })
const signIn = async (place) => {
  const options = await ask("/auth/passkeys/sign-in/challenge", {})
  const credential = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] }
  })
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response
  const answer = await ask("/auth/passkeys/sign-in", {
    returnTo: place.dataset.returnTo,
    credential: shown(credential, {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: text(userHandle)
    })
  })
  location.assign(answer.returnTo)
}
const add = async (place) => {
  const { csrf } = place.dataset
  const options = await ask("/auth/passkeys/challenge", {}, csrf)
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: options.excludeCredentials.map((one) => ({ ...one, id: bytes(one.id) }))
    }
  })
  const { attestationObject, clientDataJSON } = credential.response
  const name = place.querySelector("input").value.trim()
  await ask("/auth/passkeys", {
    ...(name === "" ? {} : { name }),
    credential: shown(credential, {
      attestationObject: text(attestationObject),
      clientDataJSON: text(clientDataJSON),
      transports: credential.response.getTransports?.() ?? []
    })
  }, csrf)
  location.reload()
}
const told = {
  NotAllowedError: "No passkey was chosen, or it took too long.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "Browsers have no passkeys for this address."
}
for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue
  place.hidden = false
  const button = place.querySelector("button")
  const problem = place.querySelector("[role=alert]")
  place.addEventListener("submit", async (event) => {
    event.preventDefault()
    button.disabled = true
    problem.textContent = ""
    try {
      await (place.dataset.passkey === "add" ? add : signIn)(place)
    } catch (error) {
      problem.textContent = told[error.name] ?? error.message
      button.disabled = false
      button.focus()
    }
  })
}
`
