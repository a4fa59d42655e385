// Notes that are never lost. What the server has not taken yet stays in this tab's own storage, and nowhere else.

const BOOK = Symbol.for("ringback.book")
const KEPT = "ringback.notes"
const SAVE_AFTER = 1000, AGAIN_AFTER = 2000, UNANSWERED_AFTER = 10000, FORGET_AFTER = 60000 // milliseconds
const NEVER = [403, 404, 413] // asking again cannot help

// One book for each tab: it outlives the page's parts, so that words on their way arrive after the card is gone.
function theBook(advisor) {
  const book = (window[BOOK] ??= opened())
  if (book.advisor !== advisor) resume(book, advisor)
  return book
}

function opened() {
  const book = { drafts: new Map(), advisor: null }
  const saveAll = () => book.drafts.forEach(save)
  addEventListener("pagehide", saveAll)
  document.addEventListener("visibilitychange", () => document.hidden && saveAll())
  document.addEventListener("keydown", (event) => begin(book, event))
  return book
}

// Words that this advisor typed before the page was loaded again; those of another are nobody's business.
function resume(book, advisor) {
  book.advisor = advisor
  book.drafts.clear()
  for (const name of Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT))) {
    const [, writer, callback] = name.split("/")
    if (writer !== String(advisor)) sessionStorage.removeItem(name)
    else save(write(draftOf(book, Number(callback)), sessionStorage.getItem(name)))
  }
}

function draftOf(book, callback) {
  const known = book.drafts.get(callback)
  if (known) return known
  const draft = { callback, name: `${KEPT}/${book.advisor}/${callback}`, text: "", at: 0, state: "", isNew: false }
  book.drafts.set(callback, draft)
  return draft
}

function write(draft, text) {
  Object.assign(draft, { text, isNew: true })
  sessionStorage.setItem(draft.name, text)
  if (draft.state !== "away") show(draft, "saving")
  draft.timer ??= setTimeout(save, SAVE_AFTER, draft)
  return draft
}

async function save(draft) {
  clearTimeout(draft.timer)
  draft.timer = null
  if (!draft.isNew || draft.isSending) return
  draft.isSending = true
  const text = draft.text, answer = await send(draft.callback, text)
  draft.isSending = false
  if (answer.at) draft.at = answer.at
  if (!answer.at && !NEVER.includes(answer.status)) again(draft)
  else if (draft.text === text) settle(draft, answer.at ? "saved" : "refused")
  else draft.timer ??= setTimeout(save, SAVE_AFTER, draft)
}

async function send(callback, body) {
  try {
    const sent = { method: "POST", body, keepalive: true, signal: AbortSignal.timeout(UNANSWERED_AFTER) }
    const answer = await fetch(new URL(`/api/notes/${callback}`, location.origin), sent)
    return answer.ok ? await answer.json() : { status: answer.status }
  } catch {
    return { status: 0 } // the server is away
  }
}

function again(draft) {
  show(draft, "away")
  draft.timer ??= setTimeout(save, AGAIN_AFTER, draft)
}

function settle(draft, state) {
  draft.isNew = false
  sessionStorage.removeItem(draft.name)
  show(draft, state)
}

function show(draft, state) {
  draft.state = state
  if (!draft.shown) return
  const { line, words } = draft.shown
  line.className = state === "refused" ? "away" : state
  // A screen reader hears of what is wrong, and not once a second that all is well.
  line.setAttribute("aria-live", line.className === "away" ? "polite" : "off")
  line.textContent = words[state] ?? ""
}

// One key leads to the notes, unless somebody is typing already.
function begin(book, event) {
  const shown = [...book.drafts.values()].find((draft) => draft.shown)?.shown
  if (!shown?.key || event.key.toUpperCase() !== shown.key || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.composedPath().some((node) => node.matches?.("input, textarea, select, [contenteditable=true]"))) return
  event.preventDefault()
  shown.field.focus()
}

export default function ({ data, parentElement }) {
  const book = theBook(data.advisor)
  const section = parentElement.querySelector("section")
  section.hidden = !data.callback
  if (!data.callback) return
  const [label, key] = section.querySelectorAll("span, kbd"), field = section.querySelector("textarea")
  label.textContent = data.words.label
  key.textContent = data.key
  field.id = "notes"
  section.querySelector("label").htmlFor = "notes"
  field.maxLength = data.longest

  const draft = draftOf(book, data.callback)
  // What the server read before it took the last words is older than they are.
  if (!draft.isNew && draft.state !== "refused" && data.at >= draft.at) Object.assign(draft, { text: data.text, at: data.at })
  if (!draft.isNew && !draft.state && draft.text) draft.state = "saved"
  if (field.value !== draft.text) field.value = draft.text
  draft.shown = { field, line: section.querySelector("p"), words: data.words, key: data.key }
  show(draft, draft.state)
  field.oninput = () => write(draft, field.value)
  field.onblur = () => save(draft)
  field.onkeydown = (event) => {
    if (event.key === "Escape") field.blur() // back to where keys do things
  }
  return () => {
    if (draft.shown?.field === field) draft.shown = null
    save(draft)
    setTimeout(() => draft.shown || draft.isNew || book.drafts.delete(draft.callback), FORGET_AFTER)
  }
}
