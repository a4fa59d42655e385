// The work list: rows that the server drew, kept where they are while others come and go, opened by a click or by keys.

const PART = Symbol("work list")
const TICK = 10000, TELL_AFTER = 150 // milliseconds
const NARROW = "(max-width: 48rem)", PANEL = ".st-key-work-panel" // there it stands above the list
const ARROWS = { ArrowDown: 1, ArrowUp: -1 }
const ACTIONS = `${PANEL} :is(a, button, input, textarea):not(.st-key-close-row *)`
const TYPED_INTO = "input, textarea, select, [contenteditable]"

const make = (name, className = "", text = "") => Object.assign(document.createElement(name), { className, textContent: text })
const keyOf = (row) => row.dataset.key
const shownRows = (list) => list.rows.filter((row) => !row.hidden)

function length(seconds, words) {
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60)
  if (hours >= 48) return words.days.replace("{days}", Math.floor(hours / 24))
  if (hours) return words.hours.replace("{h}", hours).replace("{min}", String(minutes % 60).padStart(2, "0"))
  return words.minutes.replace("{min}", minutes)
}

function tick(list) {
  const now = Date.now() + list.ahead
  for (const time of list.root.querySelectorAll("time")) {
    const text = length(Math.max(0, now - Number(time.dataset.at)) / 1000, list.told.lengths)
    if (time.textContent !== text) time.textContent = text
  }
}

function drawParts(list) {
  const { parts, part } = list.told, place = list.root.querySelector(".parts")
  if (place.children.length !== parts.length) place.replaceChildren(...parts.map(() => make("button")))
  parts.forEach(({ name, label, count, urgent }, at) => {
    const button = place.children[at]
    button.type = "button"
    button.className = urgent ? "urgent" : ""
    button.replaceChildren(label, " ", make("b", "", count))
    button.setAttribute("aria-current", String(name === part))
    button.onclick = () => name === list.told.part || list.tell("part", name)
  })
}

function newRow(list, key) {
  const row = make("li", "row")
  row.dataset.key = key
  const pick = row.appendChild(make("label", "pick")), box = pick.appendChild(make("input"))
  box.type = "checkbox"
  box.onchange = () => select(list, [key], box.checked)
  const open = row.appendChild(make("button", "open"))
  open.type = "button"
  open.onclick = () => openRow(list, key)
  row.addEventListener("focusin", () => {
    list.at = key
    drawTabStop(list)
  })
  return row
}

function newGroup(list, name) {
  const group = make("li", "group"), label = group.appendChild(make("label"))
  const box = label.appendChild(make("input"))
  box.type = "checkbox"
  box.onchange = () => select(list, shownRows(list).filter((row) => row.group === name).map(keyOf), box.checked)
  label.append(make("span"))
  return group
}

// Rows stay the same elements: whoever is on one with the keyboard stays on it.
function drawRows(list) {
  const place = list.root.querySelector(".rows"), before = list.known
  const parts = new Map(), rows = []
  let last = place.firstChild, group = null, at = 0
  const put = (name, element) => {
    parts.set(name, element)
    if (element === last) last = last.nextSibling
    else place.insertBefore(element, last)
  }
  for (const [key, html, name] of list.told.rows) {
    if (name !== group) {
      group = name
      const header = before.get(`group ${name}`) ?? newGroup(list, name)
      header.name = name
      put(`group ${name}`, header)
    }
    const row = before.get(key) ?? newRow(list, key), open = row.lastChild
    if (row.html !== html) {
      open.innerHTML = row.html = html
      row.text = open.textContent.toLowerCase()
      row.firstChild.firstChild.setAttribute("aria-label", list.told.words.select.replace("{who}", open.querySelector(".who").textContent))
    }
    row.group = name
    put(key, row)
    rows.push(row)
    at += 1
  }
  for (const [name, element] of before) if (!parts.has(name)) element.remove()
  list.known = parts
  list.rows = rows
  const there = new Set(rows.map(keyOf))
  const gone = [...list.selected].filter((key) => !there.has(key))
  if (gone.length) select(list, gone, false)
}

function drawMarks(list) {
  const words = list.told.words, wanted = list.find.value.trim().toLowerCase()
  for (const row of list.rows) {
    row.hidden = wanted !== "" && !row.text.includes(wanted)
    row.firstChild.firstChild.checked = list.selected.has(keyOf(row))
    row.lastChild.setAttribute("aria-current", String(keyOf(row) === list.opened))
  }
  drawTabStop(list)
  const shown = shownRows(list), isAll = (rows) => rows.length > 0 && rows.every((row) => list.selected.has(keyOf(row)))
  for (const [name, header] of list.known) {
    if (!name.startsWith("group ")) continue
    const theirs = shown.filter((row) => row.group === header.name)
    header.hidden = !theirs.length
    header.querySelector("input").checked = isAll(theirs)
    header.querySelector("span").textContent = `${header.name} · ${countOf(list, header.name, theirs.length, wanted)}`
  }
  const all = list.root.querySelector(".all")
  all.hidden = !shown.length
  all.querySelector("input").checked = isAll(shown)
  const cut = list.told.cut
  all.querySelector("span").textContent = cut && !wanted ? cut.all : words.all
  list.root.querySelector(".found").textContent = wanted ? words.found.replace("{count}", shown.length) : ""
  const empty = list.root.querySelector(".empty")
  empty.hidden = shown.length > 0
  empty.textContent = wanted && list.rows.length ? (cut?.nothing ?? words.nothing) : list.told.empty
  drawCut(list)
  list.root.querySelector(".rows").hidden = !shown.length
}

