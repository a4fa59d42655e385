// Streamlit reads out an icon within a sentence by the name of its drawing, as "call_received icon". The sentence says it all.
(() => {
  const NAMED = "span[role=img][translate=no][aria-label]"
  const hide = (icon) => {
    icon.removeAttribute("role")
    icon.removeAttribute("aria-label")
    icon.setAttribute("aria-hidden", "true")
  }
  const hideAll = () => document.querySelectorAll(NAMED).forEach(hide)
  const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"] }
  new MutationObserver(hideAll).observe(document.body, changes)
  hideAll()
})()
