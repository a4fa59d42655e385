// The line of a set-up topic says when something in its forms is not saved yet, closed or open. Before it is lost, to
// another page, helpline or source, or with the whole page, somebody is asked. Back leads to the page before, past topics.
(() => {
  const PAGE = "/setup", TOPIC = "[class*=st-key-topic-]", SUBMIT = "[data-testid=stFormSubmitButton]"
  const FORM = "[data-testid=stForm]:not(.st-key-nothing-to-save *)"
  const PARTS = "input, textarea, [role=radio], [data-testid=stMultiSelect]"
  const TYPED = "input:not([type=checkbox], [type=radio], [role=combobox])"
  const stored = new Map() // what each form said before anybody touched it, anew from each press of its button
  const QUESTION = "[data-unsaved-question]", ANSWERS = "[data-answers]"
  const LINK = "[data-testid=stSidebarNavLink], [data-testid=stPageLink-NavLink]", CHOICE = ".st-key-setup-subject .stSelectbox"
  const UNANSWERED_AFTER = 1500 // milliseconds: a slow machine draws the page again so long after
  let sent = null, waiting = 0, agreed = false, refused = false

  const nameOf = (topic) => topic.className.match(/st-key-topic-\S+/)[0]
  const formsOf = (topic) =>
    [...topic.querySelectorAll(FORM)].map((form, at) => [`${nameOf(topic)} ${at}`, form])
  const said = (form) => [...form.querySelectorAll(PARTS)].map((part) => {
    if (part.type === "checkbox" || part.type === "radio") return part.checked
    return part.matches("input, textarea") ? part.value : `${part.ariaChecked} ${part.textContent}`
  }).join("\n")

  const isChanged = (name, form) => stored.has(name) && stored.get(name) !== said(form)
  const answers = () => document.querySelector(ANSWERS)?.dataset ?? {}

  function mark() {
    hear()
    for (const topic of document.querySelectorAll(TOPIC)) {
      topic.toggleAttribute("data-unsaved", formsOf(topic).some(([name, form]) => isChanged(name, form)))
    }
  }

  function touch(event) {
    const topic = event.target.closest?.(TOPIC)
    if (!topic) return
    hear()
    for (const [name, form] of formsOf(topic)) {
      if (!form.contains(event.target)) continue
      if (!stored.has(name)) stored.set(name, said(form))
      if (sends(event)) send(name, form)
    }
  }

  const sends = ({ type, target, key }) =>
    type === "click" ? target.closest(SUBMIT) : key === "Enter" && target.matches(TYPED)

  // What is sent is taken for saved until the server's answer, so that nobody is asked about it.
  function send(name, form) {
    const isFirst = !sent, isOnceMore = sent?.name === name && !isChanged(name, form)
    const before = isOnceMore ? sent.before : stored.get(name)
    if (sent && sent.name !== name) settle(false)
    sent = { name, before, isFirst, answers: answers().answers }
    stored.delete(name)
    wait()
  }

  // Of two that were sent, the first answer may be the first one's: the last one counts, once the page is still.
  function hear(isStill = false) {
    if (!sent || answers().answers === sent.answers || !sent.isFirst && !isStill) return
    settle(answers().answered === "success")
  }

  function settle(isSaved) {
    clearTimeout(waiting)
    if (!isSaved) stored.set(sent.name, sent.before)
    sent = null
  }

  function wait() {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      hear(true)
      if (sent) settle(false)
      mark()
    }, UNANSWERED_AFTER)
  }

  const push = history.pushState
  history.pushState = function (state, title, address) {
    const isStay = location.pathname === PAGE && new URL(address, location).pathname === PAGE
    return (isStay ? history.replaceState : push).call(this, state, title, address)
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

  for (const kind of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "keydown"]) addEventListener(kind, ask, true)
  addEventListener("input", () => { agreed = false }, true)
  addEventListener("beforeunload", (event) => {
    if (isUnsaved() && !("leaves" in document.documentElement.dataset)) event.preventDefault()
  })
  for (const kind of ["pointerdown", "focusin", "keydown", "click"]) addEventListener(kind, touch, true)
  for (const kind of ["input", "change", "click", "keyup"]) {
    addEventListener(kind, () => requestAnimationFrame(mark), true) // a box keeps its click to itself
  }
  // A press runs the page and then draws it again, and the answer with it; between the two the page rests for a moment.
  new MutationObserver((changes) => {
    clearTimeout(waiting)
    if (changes.map(({ target }) => target.dataset.testScriptState).at(-1) !== "notRunning") return
    mark()
    if (sent) wait()
  }).observe(document.getElementById("root"), { subtree: true, attributes: true, attributeFilter: ["data-test-script-state"] })
})()
