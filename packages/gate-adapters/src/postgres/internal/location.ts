/** A server's URL as it may be shown: without the password and whatever options come with it. */
export const shownUrl = (url: string): string => {
  const shown = new URL(url)
  shown.password = ""
  shown.search = ""
  return shown.href
}
