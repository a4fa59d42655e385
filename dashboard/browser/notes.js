// An advisor's notes about the callback in their hands.

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
  field.rows = data.lines

  const draft = draftOf(book, `notes/${data.callback}`)
  take(draft, data)
  replaceWords(field, draft.text)
  const set = (text) => replaceWords(field, text)
  draft.shown = { field, set, line: section.querySelector("p"), words: data.words, key: data.key }
  show(draft, draft.state)
  field.oninput = () => write(draft, field.value)
  field.onblur = () => save(draft)
  field.onkeydown = (event) => {
    if (event.key === "Escape") field.blur() // back to where keys do things
  }
  return () => {
    if (draft.shown?.field === field) draft.shown = null
    leave(book, draft)
  }
}
