// HTML that the server drew, in which buttons tell it by their value that they were pressed.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".pressed"), at = document.activeElement
  if (root.drawn !== data.html) {
    const value = root.contains(at) ? at.value : null
    root.innerHTML = root.drawn = data.html
    if (value) root.querySelector(`button[value="${CSS.escape(value)}"]`)?.focus({ preventScroll: true })
  }
  root.onclick = ({ target }) => {
    const inRow = target.closest("tr")?.querySelectorAll("button[value]") ?? []
    const button = target.closest("button[value]") ?? (inRow.length === 1 ? inRow[0] : null)
    if (button) setTriggerValue("pressed", button.value)
  }
}
