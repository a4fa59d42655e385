// The questions that an advisor may ask on a call: a press chooses, a second one takes the choice back.

function drawn(parent, { word, label, before, hint, choices }) {
  const group = parent.querySelector(`[data-question=${word}]`) ?? parent.appendChild(document.createElement("div"))
  if (group.shape === JSON.stringify([label, before, hint, choices])) return group
  group.shape = JSON.stringify([label, before, hint, choices])
  group.dataset.question = word
  group.setAttribute("role", "group")
  group.setAttribute("aria-label", label)
  const title = Object.assign(document.createElement("h3"), { textContent: label })
  if (before) title.append(" ", Object.assign(document.createElement("small"), { textContent: before }))
  const buttons = choices.map(([choice, text]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text })
    button.dataset.choice = choice
    return button
  })
  const field = Object.assign(document.createElement("input"), { type: "text", placeholder: hint, autocomplete: "off" })
  field.setAttribute("aria-label", `${label}: ${hint}`)
  group.replaceChildren(title, ...buttons, field)
  return group
}

function press(group, choice) {
  for (const button of group.querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.dataset.choice === choice))
}

export default function ({ data, parentElement }) {
  const book = theBook(data.advisor), line = parentElement.querySelector("p")
  const list = parentElement.querySelector("section > div"), drafts = []
  for (const child of [...list.children])
    if (!data.questions.some(({ word }) => word === child.dataset.question)) child.remove()

  for (const question of data.questions) {
    const group = drawn(list, question), field = group.querySelector("input")
    const [choice, words] = ["choice", "words"].map((part) => {
      const draft = draftOf(book, `intake/${data.callback}/${question.word}/${part}`)
      take(draft, { text: question[part], at: question.at })
      drafts.push(draft)
      return draft
    })
    list.append(group) // in the order of the helpline
    press(group, choice.text)
    field.maxLength = data.longest
    replaceWords(field, words.text)
    choice.shown = { set: (text) => press(group, text), line, words: data.words }
    words.shown = { set: (text) => replaceWords(field, text), line, words: data.words }
    for (const button of group.querySelectorAll("button"))
      button.onclick = () => {
        write(choice, choice.text === button.dataset.choice ? "" : button.dataset.choice)
        press(group, choice.text)
      }
    field.oninput = () => write(words, field.value)
    field.onblur = () => save(words)
    field.onkeydown = (event) => {
      if (event.key === "Escape") field.blur()
    }
  }
  for (const draft of drafts) if (draft.state && draft.state !== "saved") show(draft, draft.state)
  return () => {
    for (const draft of drafts) {
      if (draft.shown?.line === line) draft.shown = null
      leave(book, draft)
    }
  }
}
