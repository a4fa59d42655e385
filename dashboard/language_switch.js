// Another language is chosen: the page is loaded anew, and what was typed in its fields and not saved stands there again.
(() => {
  const KEPT = "words typed before another language"
  const TYPED = "textarea, input:is([type=text], [type=number], :not([type])):not([role])"
  const EVERY = 100, LOOKS = 200 // milliseconds, and how often: then it is another page
  const fields = () => [...document.querySelectorAll(`[data-testid=stMain] :is(${TYPED})`)]

  addEventListener("click", async ({ target }) => {
    const button = target.closest?.("button[data-language]")
    if (!button || button.getAttribute("aria-pressed") === "true") return
    const body = new URLSearchParams({ lang: button.dataset.language })
    const answer = await fetch("/api/language", { method: "POST", body }).catch(() => null)
    if (!answer?.ok) return // the server is away, and the page says so
    sessionStorage.setItem(KEPT, JSON.stringify(fields().map((field) => field.value)))
    location.reload()
  })

  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")
  sessionStorage.removeItem(KEPT) // words of people stay nowhere
  const putBack = (looks) => {
    const found = fields(), isThere = found.length === kept.length && !document.querySelector(".arriving")
    if (!isThere) return looks && setTimeout(putBack, EVERY, looks - 1)
    for (const [at, field] of found.entries()) {
      if (field.value === kept[at] || field === document.activeElement) continue
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, kept[at])
      for (const kind of ["input", "focusout"]) field.dispatchEvent(new Event(kind, { bubbles: true }))
    }
  }
  if (kept.some(Boolean)) putBack(LOOKS)
})()
