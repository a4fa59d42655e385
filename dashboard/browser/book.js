// Words that are never lost. What the server has not taken yet stays in this tab's own storage, and nowhere else.
// Every part in which an advisor writes brings this file along; the book is one for the whole tab.

const BOOK = Symbol.for("ringback.book")
const KEPT = "ringback.words"
const SAVE_AFTER = 1000, AGAIN_AFTER = 2000, UNANSWERED_AFTER = 10000, FORGET_AFTER = 60000 // milliseconds
const NEVER = [403, 404, 413] // asking again cannot help
const LARGEST_LAST_WORD = 60000 // bytes that a browser still sends for a page that is being left

// It outlives the page's parts, so that words on their way arrive after the card is gone.
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
  for (const name of Object.keys(sessionStorage).filter((name) => name.startsWith(`${KEPT} `))) {
    const [, writer, path] = name.split(" ")
    if (writer !== String(advisor)) sessionStorage.removeItem(name)
    else {
      const { base, text } = JSON.parse(sessionStorage.getItem(name))
      save(write(Object.assign(draftOf(book, path), { base }), text))
    }
  }
}

// `base` is what this tab knows to be kept; what another tab has kept since, the server joins.
function draftOf(book, path) {
  const known = book.drafts.get(path)
  if (known) return known
  const name = `${KEPT} ${book.advisor} ${path}`
  const draft = { path, name, base: "", text: "", at: 0, state: "", isNew: false }
  book.drafts.set(path, draft)
  return draft
}

function write(draft, text) {
  Object.assign(draft, { text, isNew: true })
  remember(draft)
  if (draft.state !== "away") show(draft, "saving")
  draft.timer ??= setTimeout(save, SAVE_AFTER, draft)
  return draft
}

function remember({ name, base, text }) {
  sessionStorage.setItem(name, JSON.stringify({ base, text }))
}

async function save(draft) {
  clearTimeout(draft.timer)
  draft.timer = null
  if (!draft.isNew || draft.isSending) return
  draft.isSending = true
  const { base, text } = draft, answer = await send(draft.path, JSON.stringify({ base, text }))
  draft.isSending = false
  if (!answer.at && !NEVER.includes(answer.status)) return again(draft)
  if (answer.at) Object.assign(draft, { at: answer.at, base: text })
  if (draft.text !== text) {
    remember(draft)
    draft.timer ??= setTimeout(save, SAVE_AFTER, draft)
  } else if (answer.text === undefined) settle(draft, answer.at ? "saved" : "refused")
  else {
    Object.assign(draft, { text: answer.text, base: answer.text })
    draft.shown?.set(answer.text)
    settle(draft, "joined")
  }
}

async function send(path, body) {
  try {
    const keepalive = new Blob([body]).size < LARGEST_LAST_WORD
    const sent = { method: "POST", body, keepalive, signal: AbortSignal.timeout(UNANSWERED_AFTER) }
    const answer = await fetch(new URL(`/api/${path}`, location.origin), sent)
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
  line.className = { refused: "away", joined: "away" }[state] ?? state
  // A screen reader hears of what is wrong, and not once a second that all is well.
  line.setAttribute("aria-live", line.className === "away" ? "polite" : "off")
  line.textContent = words[state] ?? ""
}

// What the server read before it took the last words is older than they are.
function take(draft, { text, at }) {
  if (!draft.isNew && draft.state !== "refused" && at >= draft.at && text !== draft.text)
    Object.assign(draft, { text, at, base: text })
  if (!draft.isNew && !draft.state && draft.text) draft.state = "saved"
}

function leave(book, draft) {
  save(draft)
  setTimeout(() => draft.shown || draft.isNew || book.drafts.delete(draft.path), FORGET_AFTER)
}

// Puts other words into a field; whoever types there goes on where they were.
function replaceWords(field, text) {
  if (field.value === text) return
  const before = field.value, { selectionStart, selectionEnd } = field
  let same = 0
  while (same < before.length && before[same] === text[same]) same++
  const moved = (place) => (place <= same ? place : Math.max(same, place + text.length - before.length))
  field.value = text
  if (field.getRootNode().activeElement === field) field.setSelectionRange(moved(selectionStart), moved(selectionEnd))
}

// One key leads to the notes, unless somebody is typing already.
function begin(book, event) {
  const shown = [...book.drafts.values()].find((draft) => draft.shown?.key)?.shown
  if (!shown || event.key.toUpperCase() !== shown.key || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.composedPath().some((node) => node.matches?.("input, textarea, select, [contenteditable=true]"))) return
  event.preventDefault()
  shown.field.focus()
}
