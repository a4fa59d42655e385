// What opens beside a button has the keyboard at once, and gives it back: Streamlit draws it at the end of the page.
(() => {
  const BODY = "[data-testid=stPopoverBody]", OPENS = "[data-testid=stPopover] button"
  const STOPS = "a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [tabindex='0']"
  const LOOKS = 30 // frames: by then it is drawn
  let opener = null

  const stopsIn = (body) => [...body.querySelectorAll(STOPS)].filter((one) => one.tabIndex >= 0 && one.checkVisibility())

  const enter = (left) => {
    const [first] = stopsIn(document.querySelector(BODY) ?? document.createElement("div"))
    if (first) first.focus()
    else if (left) requestAnimationFrame(() => enter(left - 1))
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(OPENS)
    if (!button || event.detail) return // a mouse has no need of it
    opener = button
    enter(LOOKS)
  })

  document.addEventListener("keydown", (event) => {
    const body = event.target.closest?.(BODY)
    if (!body || !opener?.isConnected || event.key !== "Tab") return
    const stops = stopsIn(body), last = event.shiftKey ? stops[0] : stops.at(-1)
    if (event.target !== last) return
    opener.focus()
    event.preventDefault()
  })
})()
