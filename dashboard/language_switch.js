// Another language is chosen: the page is loaded anew, and what was typed in its fields and not saved stands there again.
(() => {
  const KEPT = "words typed before another language"
  const TYPED = "textarea, input:is([type=text], [type=number], :not([type])):not([role])"
  const EVERY = 100, LOOKS = 200 // milliseconds, and how often: then it is another page
  const KEYED = "[data-testid=stMain] [class*=st-key-]"
  const fields = () => [...document.querySelectorAll(`${KEYED} :is(${TYPED})`)]

  // A field is known by the page's address, the key of what it stands in, which has the person's id, and its place there.
  const nameOf = (field) => {
    const keyed = field.closest(KEYED), key = keyed.className.match(/st-key-\S+/)[0]
    return [location.pathname + location.search, key, [...keyed.querySelectorAll(TYPED)].indexOf(field)].join(" ")
  }

  addEventListener("click", async ({ target }) => {
    const button = target.closest?.("button[data-language]")
    if (!button || button.getAttribute("aria-pressed") === "true") return
    const body = new URLSearchParams({ lang: button.dataset.language })
    const answer = await fetch("/api/language", { method: "POST", body }).catch(() => null)
    if (!answer?.ok) return // the server is away, and the page says so
    sessionStorage.setItem(KEPT, JSON.stringify(fields().map((field) => [nameOf(field), field.value])))
    document.documentElement.dataset.leaves = "" // nobody is asked: nothing typed is lost
    location.reload()
  })

  const kept = new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"))
  sessionStorage.removeItem(KEPT) // words of people stay nowhere
  const putBack = (looks) => {
    const found = document.querySelector(".arriving") ? [] : fields()
    for (const field of found) {
      const words = kept.get(nameOf(field))
      kept.delete(nameOf(field))
      if (words === undefined || words === field.value || field === document.activeElement) continue
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, words)
      for (const kind of ["input", "focusout"]) field.dispatchEvent(new Event(kind, { bubbles: true }))
    }
    if (kept.size && looks) setTimeout(putBack, EVERY, looks - 1)
  }
  putBack(LOOKS)
})()
