// The line of a set-up topic says when something in its forms is not saved yet, closed or open.
(() => {
  const TOPIC = "[class*=st-key-topic-]", REFUSED = ".st-key-last-action-warning"
  const PARTS = "input, textarea, [role=radio], [data-testid=stMultiSelect]"
  const stored = new Map() // what each form said before anybody touched it
  let sent = ""

  const nameOf = (topic) => topic.className.match(/st-key-topic-\S+/)[0]
  const formsOf = (topic) =>
    [...topic.querySelectorAll("[data-testid=stForm]")].map((form, at) => [`${nameOf(topic)} ${at}`, form])
  const said = (form) => [...form.querySelectorAll(PARTS)].map((part) => {
    if (part.type === "checkbox" || part.type === "radio") return part.checked
    return part.matches("input, textarea") ? part.value : `${part.ariaChecked} ${part.textContent}`
  }).join("\n")

  function mark() {
    for (const topic of document.querySelectorAll(TOPIC)) {
      topic.toggleAttribute("data-unsaved", formsOf(topic).some(([name, form]) => stored.has(name) && stored.get(name) !== said(form)))
    }
  }

  function touch({ type, target }) {
    const topic = target.closest?.(TOPIC)
    if (!topic) return
    for (const [name, form] of formsOf(topic)) {
      if (!form.contains(target)) continue
      if (!stored.has(name)) stored.set(name, said(form))
      if (type === "click" && target.closest("[data-testid=stFormSubmitButton]")) sent = name
    }
  }

  for (const kind of ["pointerdown", "focusin", "click"]) addEventListener(kind, touch, true)
  for (const kind of ["input", "change", "click", "keyup"]) addEventListener(kind, () => requestAnimationFrame(mark))
  new MutationObserver((changes) => {
    if (!changes.some(({ target }) => target.dataset.testScriptState === "notRunning")) return
    if (sent && !document.querySelector(REFUSED)) stored.delete(sent)
    sent = ""
    mark()
  }).observe(document.getElementById("root"), { subtree: true, attributes: true, attributeFilter: ["data-test-script-state"] })
})()
