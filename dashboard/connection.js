// Says in one line that the server is away, until it is back; a wallboard says so itself, large: static/wall.css.
(() => {
  const AFTER = 2000 // milliseconds: a page that is opened, or left, has no connection for a moment
  const bar = document.getElementById("no-connection")
  let wait = 0
  new MutationObserver(([{ target }]) => {
    if (target.dataset.testConnectionState !== "CONNECTED") wait ||= setTimeout(() => { bar.hidden = false }, AFTER)
    else {
      wait = clearTimeout(wait)
      bar.hidden = true
    }
  }).observe(document.getElementById("root"), {
    subtree: true, attributes: true, attributeFilter: ["data-test-connection-state"],
  })
})()
