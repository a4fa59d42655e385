// The wallboard: draws what the server found, ticks by itself, makes every figure fit, and says when it is out of date.

const PART = Symbol("wall")
const STALE_AFTER = 75000 // the server draws at least every 30 s
const LOAD_ANEW_AFTER = 150000
const ASK_EVERY = 15000
const SMALLEST = 0.3, SMALL = 0.9, STEP = 0.94

const make = (name, text = "") => Object.assign(document.createElement(name), { textContent: text })
const two = (number) => String(number).padStart(2, "0")

function age(seconds) {
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60)
  if (hours > 99) return `${Math.floor(hours / 24)} d`
  return hours ? `${hours} h ${two(minutes % 60)}` : `${minutes}:${two(seconds % 60)}`
}

// Words are shrunk a little beside their figure, then the figure alone, and words once more; nothing is cut off.
function fit(section) {
  const [figure, style] = [section.querySelector("strong"), section.style]
  const isTooHigh = () => section.scrollHeight > section.clientHeight + 1
  const isTooLarge = () => isTooHigh() || [figure, section].some((one) => one.scrollWidth > one.clientWidth + 1)
  let size = 1, words = 1
  const set = () => (style.setProperty("--figure", size), style.setProperty("--words", words))
  for (set(); isTooHigh() && words > SMALL; set()) size *= STEP, words *= STEP
  for (; isTooLarge() && size > SMALLEST; set()) size *= STEP
  for (; isTooLarge() && words > SMALLEST; set()) words *= STEP
}

// What follows the last digit (AM, %, d) is smaller, so that the digits can be large. Without any, words may break on a phone.
function write(figure, text) {
  const [, number, unit] = text.match(/^(.*\d)(\D+)$/) ?? [null, text, ""]
  figure.className = /\d/.test(text) ? "" : "words"
  figure.replaceChildren(number, ...unit ? [make("small", unit)] : [])
}

// A line breaks between the parts of a note first; the dot between two is seen only within a line.
function writeNote(note, text) {
  const [first, ...others] = text.split(" · ").map((part) => make("span", part))
  for (const part of others) part.prepend(make("i", "· "))
  note.replaceChildren(first, ...others.flatMap((part) => [" ", part]))
}

function fill(section, tile) {
  const [label, figure, note] = section.children
  const shape = [tile.label, tile.note, tile.figure.replace(/\d/g, "0"), innerWidth, innerHeight, section.clientHeight].join("|")
  if (label.textContent !== tile.label) label.textContent = tile.label
  if (figure.textContent !== tile.figure) write(figure, tile.figure)
  if (note.textContent !== tile.note) writeNote(note, tile.note)
  section.className = tile.look
  if (section.shape === shape) return
  section.shape = shape
  fit(section)
}

// A figure that grows with time also changes its word and its colour on its own.
function grown(tile, now) {
  if (!tile.since) return tile
  const seconds = Math.floor(Math.max(0, now - tile.since) / 1000)
  const step = tile.steps.findLast(({ after }) => seconds >= after)
  return { ...tile, figure: age(seconds), note: step.note, look: step.look }
}

function tick(wall) {
  const { told, root } = wall, now = Date.now() + wall.ahead
  const tiles = root.querySelector(".tiles")
  while (tiles.children.length < told.tiles.length) {
    const section = tiles.appendChild(make("section"))
    section.append(make("h2"), make("strong"), make("p"))
  }
  told.tiles.forEach((tile, place) => fill(tiles.children[place], grown(tile, now)))
  const time = new Date(now).toLocaleTimeString(told.locale, { timeZone: told.zone, hour: "numeric", minute: "2-digit" })
  root.querySelector("footer time").textContent = `${time} · ${told.place}`
  doubt(wall)
}

// A board that stands still is worse than none: it says so, and loads itself anew once the desk is there again.
function doubt(wall) {
  const quiet = Date.now() - wall.drawnAt, warning = wall.root.querySelector(".stale")
  warning.hidden = quiet < STALE_AFTER
  if (warning.hidden) return
  if (warning.textContent !== wall.told.stale) warning.textContent = wall.told.stale
  if (quiet < LOAD_ANEW_AFTER || Date.now() - (wall.askedAt ?? 0) < ASK_EVERY) return
  wall.askedAt = Date.now()
  fetch("/health/live", { cache: "no-store" }).then((answer) => answer.ok && location.reload(), () => {})
}

export default function ({ data, parentElement }) {
  const wall = (parentElement[PART] ??= { root: parentElement.querySelector(".wall") })
  if (wall.told?.now !== data.now) Object.assign(wall, { ahead: data.now - Date.now(), drawnAt: Date.now() })
  wall.told = data
  wall.root.lang = data.lang
  wall.root.style.setProperty("--below", data.below)
  wall.root.querySelector("h1").textContent = data.title
  wall.root.querySelector("footer span").textContent = data.definition
  wall.root.querySelector(".alerts").replaceChildren(
    ...data.alerts.map(({ text, taken }) => Object.assign(make("li", text), { className: taken ? "taken" : "" })),
  )
  tick(wall)
  wall.ticking ??= setInterval(() => tick(wall), 250)
  return () => (clearInterval(wall.ticking), (wall.ticking = null))
}
