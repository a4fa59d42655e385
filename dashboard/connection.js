// Says in one line that the server is away, until it is back; a wallboard says so itself, large: static/wall.css.
(() => {
  const AFTER = 2000 // milliseconds: a page that is opened, or left, has no connection for a moment
  const bar = document.getElementById("no-connection"), root = document.getElementById("root")
  let wait = 0
  new MutationObserver(() => {
    const state = root.querySelector("[data-test-connection-state]")?.dataset.testConnectionState
    if (state !== "CONNECTED") wait ||= state && setTimeout(() => { bar.hidden = false }, AFTER)
    else {
      document.documentElement.dataset.connected = ""
      wait = clearTimeout(wait)
      bar.hidden = true
    }
  }).observe(root, { // a page may come that has tried in vain already
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-test-connection-state"],
  })
})()
