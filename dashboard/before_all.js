// Where the server is: asked below the address of each page instead, it is not found there.
// No window of Streamlit's own stands over a page: connection.js says that the server is away, in one line.
window.__streamlit = { BACKEND_BASE_URL: location.origin + "/", HOST_CONFIG: { blockErrorDialogs: true } }
// Calendars and the parts of a date follow the browser's language: they follow the page's where the browser speaks another.
const spoken = document.documentElement.lang
if (!navigator.language.startsWith(spoken)) {
  for (const [name, value] of [["language", `${spoken}-US`], ["languages", [`${spoken}-US`]]]) {
    Object.defineProperty(navigator, name, { get: () => value })
  }
}