// Of a group all are counted, shown or not; of what was typed, and of a reason in a list that goes on, those that are there.
function countOf(list, name, shown, wanted) {
  if (wanted) return shown
  return list.told.totals[name] ?? (list.told.cut ? `${shown}+` : shown)
}

// Where the list goes on, the next rows come below the first; whoever asked for them goes on with them.
function drawCut(list) {
  const place = list.root.querySelector(".cut"), more = list.more, cut = list.told.cut
  const next = list.rows[list.asked], isThere = list.root.getRootNode().activeElement === more
  place.hidden = !cut
  place.firstChild.textContent = cut?.sentence ?? ""
  more.textContent = cut?.more ?? ""
  more.onclick = () => {
    list.asked = list.rows.length
    list.tell("more", Date.now())
  }
  if (!next) return
  list.asked = undefined
  if (isThere) next.lastChild.focus()
}

// One row at a time is on the way of the Tab key: the next stop is the panel, not five hundred rows further.
function drawTabStop(list) {
  const shown = shownRows(list), byKey = (key) => shown.find((row) => keyOf(row) === key)
  const stop = byKey(list.at) ?? byKey(list.opened) ?? shown[0]
  for (const row of list.rows) row.firstChild.firstChild.tabIndex = row.lastChild.tabIndex = row === stop ? 0 : -1
}

// Once more, it is left for what can be done about it.
function openRow(list, key) {
  if (key === list.opened) return document.querySelector(ACTIONS)?.focus()
  list.opened = key
  list.selected.clear()
  drawMarks(list)
  list.tell("opened", key)
  if (matchMedia(NARROW).matches) document.querySelector(PANEL)?.scrollIntoView()
}

function select(list, keys, isWanted) {
  for (const key of keys) isWanted ? list.selected.add(key) : list.selected.delete(key)
  drawMarks(list)
  clearTimeout(list.telling)
  list.telling = setTimeout(() => list.tell("selected", [...list.selected]), TELL_AFTER)
}

function move(list, step) {
  const shown = shownRows(list), focused = list.root.getRootNode().activeElement, here = focused?.closest(".row")
  const isLast = here && here === shown[shown.length - 1]
  if (list.told.cut && step > 0 && (isLast || focused === list.more)) return list.more.focus()
  const from = focused === list.more ? shown.length : shown.indexOf(here ?? list.rows.find((row) => keyOf(row) === (list.opened || list.at)))
  const next = shown[Math.min(Math.max(from + step, 0), shown.length - 1)]
  next?.lastChild.focus({ preventScroll: true })
  next?.scrollIntoView({ block: "nearest" })
}

function press(list, event) {
  const typed = event.composedPath()[0]
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (typed === list.find && event.key === "Escape") return leaveFind(list)
  if (typed.closest?.(PANEL) && event.key === "Escape" && typed.ariaExpanded !== "true") return move(list, 0)
  if (typed.closest?.(".row, .cut") && event.key in ARROWS) {
    move(list, ARROWS[event.key])
    return event.preventDefault()
  }
  if (!list.told.keys || (typed.matches?.(TYPED_INTO) && typed.type !== "checkbox")) return
  const act = {
    j: () => move(list, 1),
    k: () => move(list, -1),
    x: () => selectHere(list, typed.closest?.(".row")),
    "/": () => list.find.focus(),
    Escape: () => list.selected.size && select(list, [...list.selected], false),
  }[event.key]
  if (!act) return
  act()
  event.preventDefault()
}

function leaveFind(list) {
  list.find.value = ""
  drawMarks(list)
  move(list, 0)
}

function selectHere(list, row) {
  if (row) select(list, [keyOf(row)], !list.selected.has(keyOf(row)))
}

// Whoever has a row open sees what became of it, although the panel is drawn by itself.
function tellNews(list) {
  const html = list.told.rows.find(([key]) => key === list.opened)?.[1] ?? ""
  if (list.drawn && list.drawn.key === list.opened && list.drawn.html !== html) list.tell("news", Date.now())
  list.drawn = { key: list.opened, html }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".work")
  const list = (parentElement[PART] ??= { root, known: new Map(), rows: [], selected: new Set(), find: root.querySelector(".find"), more: root.querySelector(".cut button") })
  Object.assign(list, { told: data, ahead: data.now - Date.now(), tell: setTriggerValue })
  if (data.opened !== list.opened || data.clears !== list.clears) list.selected.clear()
  Object.assign(list, { opened: data.opened, clears: data.clears })
  root.style.setProperty("--above", `${data.above}px`)
  root.querySelector(".parts").setAttribute("aria-label", data.words.parts)
  root.querySelector(".sentence").textContent = data.sentence
  root.querySelector(".keys").textContent = data.keys ? data.words.keys : ""
  list.find.placeholder = data.words.find
  list.find.setAttribute("aria-label", data.words.find)
  list.find.oninput = () => {
    drawMarks(list)
    const shown = new Set(shownRows(list).map(keyOf)), hidden = [...list.selected].filter((key) => !shown.has(key))
    if (hidden.length) select(list, hidden, false) // nothing is done to a row that nobody sees
  }
  root.querySelector(".all input").onchange = (event) => select(list, shownRows(list).map(keyOf), event.target.checked)
  drawParts(list)
  drawRows(list)
  drawMarks(list)
  tick(list)
  tellNews(list)
  list.ticking ??= setInterval(() => tick(list), TICK)
  if (!list.listening) document.addEventListener("keydown", (list.listening = (event) => press(list, event)))
  return () => {
    clearInterval(list.ticking)
    document.removeEventListener("keydown", list.listening)
    list.ticking = list.listening = null
  }
}
