// Streamlit's own words, in the page's language: dashboard/http/framework_words.py. Nothing that people wrote is touched.
(() => {
  const told = document.getElementById("framework-words")
  if (!told) return
  const { words, frames, months, date } = JSON.parse(told.textContent)
  const ATTRIBUTES = ["aria-label", "aria-valuetext", "placeholder", "title"]
  const NAMED = ATTRIBUTES.map((name) => `[${name}]`).join()
  const DRAWN_BY_US = "[data-testid=stHtml], [data-testid=stBidiComponentRegular], [data-testid=stBidiComponentIsolated]"
  const WRITTEN = `:is(${DRAWN_BY_US}, [data-testid=stMarkdownContainer], [data-testid=stText], [data-testid=stFileUploaderFileName], `
    + "[role=option][data-key], [role=row], textarea, table, canvas, script, style):not([data-testid=stFileUploaderDropzone] *)"

  // The parts of a date are in English whatever the browser speaks: "11 – November", "November 23, 2026".
  const DATE = /^(?:(\d+) – )?([A-Z][a-z]+)(?: (\d+), (\d+))?$/
  const sayDate = (text) => {
    const [, number, name, day, year] = DATE.exec(text) ?? []
    if (!Object.hasOwn(months, name)) return text
    if (number) return `${number} – ${months[name]}`
    return day ? date.replace("{month}", months[name]).replace("{day}", day).replace("{year}", year) : text
  }

  const say = (text) => {
    if (Object.hasOwn(words, text)) return words[text]
    for (const [[before, after], [instead, behind]] of frames) {
      const isFramed = text.startsWith(before) && text.endsWith(after) && text.length > before.length + after.length
      if (isFramed) return instead + sayDate(text.slice(before.length, text.length - after.length)) + behind
    }
  }
  const nameAnew = (element) => {
    if (element.closest(DRAWN_BY_US)) return
    for (const name of ATTRIBUTES) {
      const said = element.getAttribute(name)
      const anew = said && (name === "aria-valuetext" ? sayDate(said) : say(said))
      if (anew && anew !== said) element.setAttribute(name, anew)
    }
  }
  const sayAnew = (text) => {
    const said = text.nodeValue.trim(), anew = said && say(said)
    if (anew && anew !== said && !text.parentElement?.closest(WRITTEN)) text.nodeValue = anew
  }
  const OURS = (node) => node.nodeType === Node.ELEMENT_NODE && node.matches(WRITTEN) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT
  const walk = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return sayAnew(root)
    if (root.nodeType !== Node.ELEMENT_NODE || root.closest(DRAWN_BY_US)) return
    if (root.matches(NAMED)) nameAnew(root)
    for (const one of root.querySelectorAll(NAMED)) nameAnew(one)
    if (root.closest(WRITTEN)) return
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, OURS)
    while (texts.nextNode()) if (texts.currentNode.nodeType === Node.TEXT_NODE) sayAnew(texts.currentNode)
  }

  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") nameAnew(target)
      else if (type === "characterData") sayAnew(target)
      else addedNodes.forEach(walk)
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES })
  walk(document.body)
})()
