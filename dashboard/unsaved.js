// The line of a set-up topic says when something in its forms is not saved yet, closed or open. Before it is lost, to
// another page, helpline or source, or with the whole page, somebody is asked.
(() => {
  const TOPIC = "[class*=st-key-topic-]", REFUSED = ".st-key-last-action-warning"
  const PARTS = "input, textarea, [role=radio], [data-testid=stMultiSelect]"
  const stored = new Map() // what each form said before anybody touched it
  const QUESTION = "[data-unsaved-question]"
  const LINK = "[data-testid=stSidebarNavLink], [data-testid=stPageLink-NavLink]", CHOICE = ".st-key-setup-subject .stSelectbox"
  const SETTLED_AFTER = 1500 // milliseconds: a slow machine draws the page again so long after
  let sent = "", runs = false, settling = 0, agreed = false, refused = false

  const nameOf = (topic) => topic.className.match(/st-key-topic-\S+/)[0]
  const formsOf = (topic) =>
    [...topic.querySelectorAll("[data-testid=stForm]")].map((form, at) => [`${nameOf(topic)} ${at}`, form])
  const said = (form) => [...form.querySelectorAll(PARTS)].map((part) => {
    if (part.type === "checkbox" || part.type === "radio") return part.checked
    return part.matches("input, textarea") ? part.value : `${part.ariaChecked} ${part.textContent}`
  }).join("\n")

  // What is being saved is taken for saved until it is refused.
  const isChanged = (name, form) => name !== sent && stored.has(name) && stored.get(name) !== said(form)

  function mark() {
    for (const topic of document.querySelectorAll(TOPIC)) {
      topic.toggleAttribute("data-unsaved", formsOf(topic).some(([name, form]) => isChanged(name, form)))
    }
  }

  function touch({ type, target }) {
    const topic = target.closest?.(TOPIC)
    if (!topic) return
    if (settling) settle()
    for (const [name, form] of formsOf(topic)) {
      if (!form.contains(target)) continue
      if (!stored.has(name)) stored.set(name, said(form))
      if (type === "click" && target.closest("[data-testid=stFormSubmitButton]")) sent = name
    }
  }

  const isUnsaved = () => !agreed && document.querySelector(`${TOPIC}[data-unsaved]`) !== null

  // A link is followed by a click and a choice opened by what begins one: the rest of a gesture is refused with it.
  function ask(event) {
    const { type, target } = event, choice = target.closest?.(CHOICE)
    if (!isUnsaved() || !(choice || type === "click" && target.closest?.(LINK)) || event.key === "Tab") return
    const begins = type === "pointerdown" || type === "keydown" || !choice
    const question = document.querySelector(QUESTION)?.dataset.unsavedQuestion
    if (begins) refused = !(agreed = confirm(question))
    if (!refused) return
    event.preventDefault()
    event.stopImmediatePropagation()
  }

  function wait() {
    clearTimeout(settling)
    settling = 0
  }

  function settle() {
    wait()
    if (!document.querySelector(REFUSED)) stored.delete(sent)
    sent = ""
    runs = false
    mark()
  }

  for (const kind of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "keydown"]) addEventListener(kind, ask, true)
  addEventListener("input", () => { agreed = false }, true)
  addEventListener("beforeunload", (event) => {
    if (isUnsaved() && !("leaves" in document.documentElement.dataset)) event.preventDefault()
  })
  for (const kind of ["pointerdown", "focusin", "click"]) addEventListener(kind, touch, true)
  for (const kind of ["input", "change", "click", "keyup"]) addEventListener(kind, () => requestAnimationFrame(mark))
  // A press runs the page and then draws it again: what came of it is known when nothing has followed for a moment.
  new MutationObserver((changes) => {
    const state = changes.map(({ target }) => target.dataset.testScriptState).at(-1)
    if (state === "running") {
      wait()
      runs = sent !== ""
    }
    if (state !== "notRunning") return
    mark()
    if (runs) settling = setTimeout(settle, SETTLED_AFTER)
  }).observe(document.getElementById("root"), { subtree: true, attributes: true, attributeFilter: ["data-test-script-state"] })
})()
